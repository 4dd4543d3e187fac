#include "test_tcp_connection.h"

#include "loop_steps.h"
#include "recorder.h"
#include "sockets.h"
#include "tcp_connection_internal.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct recorder one;
static struct recorder two;

START_TEST(bytes_come_as_they_were_sent)
{
    adopt_tcp(&one);
    peer_says(&one, "hello");
    batches_until(recorder_loop, one.used == 5);
    assert_used(&one, "hello");
    ck_assert_int_eq(one.deliveries, 1);
    ck_assert_int_eq(batch_ready_now(recorder_loop), 0);
}
END_TEST

START_TEST(bytes_that_come_in_pieces_come_in_order)
{
    const char *text = "in pieces";

    adopt_stream(&one);
    for (size_t i = 0; i < strlen(text); i++) {
        peer_sends(one.peer, &text[i], 1);
        one_batch(recorder_loop);
    }
    assert_used(&one, text);
    ck_assert_int_eq(one.deliveries, (int)strlen(text));
}
END_TEST

static void greet(struct recorder *recorder)
{
    say(recorder, "welcome");
}

START_TEST(what_on_open_sends_arrives)
{
    one.on_open = greet;
    adopt_stream(&one);
    one_batch(recorder_loop);
    peer_hears(&one, "welcome");
}
END_TEST

/* One turn reads once, so that a flood from one peer leaves the others their turns. */
START_TEST(a_flood_does_not_keep_another_connection_waiting)
{
    adopt_tcp(&one);
    adopt_tcp(&two);
    size_t sent = fill(one.peer, 0);
    peer_says(&two, "me too");
    await_readable(tcp_connection_fd(two.connection));
    one_batch(recorder_loop);
    ck_assert_uint_le(one.used, 64 * 1024);
    ck_assert_uint_lt(one.used, sent);
    assert_used(&two, "me too");
}
END_TEST

static size_t pause_after_reading(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    tcp_connection_pause_reading(recorder->connection);
    return length;
}

START_TEST(paused_reading_reads_nothing_and_goes_on_when_resumed)
{
    one.on_bytes = pause_after_reading;
    adopt_stream(&one);
    peer_says(&one, "first ");
    one_batch(recorder_loop);
    peer_says(&one, "second");
    ck_assert_int_eq(batch_ready_now(recorder_loop), 0);
    assert_used(&one, "first ");
    tcp_connection_resume_reading(one.connection);
    batches_until(recorder_loop, one.deliveries == 2);
    assert_used(&one, "first second");
}
END_TEST

START_TEST(reading_may_be_paused_from_outside_a_callback)
{
    adopt_stream(&one);
    tcp_connection_pause_reading(one.connection);
    batches_until_quiet(recorder_loop);
    peer_says(&one, "later");
    ck_assert_int_eq(batch_ready_now(recorder_loop), 0);
    ck_assert_int_eq(one.deliveries, 0);
    tcp_connection_resume_reading(one.connection);
    batches_until(recorder_loop, one.deliveries == 1);
    assert_used(&one, "later");
}
END_TEST

static size_t pause_other(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    tcp_connection_pause_reading(recorder->other->connection);
    return length;
}

static void adopt_two_that_do(size_t (*on_bytes)(struct recorder *, char *, size_t))
{
    one.on_bytes = two.on_bytes = on_bytes;
    one.other = &two;
    two.other = &one;
    adopt_stream(&one);
    adopt_stream(&two);
    peer_says(&one, "a");
    peer_says(&two, "b");
}

START_TEST(a_connection_paused_by_another_one_of_the_batch_gets_no_bytes)
{
    adopt_two_that_do(pause_other);
    ck_assert_int_eq(one_batch(recorder_loop), 2);
    ck_assert_msg(one.deliveries + two.deliveries == 1,
                  "expected one on_bytes, got %d and %d: paused, and yet called", one.deliveries,
                  two.deliveries);
}
END_TEST

static size_t end_other(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    tcp_connection_close_after_flush(recorder->other->connection);
    return length;
}

START_TEST(a_connection_ended_by_another_one_of_the_batch_gets_no_bytes)
{
    adopt_two_that_do(end_other);
    ck_assert_int_eq(one_batch(recorder_loop), 2);
    ck_assert_msg(one.deliveries + two.deliveries == 1,
                  "expected one on_bytes, got %d and %d: ended, and yet called", one.deliveries,
                  two.deliveries);
    ck_assert_int_eq(one.closes + two.closes, 1);
}
END_TEST

