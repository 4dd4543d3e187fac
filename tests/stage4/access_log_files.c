#include "allocation_faults.h"
#include "capture.h"
#include "sockets.h"
#include "test_access_log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

static struct access_log_stream stream;

static void expect_lines(const char *name, const char *text, unsigned first, unsigned count)
{
    unsigned next[MOST_WRITERS] = {first};
    unsigned lines = check_numbered(text, next);

    ck_assert_msg(lines == count && next[0] == first + count,
                  "%s: expected lines %u to %u, got %u lines and then line %u", name, first,
                  first + count - 1, lines, next[0]);
}

static void add_and_flush(unsigned number)
{
    add_numbered(&stream, 0, number);
    access_log_flush(&stream);
}

START_TEST(a_line_waits_in_its_stream_until_it_is_flushed)
{
    struct access_log *log = open_log("waiting");

    access_log_stream_init(&stream, log);
    ck_assert(!access_log_pending(&stream));
    add_numbered(&stream, 0, 0);
    ck_assert(access_log_pending(&stream));
    ck_assert_str_eq(file_text("waiting"), "");
    access_log_flush(&stream);
    ck_assert(!access_log_pending(&stream));
    access_log_flush(&stream);
    access_log_stream_release(&stream);
    ck_assert_uint_eq(access_log_destroy(log), 0);
    expect_lines("waiting", file_text("waiting"), 0, 1);
}
END_TEST

START_TEST(a_stream_hands_over_its_lines_when_it_is_released)
{
    struct access_log *log = open_log("released");

    access_log_stream_init(&stream, log);
    add_numbered(&stream, 0, 0);
    add_numbered(&stream, 0, 1);
    access_log_stream_release(&stream);
    ck_assert(!access_log_pending(&stream));
    ck_assert_uint_eq(access_log_destroy(log), 0);
    expect_lines("released", file_text("released"), 0, 2);
}
END_TEST

