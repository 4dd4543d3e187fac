#include "test_tcp_connection.h"

#include "loop_steps.h"
#include "recorder.h"
#include "sockets.h"

#include <errno.h>
#include <sys/socket.h>

static struct recorder one;
static struct recorder two;

enum { ANSWER = 250000 };

static char answer[ANSWER];

static void abort_self(struct recorder *recorder)
{
    tcp_connection_abort(recorder->connection);
    ck_assert_ptr_null(connection_table_find(recorder_table, recorder->id));
    ck_assert_msg(recorder->closes == 0, "on_closed from inside abort");
}

static size_t say_and_abort(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    say(recorder, "never written");
    abort_self(recorder);
    return length;
}

START_TEST(abort_inside_on_bytes_closes_after_the_batch_and_drops_the_output)
{
    one.on_bytes = say_and_abort;
    adopt_stream(&one);
    int fd = tcp_connection_fd(one.connection);
    peer_says(&one, "?");
    one_batch(recorder_loop);
    assert_gone(&one, fd);
    peer_sees_end(one.peer);
}
END_TEST

static size_t answer_hello(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    say(recorder, "hello");
    return length;
}

/* Both use the table's scratch buffer: what one leaves in it would reach the other one's peer. */
START_TEST(what_an_aborted_connection_was_to_send_reaches_nobody_else)
{
    one.on_bytes = say_and_abort;
    two.on_bytes = answer_hello;
    adopt_stream(&one);
    adopt_stream(&two);
    peer_says(&one, "?");
    one_batch(recorder_loop);
    peer_says(&two, "?");
    one_batch(recorder_loop);
    peer_hears(&two, "hello");
    peer_hears_nothing(&two);
}
END_TEST

static size_t abort_and_leave_all(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    (void)length;
    abort_self(recorder);
    return 0;
}

START_TEST(abort_with_left_over_input_gives_nothing_again)
{
    one.on_bytes = abort_and_leave_all;
    adopt_stream(&one);
    int fd = tcp_connection_fd(one.connection);
    peer_says(&one, "abc");
    one_batch(recorder_loop);
    ck_assert_int_eq(one.deliveries, 1);
    assert_gone(&one, fd);
}
END_TEST

static size_t abort_second_time(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    (void)length;
    if (recorder->deliveries == 2) {
        abort_self(recorder);
    }
    return 0;
}

/* Here the callback runs in the deferred phase, which is where connections die, too. */
START_TEST(abort_while_left_over_input_comes_again_closes_once)
{
    one.on_bytes = abort_second_time;
    adopt_stream(&one);
    int fd = tcp_connection_fd(one.connection);
    peer_says(&one, "abc");
    one_batch(recorder_loop);
    tcp_connection_resume_reading(one.connection);
    batches_until(recorder_loop, one.closes > 0);
    batches_until_quiet(recorder_loop);
    ck_assert_int_eq(one.deliveries, 2);
    assert_gone(&one, fd);
}
END_TEST

START_TEST(abort_inside_on_eof_closes_once)
{
    one.on_eof = abort_self;
    adopt_stream(&one);
    int fd = tcp_connection_fd(one.connection);
    ck_assert_int_eq(shutdown(one.peer, SHUT_WR), 0);
    batches_until(recorder_loop, one.closes > 0);
    assert_gone(&one, fd);
    ck_assert_int_eq(one.eofs, 1);
}
END_TEST

START_TEST(abort_inside_on_open_refuses_the_connection)
{
    one.on_open = abort_self;
    adopt_stream(&one);
    int fd = tcp_connection_fd(one.connection);
    peer_says(&one, "too late");
    batches_until(recorder_loop, one.closes > 0);
    ck_assert_int_eq(one.deliveries, 0);
    assert_gone(&one, fd);
    ck_assert_int_eq(recorder_removed, 1);
}
END_TEST

static size_t abort_other(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    tcp_connection_abort(recorder->other->connection);
    ck_assert_ptr_null(connection_table_find(recorder_table, recorder->other->id));
    return length;
}

START_TEST(a_connection_aborted_by_another_one_of_the_batch_gets_no_bytes)
{
    one.on_bytes = two.on_bytes = abort_other;
    one.other = &two;
    two.other = &one;
    adopt_stream(&one);
    adopt_stream(&two);
    peer_says(&one, "a");
    peer_says(&two, "b");
    ck_assert_int_eq(one_batch(recorder_loop), 2);
    ck_assert_int_eq(one.deliveries + two.deliveries, 1);
    ck_assert_int_eq(one.closes + two.closes, 1);
    ck_assert_int_eq(one.deliveries + one.closes, 1);
}
END_TEST

START_TEST(aborting_twice_and_ending_besides_closes_once)
{
    adopt_tcp(&one);
    int fd = tcp_connection_fd(one.connection);
    say(&one, "x");
    tcp_connection_close_after_flush(one.connection);
    tcp_connection_abort(one.connection);
    tcp_connection_abort(one.connection);
    peer_resets(one.peer);
    batches_until(recorder_loop, one.closes > 0);
    batches_until_quiet(recorder_loop);
    assert_gone(&one, fd);
    ck_assert_int_eq(recorder_removed, 1);
}
END_TEST

