#include "log.h"
#include "sockets.h"
#include "suite_runner.h"

#include <ctype.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST_LINE = 1024, ROOM = 4096 };

/* Standard error is a packet socket here: each write of the log is one packet, and can be counted.
 */
static int lines_fd;

static void setup(void)
{
    int pair[2];

    packet_pair(pair);
    lines_fd = pair[1];
    ck_assert_int_ge(dup2(pair[0], STDERR_FILENO), 0);
    close(pair[0]);
}

static void teardown(void)
{
    close(lines_fd);
}

/* Returns the next write as text, or "" if there was none. */
static const char *next_write(void)
{
    static char text[ROOM];

    text[peer_reads_now(lines_fd, text, sizeof text - 1)] = '\0';
    return text;
}

START_TEST(one_call_is_one_write_of_one_line)
{
    log_info("hello %d", 42);
    const char *line = next_write();
    const char *end = strchr(line, '\n');
    ck_assert_msg(end != NULL && end[1] == '\0', "expected one line, got: '%s'", line);
    ck_assert_msg(strstr(line, "] hello 42\n") != NULL, "expected the message last, got: %s", line);
    ck_assert_str_eq(next_write(), "");
}
END_TEST

START_TEST(a_line_has_time_level_and_thread_name)
{
    ck_assert_int_eq(pthread_setname_np(pthread_self(), "tester"), 0);
    log_warn("text");
    const char *line = next_write();
    const char shape[] = "00:00:00.000";

    for (size_t i = 0; i < sizeof shape - 1; i++) {
        bool fits = shape[i] == '0' ? isdigit((unsigned char)line[i]) != 0 : line[i] == shape[i];
        ck_assert_msg(fits, "expected a time like %s, got: %s", shape, line);
    }
    ck_assert_str_eq(line + sizeof shape - 1, " warn  [tester] text\n");
}
END_TEST

static int evaluated;

static int evaluate(void)
{
    return ++evaluated;
}

START_TEST(only_the_level_s_own_and_graver_lines_come)
{
    log_set_level((enum log_level)_i);
    log_error("%d", evaluate());
    log_warn("%d", evaluate());
    log_info("%d", evaluate());
    log_debug("%d", evaluate());

    for (int level = LOG_ERROR; level <= _i; level++) {
        const char *line = next_write();
        ck_assert_msg(strstr(line, log_level_names[level]) != NULL, "expected level %s, got: '%s'",
                      log_level_names[level], line);
    }
    ck_assert_str_eq(next_write(), "");
    ck_assert_msg(evaluated == _i + 1, "expected %d evaluated arguments, got %d", _i + 1,
                  evaluated);
    for (int level = LOG_ERROR; level <= LOG_DEBUG; level++) {
        ck_assert_int_eq(log_enabled((enum log_level)level), level <= _i);
    }
}
END_TEST

START_TEST(information_is_the_default_level)
{
    ck_assert(log_enabled(LOG_INFO));
    ck_assert(!log_enabled(LOG_DEBUG));
}
END_TEST

/* Messages just short of the limit, just at it and beyond: none may lose its newline. */
START_TEST(a_line_of_any_length_ends_with_its_newline)
{
    char message[ROOM / 2];

    for (size_t length = LONGEST_LINE - 60; length < LONGEST_LINE + 20; length++) {
        memset(message, 'x', length);
        message[length] = '\0';
        log_info("%s", message);
        const char *line = next_write();
        size_t got = strlen(line);
        ck_assert_msg(got > LONGEST_LINE / 2 && got <= LONGEST_LINE,
                      "a message of %zu bytes: expected a line of at most %d, got %zu", length,
                      LONGEST_LINE, got);
        ck_assert_msg(line[got - 1] == '\n',
                      "a message of %zu bytes: the line of %zu has no newline", length, got);
        ck_assert_msg(strchr(line, '\n') == line + got - 1,
                      "a message of %zu bytes: a newline inside the line", length);
    }
}
END_TEST

START_TEST(a_flood_of_equal_trouble_is_one_line_a_second)
{
    struct log_limit limit = {0};
    unsigned suppressed = 99;
    unsigned held_back = 0;
    unsigned allowed = 0;
    enum { TRIES = 1000 };

    ck_assert(log_limit_allows(&limit, &suppressed));
    ck_assert_uint_eq(suppressed, 0);
    for (int i = 0; i < TRIES; i++) {
        if (log_limit_allows(&limit, &suppressed)) {
            allowed++;
            held_back += suppressed;
        }
    }
    /* The second may have changed in between, once. */
    ck_assert_uint_le(allowed, 1);
    /* As if the last line were older. */
    limit.last_second--;
    ck_assert(log_limit_allows(&limit, &suppressed));
    ck_assert_msg(allowed + held_back + suppressed == TRIES,
                  "of %d calls, %u passed and %u were counted as held back", TRIES, allowed,
                  held_back + suppressed);
}
END_TEST

START_TEST(a_limit_counts_anew_after_each_line)
{
    struct log_limit limit = {0};
    unsigned suppressed;

    ck_assert(log_limit_allows(&limit, &suppressed));
    limit.suppressed = 7;
    limit.last_second--;
    ck_assert(log_limit_allows(&limit, &suppressed));
    ck_assert_uint_eq(suppressed, 7);
    limit.last_second--;
    ck_assert(log_limit_allows(&limit, &suppressed));
    ck_assert_uint_eq(suppressed, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("log");

    TCase *lines = tcase_create("lines");
    tcase_add_checked_fixture(lines, setup, teardown);
    tcase_add_test(lines, one_call_is_one_write_of_one_line);
    tcase_add_test(lines, a_line_has_time_level_and_thread_name);
    tcase_add_test(lines, a_line_of_any_length_ends_with_its_newline);
    suite_add_tcase(suite, lines);

    TCase *levels = tcase_create("levels");
    tcase_add_checked_fixture(levels, setup, teardown);
    tcase_add_loop_test(levels, only_the_level_s_own_and_graver_lines_come, LOG_ERROR,
                        LOG_DEBUG + 1);
    tcase_add_test(levels, information_is_the_default_level);
    suite_add_tcase(suite, levels);

    TCase *limit = tcase_create("limit");
    tcase_add_test(limit, a_flood_of_equal_trouble_is_one_line_a_second);
    tcase_add_test(limit, a_limit_counts_anew_after_each_line);
    suite_add_tcase(suite, limit);
    return run_suite(suite);
}