START_TEST(a_half_close_is_told_once_and_the_other_half_goes_on)
{
    adopt_tcp(&one);
    peer_says(&one, "bye");
    ck_assert_int_eq(shutdown(one.peer, SHUT_WR), 0);
    batches_until(recorder_loop, one.eofs == 1);
    assert_used(&one, "bye");
    /* The end stays readable: it must not wake the loop for ever. */
    ck_assert_int_eq(batch_ready_now(recorder_loop), 0);
    say(&one, "and thanks");
    one_batch(recorder_loop);
    peer_hears(&one, "and thanks");
    ck_assert_int_eq(one.eofs, 1);
    ck_assert_int_eq(one.closes, 0);
}
END_TEST

START_TEST(the_end_is_not_told_while_reading_is_paused)
{
    adopt_stream(&one);
    tcp_connection_pause_reading(one.connection);
    batches_until_quiet(recorder_loop);
    ck_assert_int_eq(shutdown(one.peer, SHUT_WR), 0);
    ck_assert_int_eq(batch_ready_now(recorder_loop), 0);
    ck_assert_int_eq(one.eofs, 0);
    tcp_connection_resume_reading(one.connection);
    batches_until(recorder_loop, one.eofs == 1);
}
END_TEST

START_TEST(a_reset_is_no_half_close_but_the_end)
{
    adopt_tcp(&one);
    int fd = tcp_connection_fd(one.connection);
    peer_resets(one.peer);
    batches_until(recorder_loop, one.closes == 1);
    assert_gone(&one, fd);
    ck_assert_int_eq(one.eofs, 0);
}
END_TEST

START_TEST(a_spurious_readiness_is_neither_bytes_nor_an_end)
{
    adopt_stream(&one);
    struct channel *channel = &one.connection->channel;
    channel->on_read(channel);
    channel->on_write(channel);
    batches_until_quiet(recorder_loop);
    ck_assert_ptr_nonnull(connection_table_find(recorder_table, one.id));
    ck_assert_int_eq(one.deliveries + one.eofs + one.closes, 0);
}
END_TEST

START_TEST(bytes_both_ways_are_counted)
{
    const struct connection_counters *counters = connection_table_counters(recorder_table);

    adopt_stream(&one);
    peer_says(&one, "12345");
    one_batch(recorder_loop);
    say(&one, "123");
    one_batch(recorder_loop);
    ck_assert_uint_eq(counter_read(&counters->bytes_in), 5);
    ck_assert_uint_eq(counter_read(&counters->bytes_out), 3);
    tcp_connection_count_sent(one.connection, 100);
    ck_assert_uint_eq(counter_read(&counters->bytes_out), 103);
}
END_TEST

TCase *reading_case(void)
{
    TCase *tcase = tcase_create("reading");

    tcase_add_checked_fixture(tcase, recorder_setup, recorder_teardown);
    tcase_add_test(tcase, bytes_come_as_they_were_sent);
    tcase_add_test(tcase, bytes_that_come_in_pieces_come_in_order);
    tcase_add_test(tcase, what_on_open_sends_arrives);
    tcase_add_test(tcase, a_flood_does_not_keep_another_connection_waiting);
    tcase_add_test(tcase, paused_reading_reads_nothing_and_goes_on_when_resumed);
    tcase_add_test(tcase, reading_may_be_paused_from_outside_a_callback);
    tcase_add_test(tcase, a_connection_paused_by_another_one_of_the_batch_gets_no_bytes);
    tcase_add_test(tcase, a_connection_ended_by_another_one_of_the_batch_gets_no_bytes);
    tcase_add_test(tcase, a_half_close_is_told_once_and_the_other_half_goes_on);
    tcase_add_test(tcase, the_end_is_not_told_while_reading_is_paused);
    tcase_add_test(tcase, a_reset_is_no_half_close_but_the_end);
    tcase_add_test(tcase, a_spurious_readiness_is_neither_bytes_nor_an_end);
    tcase_add_test(tcase, bytes_both_ways_are_counted);
    return tcase;
}