START_TEST(a_reset_while_output_waits_closes_once)
{
    adopt_tcp(&one);
    int fd = tcp_connection_fd(one.connection);
    shrink_buffers(fd);
    ck_assert_int_eq(tcp_connection_send(one.connection, answer, ANSWER), 0);
    batches_until_quiet(recorder_loop);
    peer_resets(one.peer);
    batches_until(recorder_loop, one.closes > 0);
    assert_gone(&one, fd);
}
END_TEST

START_TEST(close_after_flush_without_output_closes_at_once)
{
    adopt_stream(&one);
    int fd = tcp_connection_fd(one.connection);
    tcp_connection_close_after_flush(one.connection);
    ck_assert_ptr_nonnull(connection_table_find(recorder_table, one.id));
    one_batch(recorder_loop);
    assert_gone(&one, fd);
    peer_sees_end(one.peer);
}
END_TEST

static size_t answer_and_end(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    ck_assert_int_eq(tcp_connection_send(recorder->connection, answer, ANSWER), 0);
    tcp_connection_close_after_flush(recorder->connection);
    return length;
}

START_TEST(close_after_flush_delivers_everything_first)
{
    size_t got = 0;

    pattern(answer, 0, ANSWER);
    one.on_bytes = answer_and_end;
    adopt_tcp(&one);
    int fd = tcp_connection_fd(one.connection);
    shrink_buffers(fd);
    peer_says(&one, "?");
    one_batch(recorder_loop);
    ck_assert_int_eq(one.closes, 0);
    while (got < ANSWER) {
        batch_ready_now(recorder_loop);
        got += peer_reads_pattern_now(one.peer, got);
    }
    batches_until(recorder_loop, one.closes > 0);
    peer_sees_end(one.peer);
    assert_gone(&one, fd);
}
END_TEST

START_TEST(close_after_flush_reads_nothing_more)
{
    one.on_bytes = answer_and_end;
    adopt_tcp(&one);
    shrink_buffers(tcp_connection_fd(one.connection));
    peer_says(&one, "?");
    one_batch(recorder_loop);
    peer_says(&one, "and another thing");
    batches_until_quiet(recorder_loop);
    ck_assert_int_eq(one.deliveries, 1);
}
END_TEST

static void say_last_words(struct recorder *recorder)
{
    ck_assert_int_eq(tcp_connection_send(recorder->connection, "x", 1), -EPIPE);
}

START_TEST(close_after_flush_waits_for_a_drained_that_was_asked_for)
{
    one.on_drained = say_last_words;
    adopt_stream(&one);
    tcp_connection_want_drained(one.connection);
    tcp_connection_close_after_flush(one.connection);
    batches_until(recorder_loop, one.closes == 1);
    ck_assert_int_eq(one.draineds, 1);
}
END_TEST

START_TEST(a_context_is_what_was_set_last)
{
    adopt_stream(&one);
    ck_assert_ptr_eq(tcp_connection_context(one.connection), &one);
    tcp_connection_set_context(one.connection, &two);
    ck_assert_ptr_eq(tcp_connection_context(one.connection), &two);
    tcp_connection_set_context(one.connection, &one);
    ck_assert_ptr_eq(tcp_connection_table(one.connection), recorder_table);
}
END_TEST

TCase *ending_case(void)
{
    TCase *tcase = tcase_create("ending");

    tcase_add_checked_fixture(tcase, recorder_setup, recorder_teardown);
    tcase_add_test(tcase, abort_inside_on_bytes_closes_after_the_batch_and_drops_the_output);
    tcase_add_test(tcase, what_an_aborted_connection_was_to_send_reaches_nobody_else);
    tcase_add_test(tcase, abort_with_left_over_input_gives_nothing_again);
    tcase_add_test(tcase, abort_while_left_over_input_comes_again_closes_once);
    tcase_add_test(tcase, abort_inside_on_eof_closes_once);
    tcase_add_test(tcase, abort_inside_on_open_refuses_the_connection);
    tcase_add_test(tcase, a_connection_aborted_by_another_one_of_the_batch_gets_no_bytes);
    tcase_add_test(tcase, aborting_twice_and_ending_besides_closes_once);
    tcase_add_test(tcase, a_reset_while_output_waits_closes_once);
    tcase_add_test(tcase, close_after_flush_without_output_closes_at_once);
    tcase_add_test(tcase, close_after_flush_delivers_everything_first);
    tcase_add_test(tcase, close_after_flush_reads_nothing_more);
    tcase_add_test(tcase, close_after_flush_waits_for_a_drained_that_was_asked_for);
    tcase_add_test(tcase, a_context_is_what_was_set_last);
    return tcase;
}