/* Nothing is released or destroyed before the lines have come: only a full stream can send them. */
START_TEST(a_full_stream_is_handed_over_by_itself)
{
    static char text[2 * ACCESS_LOG_FLUSH_SIZE];
    unsigned count = 0;

    file_tree_fifo("full");
    int fd = open(file_tree_path("full"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct access_log *log = open_log("full");
    access_log_stream_init(&stream, log);
    do {
        ck_assert_uint_lt(stream.length, ACCESS_LOG_FLUSH_SIZE);
        add_numbered(&stream, 0, count++);
    } while (access_log_pending(&stream));
    /* To the end of the line that made it full: a pipe brings it in pieces. */
    for (size_t length = 0; length < ACCESS_LOG_FLUSH_SIZE || text[length - 1] != '\n';) {
        await_readable(fd);
        length += read_now(fd, text + length, sizeof text - 1 - length);
    }
    expect_lines("full", text, 0, count);
    access_log_stream_release(&stream);
    access_log_destroy(log);
    close(fd);
}
END_TEST

START_TEST(a_stream_without_a_log_does_nothing)
{
    static struct access_log_stream zeros;

    add_numbered(&zeros, 0, 0);
    ck_assert(!access_log_pending(&zeros));
    access_log_flush(&zeros);
    access_log_stream_release(&zeros);
    ck_assert_uint_eq(access_log_destroy(NULL), 0);
}
END_TEST

START_TEST(a_file_that_is_there_is_appended_to)
{
    for (unsigned i = 0; i < 3; i++) {
        struct access_log *log = open_log("appended");
        access_log_stream_init(&stream, log);
        add_numbered(&stream, 0, i);
        access_log_stream_release(&stream);
        access_log_destroy(log);
    }
    expect_lines("appended", file_text("appended"), 0, 3);
}
END_TEST

static const struct {
    const char *name;
    int expected;
} refused[] = {
    {"missing/log", -ENOENT},
    {"folder", -EISDIR},
    {"fifo", -ENXIO},
};

static void make_refused(void)
{
    file_tree_create();
    file_tree_folder("folder");
    file_tree_fifo("fifo");
}

START_TEST(what_cannot_be_opened_is_refused_at_once)
{
    struct access_log *log = NULL;
    int descriptors = open_descriptors();
    int result = access_log_create(file_tree_path(refused[_i].name), &log);

    ck_assert_msg(result == refused[_i].expected, "%s: expected %d, got %d", refused[_i].name,
                  refused[_i].expected, result);
    ck_assert_ptr_null(log);
    ck_assert_int_eq(open_descriptors(), descriptors);
}
END_TEST

START_TEST(a_log_that_finds_no_memory_leaves_no_descriptor_behind)
{
    struct access_log *log = NULL;
    int descriptors = open_descriptors();

    allocations_fail_after(0);
    int result = access_log_create(file_tree_path("no-memory"), &log);
    allocations_succeed();
    ck_assert_int_eq(result, -ENOMEM);
    ck_assert_ptr_null(log);
    ck_assert_int_eq(open_descriptors(), descriptors);
}
END_TEST

START_TEST(once_it_runs_a_log_needs_no_memory)
{
    struct access_log *log = open_log("no-more-memory");

    allocations_fail_after(0);
    access_log_stream_init(&stream, log);
    for (unsigned i = 0; i < 500; i++) {
        add_numbered(&stream, 0, i);
    }
    access_log_reopen(log);
    access_log_stream_release(&stream);
    uint64_t dropped = access_log_destroy(log);
    allocations_succeed();
    ck_assert_uint_eq(dropped, 0);
    expect_lines("no-more-memory", file_text("no-more-memory"), 0, 500);
}
END_TEST

START_TEST(standard_output_is_written_and_left_as_it_was)
{
    struct access_log *log = NULL;
    char text[LINE_ROOM * 2];
    int ends[2];

    ck_assert_int_eq(chdir(file_tree_path("folder")), 0);
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    ck_assert_int_ge(dup2(ends[1], STDOUT_FILENO), 0);
    close(ends[1]);
    ck_assert_int_eq(access_log_create("-", &log), 0);
    access_log_stream_init(&stream, log);
    add_and_flush(0);
    access_log_reopen(log);
    add_numbered(&stream, 0, 1);
    access_log_stream_release(&stream);
    ck_assert_uint_eq(access_log_destroy(log), 0);
    ck_assert_int_eq(fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK, 0);
    ssize_t length = read(ends[0], text, sizeof text - 1);
    ck_assert_int_gt(length, 0);
    text[length] = '\0';
    expect_lines("standard output", text, 0, 2);
    ck_assert_int_ne(access("-", F_OK), 0);
    close(ends[0]);
}
END_TEST

START_TEST(a_log_that_is_reopened_leaves_what_came_before_in_the_old_file)
{
    struct access_log *log = open_log("rotated");

    access_log_stream_init(&stream, log);
    for (unsigned i = 0; i < 400; i++) {
        add_numbered(&stream, 0, i);
    }
    access_log_flush(&stream);
    ck_assert_int_eq(rename(file_tree_path("rotated"), file_tree_path("rotated.1")), 0);
    access_log_reopen(log);
    add_and_flush(400);
    access_log_stream_release(&stream);
    ck_assert_uint_eq(access_log_destroy(log), 0);
    expect_lines("rotated.1", file_text("rotated.1"), 0, 400);
    expect_lines("rotated", file_text("rotated"), 400, 1);
}
END_TEST

START_TEST(a_log_that_cannot_be_reopened_keeps_its_file_and_says_so_once)
{
    struct capture standard_error;

    file_tree_folder("there");
    struct access_log *log = open_log("there/log");
    access_log_stream_init(&stream, log);
    add_and_flush(0);
    ck_assert_int_eq(rename(file_tree_path("there"), file_tree_path("elsewhere")), 0);
    capture_begin(&standard_error, STDERR_FILENO);
    access_log_reopen(log);
    add_and_flush(1);
    add_and_flush(2);
    access_log_stream_release(&stream);
    ck_assert_uint_eq(access_log_destroy(log), 0);
    capture_end(&standard_error);
    expect_lines("elsewhere/log", file_text("elsewhere/log"), 0, 3);
    ck_assert_int_eq(capture_lines(&standard_error), 1);
    ck_assert_msg(strstr(standard_error.text, "there/log") != NULL &&
                      strstr(standard_error.text, "No such file or directory") != NULL,
                  "expected the name and the reason, got: %s", standard_error.text);
}
END_TEST

/* All lines of all writers fit into the queue, so that a slow disk is no reason to drop any. */
enum { ROUNDS = 8, ROUND_LINES = 110, LINES_BY_WRITER = ROUNDS * ROUND_LINES };

struct writer {
    pthread_t thread;
    struct access_log *log;
    unsigned index;
    sem_t rounds; /* that may begin */
    struct access_log_stream stream;
};

static void *write_rounds(void *argument)
{
    struct writer *writer = argument;

    access_log_stream_init(&writer->stream, writer->log);
    for (unsigned i = 0; i < LINES_BY_WRITER; i++) {
        if (i % ROUND_LINES == 0) {
            sem_wait(&writer->rounds);
        }
        add_numbered(&writer->stream, writer->index, i);
        if (i % 20 == 19) {
            access_log_flush(&writer->stream);
        }
    }
    access_log_stream_release(&writer->stream);
    return NULL;
}

static const char *rotated_name(unsigned number)
{
    static char name[32];

    snprintf(name, sizeof name, "busy.%u", number);
    return name;
}

/* Renames and reopens while the writers are in their round, and waits for the new file. */
static void rotate(struct access_log *log, unsigned number, int created_fd)
{
    char event[4096];

    ck_assert_int_eq(rename(file_tree_path("busy"), file_tree_path(rotated_name(number))), 0);
    access_log_reopen(log);
    await_readable(created_fd);
    ck_assert_int_gt(read(created_fd, event, sizeof event), 0);
}

START_TEST(many_writers_lose_and_tear_no_line_while_the_log_is_reopened)
{
    static struct writer writers[MOST_WRITERS];
    unsigned next[MOST_WRITERS] = {0};
    unsigned lines = 0;
    struct access_log *log = open_log("busy");
    int created_fd = inotify_init1(IN_CLOEXEC);

    ck_assert_int_ge(inotify_add_watch(created_fd, file_tree_path(""), IN_CREATE), 0);
    for (unsigned i = 0; i < MOST_WRITERS; i++) {
        writers[i] = (struct writer){.log = log, .index = i};
        sem_init(&writers[i].rounds, 0, 0);
        ck_assert_int_eq(pthread_create(&writers[i].thread, NULL, write_rounds, &writers[i]), 0);
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < MOST_WRITERS; i++) {
            sem_post(&writers[i].rounds);
        }
        rotate(log, round, created_fd);
    }
    for (unsigned i = 0; i < MOST_WRITERS; i++) {
        pthread_join(writers[i].thread, NULL);
        sem_destroy(&writers[i].rounds);
    }
    ck_assert_uint_eq(access_log_destroy(log), 0);
    for (unsigned round = 0; round < ROUNDS; round++) {
        lines += check_numbered(file_text(rotated_name(round)), next);
    }
    lines += check_numbered(file_text("busy"), next);
    ck_assert_uint_eq(lines, MOST_WRITERS * LINES_BY_WRITER);
    close(created_fd);
}
END_TEST

TCase *access_log_files(void)
{
    TCase *tcase = tcase_create("files");

    tcase_add_unchecked_fixture(tcase, make_refused, file_tree_remove);
    tcase_add_test(tcase, a_line_waits_in_its_stream_until_it_is_flushed);
    tcase_add_test(tcase, a_stream_hands_over_its_lines_when_it_is_released);
    tcase_add_test(tcase, a_full_stream_is_handed_over_by_itself);
    tcase_add_test(tcase, a_stream_without_a_log_does_nothing);
    tcase_add_test(tcase, a_file_that_is_there_is_appended_to);
    tcase_add_loop_test(tcase, what_cannot_be_opened_is_refused_at_once, 0,
                        sizeof refused / sizeof refused[0]);
    tcase_add_test(tcase, a_log_that_finds_no_memory_leaves_no_descriptor_behind);
    tcase_add_test(tcase, once_it_runs_a_log_needs_no_memory);
    tcase_add_test(tcase, standard_output_is_written_and_left_as_it_was);
    tcase_add_test(tcase, a_log_that_is_reopened_leaves_what_came_before_in_the_old_file);
    tcase_add_test(tcase, a_log_that_cannot_be_reopened_keeps_its_file_and_says_so_once);
    tcase_add_test(tcase, many_writers_lose_and_tear_no_line_while_the_log_is_reopened);
    return tcase;
}
