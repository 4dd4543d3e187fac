#include "sockets.h"
#include "test_access_log.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static struct access_log_stream stream;

/* Returns the reading end; it does not block. */
static int open_fifo_log(const char *name, struct access_log **ret_log)
{
    file_tree_fifo(name);
    int fd = open(file_tree_path(name), O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    ck_assert_int_ge(fd, 0);
    *ret_log = open_log(name);
    access_log_stream_init(&stream, *ret_log);
    return fd;
}

static unsigned newlines(const char *text)
{
    unsigned count = 0;

    while ((text = strchr(text, '\n')) != NULL) {
        text++;
        count++;
    }
    return count;
}

/* If an add waited for the reader, which is this very thread, this would never end. */
START_TEST(a_pipe_that_nobody_reads_costs_lines_that_are_counted_and_never_time)
{
    static char text[8 * 1024 * 1024];
    size_t length = 0;
    unsigned added = 0;
    unsigned next[MOST_WRITERS] = {0};
    struct access_log *log;
    int fd = open_fifo_log("unread", &log);

    while (access_log_dropped(log) == 0) {
        add_numbered(&stream, 0, added++);
    }
    for (int i = 0; i < 1000; i++) {
        add_numbered(&stream, 0, added++);
    }
    access_log_flush(&stream);
    uint64_t dropped = access_log_dropped(log);
    while (newlines(text) + dropped < added) {
        await_readable(fd);
        length += read_now(fd, text + length, sizeof text - 1 - length);
    }
    ck_assert_uint_eq(check_numbered(text, next), added - dropped);
    add_numbered(&stream, 0, added);
    access_log_stream_release(&stream);
    ck_assert_uint_eq(access_log_destroy(log), dropped);
    memset(text, 0, length);
    ck_assert_uint_gt(read_now(fd, text, sizeof text - 1), 0);
    ck_assert_uint_eq(check_numbered(text, next), 1);
    ck_assert_uint_eq(next[0], added + 1);
    close(fd);
}
END_TEST

/* As a FIFO, and as standard output, whose descriptor blocks. */
START_TEST(destroying_a_log_with_a_stuck_pipe_ends_and_counts_what_is_lost)
{
    static char text[1024 * 1024];
    struct access_log *log;
    int ends[2];

    if (_i == 0) {
        ends[0] = open_fifo_log("stuck", &log);
    } else {
        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        ck_assert_int_ge(dup2(ends[1], STDOUT_FILENO), 0);
        close(ends[1]);
        ck_assert_int_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
        ck_assert_int_eq(access_log_create("-", &log), 0);
        access_log_stream_init(&stream, log);
    }
    for (unsigned i = 0; i < 1500; i++) {
        add_numbered(&stream, 0, i);
    }
    access_log_stream_release(&stream);
    uint64_t dropped = access_log_destroy(log);
    size_t length = read_now(ends[0], text, sizeof text - 1);
    ck_assert_uint_lt(length, sizeof text - 1);
    ck_assert_msg(newlines(text) + dropped == 1500,
                  "1500 lines: %u of them came, but %llu are said to be lost", newlines(text),
                  (unsigned long long)dropped);
    close(ends[0]);
}
END_TEST

START_TEST(lines_for_a_reader_that_has_left_are_counted)
{
    struct access_log *log;
    int fd = open_fifo_log("left", &log);

    close(fd);
    for (unsigned i = 0; i < 3; i++) {
        add_numbered(&stream, 0, i);
    }
    access_log_stream_release(&stream);
    ck_assert_uint_eq(access_log_destroy(log), 3);
}
END_TEST

START_TEST(lines_that_a_full_device_refuses_are_counted)
{
    struct access_log *log;

    ck_assert_int_eq(access_log_create("/dev/full", &log), 0);
    access_log_stream_init(&stream, log);
    for (unsigned i = 0; i < 300; i++) {
        add_numbered(&stream, 0, i);
    }
    access_log_stream_release(&stream);
    ck_assert_uint_eq(access_log_destroy(log), 300);
}
END_TEST

static void limit_files(rlim_t size)
{
    struct rlimit limit;

    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = size;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Behind how many bytes of the second of three lines the file is full. */
static const size_t torn_at[] = {0, 1, 100};

START_TEST(after_a_torn_line_the_next_one_starts_on_a_line_of_its_own)
{
    char lines[3][LINE_ROOM];
    char expected[3 * LINE_ROOM];
    struct access_log *log = open_log("torn");

    numbered_line(0, 0, lines[0]);
    numbered_line(0, 1, lines[1]);
    numbered_line(0, 3, lines[2]);
    snprintf(expected, sizeof expected, "%s%.*s%s%s", lines[0], (int)torn_at[_i], lines[1],
             torn_at[_i] > 0 ? "\n" : "", lines[2]);
    signal(SIGXFSZ, SIG_IGN);
    limit_files(strlen(lines[0]) + torn_at[_i]);
    access_log_stream_init(&stream, log);
    for (unsigned i = 0; i < 3; i++) {
        add_numbered(&stream, 0, i);
    }
    access_log_flush(&stream);
    while (access_log_dropped(log) < 2) {
        sched_yield();
    }
    limit_files(RLIM_INFINITY);
    add_numbered(&stream, 0, 3);
    access_log_stream_release(&stream);
    ck_assert_uint_eq(access_log_destroy(log), 2);
    ck_assert_str_eq(file_text("torn"), expected);
    remove(file_tree_path("torn"));
}
END_TEST

TCase *access_log_drops(void)
{
    TCase *tcase = tcase_create("drops");

    tcase_add_unchecked_fixture(tcase, file_tree_create, file_tree_remove);
    tcase_add_test(tcase, a_pipe_that_nobody_reads_costs_lines_that_are_counted_and_never_time);
    tcase_add_loop_test(tcase, destroying_a_log_with_a_stuck_pipe_ends_and_counts_what_is_lost, 0,
                        2);
    tcase_add_test(tcase, lines_for_a_reader_that_has_left_are_counted);
    tcase_add_test(tcase, lines_that_a_full_device_refuses_are_counted);
    tcase_add_loop_test(tcase, after_a_torn_line_the_next_one_starts_on_a_line_of_its_own, 0,
                        sizeof torn_at / sizeof torn_at[0]);
    return tcase;
}
