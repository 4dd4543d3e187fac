#include "test_tcp_connection.h"

#include "loop_steps.h"
#include "recorder.h"
#include "sockets.h"

static struct recorder one;

enum { ANSWER = 250000 };

static char answer[ANSWER];

static size_t count_out(void)
{
    return (size_t)counter_read(&connection_table_counters(recorder_table)->bytes_out);
}

START_TEST(one_question_is_one_answer_and_not_from_inside)
{
    adopt_stream(&one);
    tcp_connection_want_drained(one.connection);
    ck_assert_int_eq(one.draineds, 0);
    batches_until(recorder_loop, one.draineds > 0);
    batches_until_quiet(recorder_loop);
    ck_assert_int_eq(one.draineds, 1);
}
END_TEST

static void check_all_is_written(struct recorder *recorder)
{
    (void)recorder;
    ck_assert_msg(count_out() == ANSWER, "on_drained with %zu of %d bytes written", count_out(),
                  ANSWER);
}

static size_t answer_and_want_drained(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    tcp_connection_want_drained(recorder->connection);
    ck_assert_int_eq(tcp_connection_send(recorder->connection, answer, ANSWER), 0);
    ck_assert_msg(recorder->draineds == 0, "on_drained from inside send");
    return length;
}

/* The peer reads step by step; on_drained checks that nothing waits any more. */
static void read_all_and_expect_one_drained(void)
{
    size_t got = 0;

    while (got < ANSWER) {
        batch_ready_now(recorder_loop);
        got += peer_reads_pattern_now(one.peer, got);
    }
    batches_until_quiet(recorder_loop);
    ck_assert_int_eq(one.draineds, 1);
}

START_TEST(drained_comes_when_the_socket_has_taken_everything)
{
    pattern(answer, 0, ANSWER);
    one.on_bytes = answer_and_want_drained;
    one.on_drained = check_all_is_written;
    adopt_stream(&one);
    shrink_buffers(tcp_connection_fd(one.connection));
    peer_says(&one, "?");
    one_batch(recorder_loop);
    ck_assert_int_eq(one.draineds, 0);
    read_all_and_expect_one_drained();
}
END_TEST

START_TEST(drained_comes_after_sends_from_outside_a_callback_too)
{
    pattern(answer, 0, ANSWER);
    one.on_drained = check_all_is_written;
    adopt_stream(&one);
    shrink_buffers(tcp_connection_fd(one.connection));
    ck_assert_int_eq(tcp_connection_send(one.connection, answer, ANSWER), 0);
    tcp_connection_want_drained(one.connection);
    ck_assert_int_eq(one.draineds, 0);
    read_all_and_expect_one_drained();
}
END_TEST

/* As a file is sent: past the buffers, until the socket is full, and then again when it is not. */
static size_t filled;

static void fill_and_want_more(struct recorder *recorder)
{
    size_t more = fill(tcp_connection_fd(recorder->connection), filled);

    filled += more;
    tcp_connection_count_sent(recorder->connection, more);
    if (filled < ANSWER) {
        tcp_connection_want_drained(recorder->connection);
    }
}

START_TEST(asking_again_on_a_full_socket_waits_until_it_takes_more)
{
    size_t got = 0;

    one.on_drained = fill_and_want_more;
    adopt_stream(&one);
    shrink_buffers(tcp_connection_fd(one.connection));
    tcp_connection_want_drained(one.connection);
    one_batch(recorder_loop);
    ck_assert_int_eq(one.draineds, 1);
    ck_assert_msg(batch_ready_now(recorder_loop) == 0, "the full socket makes the loop spin");
    ck_assert_int_eq(one.draineds, 1);
    while (filled < ANSWER) {
        got += peer_reads_pattern_now(one.peer, got);
        batch_ready_now(recorder_loop);
    }
    ck_assert_int_gt(one.draineds, 2);
    batches_until_quiet(recorder_loop);
}
END_TEST

/* A file on its way: closing has to wait until on_drained asks for nothing more. */
START_TEST(close_after_flush_waits_as_long_as_drained_is_asked_for_again)
{
    size_t got = 0;

    one.on_drained = fill_and_want_more;
    adopt_stream(&one);
    shrink_buffers(tcp_connection_fd(one.connection));
    tcp_connection_want_drained(one.connection);
    tcp_connection_close_after_flush(one.connection);
    one_batch(recorder_loop);
    ck_assert_msg(one.closes == 0, "closed after %zu of %d bytes", filled, ANSWER);
    while (one.closes == 0) {
        got += peer_reads_pattern_now(one.peer, got);
        batch_ready_now(recorder_loop);
    }
    ck_assert_msg(filled >= ANSWER, "closed after %zu of %d bytes", filled, ANSWER);
    while (got < filled) {
        got += peer_reads_pattern_now(one.peer, got);
    }
    peer_sees_end(one.peer);
}
END_TEST

static void say_goodbye(struct recorder *recorder)
{
    say(recorder, "goodbye");
}

START_TEST(what_on_drained_sends_leaves_in_one_write)
{
    char got[100] = "";

    one.on_drained = say_goodbye;
    adopt_packets(&one);
    tcp_connection_want_drained(one.connection);
    one_batch(recorder_loop);
    peer_reads_now(one.peer, got, sizeof got - 1);
    ck_assert_str_eq(got, "goodbye");
    peer_hears_nothing(&one);
}
END_TEST

static void abort_self(struct recorder *recorder)
{
    tcp_connection_abort(recorder->connection);
}

START_TEST(on_drained_may_abort)
{
    one.on_drained = abort_self;
    adopt_stream(&one);
    int fd = tcp_connection_fd(one.connection);
    tcp_connection_want_drained(one.connection);
    batches_until(recorder_loop, one.closes == 1);
    assert_gone(&one, fd);
}
END_TEST

START_TEST(an_aborted_connection_is_not_drained)
{
    adopt_stream(&one);
    tcp_connection_want_drained(one.connection);
    tcp_connection_abort(one.connection);
    batches_until(recorder_loop, one.closes == 1);
    ck_assert_int_eq(one.draineds, 0);
}
END_TEST

TCase *draining_case(void)
{
    TCase *tcase = tcase_create("on_drained");

    tcase_add_checked_fixture(tcase, recorder_setup, recorder_teardown);
    tcase_add_test(tcase, one_question_is_one_answer_and_not_from_inside);
    tcase_add_test(tcase, drained_comes_when_the_socket_has_taken_everything);
    tcase_add_test(tcase, drained_comes_after_sends_from_outside_a_callback_too);
    tcase_add_test(tcase, asking_again_on_a_full_socket_waits_until_it_takes_more);
    tcase_add_test(tcase, close_after_flush_waits_as_long_as_drained_is_asked_for_again);
    tcase_add_test(tcase, what_on_drained_sends_leaves_in_one_write);
    tcase_add_test(tcase, on_drained_may_abort);
    tcase_add_test(tcase, an_aborted_connection_is_not_drained);
    return tcase;
}
