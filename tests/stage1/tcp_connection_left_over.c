#include "test_tcp_connection.h"

#include "loop_steps.h"
#include "recorder.h"
#include "sockets.h"

#include <string.h>

static struct recorder one;

/* Uses whole lines; what comes after the last newline is left over. */
static size_t use_lines(struct recorder *recorder, char *bytes, size_t length)
{
    const char *last = memrchr(bytes, '\n', length);

    (void)recorder;
    return last != NULL ? (size_t)(last - bytes) + 1 : 0;
}

static size_t use_nothing(struct recorder *recorder, char *bytes, size_t length)
{
    (void)recorder;
    (void)bytes;
    (void)length;
    return 0;
}

static void adopt_with(size_t (*on_bytes)(struct recorder *, char *, size_t))
{
    one.on_bytes = on_bytes;
    adopt_stream(&one);
}

static void peer_says_and_turn(const char *text)
{
    peer_says(&one, text);
    one_batch(recorder_loop);
}

START_TEST(what_is_left_over_comes_again_with_the_next_bytes)
{
    adopt_with(use_lines);
    peer_says_and_turn("one\ntw");
    assert_used(&one, "one\n");
    peer_says_and_turn("o");
    ck_assert_uint_eq(one.given, 3);
    peer_says_and_turn("\nthree\nrest");
    ck_assert_uint_eq(one.given, strlen("two\nthree\nrest"));
    assert_used(&one, "one\ntwo\nthree\n");
    ck_assert_int_eq(one.deliveries, 3);
}
END_TEST

START_TEST(what_is_left_over_does_not_come_again_by_itself)
{
    adopt_with(use_nothing);
    peer_says_and_turn("half");
    ck_assert_int_eq(batch_ready_now(recorder_loop), 0);
    ck_assert_int_eq(one.deliveries, 1);
}
END_TEST

START_TEST(used_left_over_is_not_given_again)
{
    adopt_with(use_lines);
    peer_says_and_turn("a");
    peer_says_and_turn("\n");
    assert_used(&one, "a\n");
    peer_says_and_turn("b\n");
    ck_assert_uint_eq(one.given, 2);
    assert_used(&one, "a\nb\n");
}
END_TEST

START_TEST(resuming_gives_the_left_over_again_once)
{
    adopt_with(use_nothing);
    peer_says_and_turn("again");
    tcp_connection_resume_reading(one.connection);
    one_batch(recorder_loop);
    ck_assert_int_eq(one.deliveries, 2);
    ck_assert_uint_eq(one.given, 5);
    ck_assert_int_eq(batch_ready_now(recorder_loop), 0);
    ck_assert_int_eq(one.deliveries, 2);
}
END_TEST

static size_t pause_and_leave(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    if (recorder->deliveries > 1) {
        return length;
    }
    tcp_connection_pause_reading(recorder->connection);
    return 1;
}

START_TEST(a_pause_keeps_the_left_over_until_resumed)
{
    adopt_with(pause_and_leave);
    peer_says_and_turn("abc");
    assert_used(&one, "a");
    ck_assert_int_eq(batch_ready_now(recorder_loop), 0);
    tcp_connection_resume_reading(one.connection);
    ck_assert_msg(one.deliveries == 1, "resume called on_bytes from inside");
    one_batch(recorder_loop);
    assert_used(&one, "abc");
}
END_TEST

static size_t resume_inside(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    if (recorder->deliveries == 1) {
        tcp_connection_resume_reading(recorder->connection);
        return 1;
    }
    return length;
}

START_TEST(resuming_inside_on_bytes_gives_the_left_over_again)
{
    adopt_with(resume_inside);
    peer_says_and_turn("abc");
    batches_until_quiet(recorder_loop);
    ck_assert_int_eq(one.deliveries, 2);
    assert_used(&one, "abc");
}
END_TEST

/* "Not before", says the contract: an earlier resume, when nothing was left over, is spent. */
START_TEST(resuming_without_left_over_gives_nothing_again_later)
{
    adopt_with(use_nothing);
    tcp_connection_resume_reading(one.connection);
    batches_until_quiet(recorder_loop);
    peer_says_and_turn("half");
    batches_until_quiet(recorder_loop);
    ck_assert_msg(one.deliveries == 1, "expected one on_bytes for one packet, got %d",
                  one.deliveries);
}
END_TEST

START_TEST(at_the_input_limit_reading_stops)
{
    char block[600];

    memset(block, 'x', sizeof block);
    adopt_with(use_nothing);
    peer_sends(one.peer, block, sizeof block);
    one_batch(recorder_loop);
    peer_sends(one.peer, block, sizeof block);
    one_batch(recorder_loop);
    ck_assert_uint_eq(one.given, 1200);
    peer_sends(one.peer, block, sizeof block);
    ck_assert_msg(batch_ready_now(recorder_loop) == 0, "1,200 bytes wait, 1,000 is the limit");
    ck_assert_int_eq(one.deliveries, 2);
}
END_TEST

START_TEST(below_the_input_limit_reading_goes_on)
{
    char block[1500];

    memset(block, 'x', sizeof block);
    adopt_with(use_nothing);
    peer_sends(one.peer, block, sizeof block);
    one_batch(recorder_loop);
    peer_says(&one, "end");
    ck_assert_int_eq(batch_ready_now(recorder_loop), 0);
    one.on_bytes = NULL; /* uses everything from now on */
    tcp_connection_resume_reading(one.connection);
    batches_until(recorder_loop, one.used == sizeof block + 3);
    ck_assert_mem_eq(one.bytes, block, sizeof block);
    ck_assert_mem_eq(one.bytes + sizeof block, "end", 3);
}
END_TEST

static size_t end_with_left_over(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    tcp_connection_close_after_flush(recorder->connection);
    tcp_connection_resume_reading(recorder->connection);
    return length - 1;
}

START_TEST(after_close_after_flush_nothing_is_given_again)
{
    adopt_with(end_with_left_over);
    peer_says_and_turn("abc");
    ck_assert_int_eq(one.deliveries, 1);
    ck_assert_int_eq(one.closes, 1);
}
END_TEST

TCase *left_over_case(void)
{
    TCase *tcase = tcase_create("left-over input");

    tcase_add_checked_fixture(tcase, recorder_setup, recorder_teardown);
    tcase_add_test(tcase, what_is_left_over_comes_again_with_the_next_bytes);
    tcase_add_test(tcase, what_is_left_over_does_not_come_again_by_itself);
    tcase_add_test(tcase, used_left_over_is_not_given_again);
    tcase_add_test(tcase, resuming_gives_the_left_over_again_once);
    tcase_add_test(tcase, a_pause_keeps_the_left_over_until_resumed);
    tcase_add_test(tcase, resuming_inside_on_bytes_gives_the_left_over_again);
    tcase_add_test(tcase, resuming_without_left_over_gives_nothing_again_later);
    tcase_add_test(tcase, at_the_input_limit_reading_stops);
    tcase_add_test(tcase, below_the_input_limit_reading_goes_on);
    tcase_add_test(tcase, after_close_after_flush_nothing_is_given_again);
    return tcase;
}
