#include "test_tcp_connection.h"

#include "allocation_faults.h"
#include "loop_steps.h"
#include "recorder.h"
#include "sockets.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct recorder one;
static struct recorder two;

static size_t answer_in_three_sends(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    say(recorder, "one ");
    peer_hears_nothing(recorder);
    say(recorder, "two ");
    say(recorder, "three");
    peer_hears_nothing(recorder);
    return length;
}

/* Packet sockets tell the writes apart: a peer_hears is one read, and that is one write. */
static void peer_hears_one_write(const struct recorder *recorder, const char *text)
{
    char got[RECORDED + 1] = "";

    peer_reads_now(recorder->peer, got, sizeof got - 1);
    ck_assert_str_eq(got, text);
    peer_hears_nothing(recorder);
}

START_TEST(all_sends_of_a_callback_leave_in_one_write_when_it_is_over)
{
    one.on_bytes = answer_in_three_sends;
    adopt_packets(&one);
    peer_says(&one, "?");
    one_batch(recorder_loop);
    peer_hears_one_write(&one, "one two three");
    ck_assert_int_eq(batch_ready_now(recorder_loop), 0);
}
END_TEST

START_TEST(all_sends_from_outside_a_callback_leave_in_one_write_with_the_batch)
{
    adopt_packets(&one);
    say(&one, "one ");
    say(&one, "two");
    peer_hears_nothing(&one);
    one_batch(recorder_loop);
    peer_hears_one_write(&one, "one two");
}
END_TEST

static size_t tell_other(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    say(recorder->other, "for the other");
    say(recorder, "for me");
    return length;
}

START_TEST(a_callback_may_send_on_another_connection)
{
    one.on_bytes = tell_other;
    one.other = &two;
    adopt_packets(&one);
    adopt_packets(&two);
    peer_says(&one, "?");
    one_batch(recorder_loop);
    peer_hears_one_write(&one, "for me");
    peer_hears_one_write(&two, "for the other");
}
END_TEST

static size_t answer_in_turn(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    say(recorder, "second");
    return length;
}

START_TEST(what_was_sent_before_the_callback_leaves_before_what_it_sends)
{
    one.on_bytes = answer_in_turn;
    adopt_stream(&one);
    peer_says(&one, "?");
    say(&one, "first ");
    one_batch(recorder_loop);
    peer_hears(&one, "first second");
}
END_TEST

START_TEST(sending_nothing_is_allowed)
{
    adopt_packets(&one);
    ck_assert_int_eq(tcp_connection_send(one.connection, "", 0), 0);
    batches_until_quiet(recorder_loop);
    peer_hears_nothing(&one);
    ck_assert_int_eq(one.closes, 0);
}
END_TEST

enum { MUCH = 300000 };
static char much[MUCH];

static size_t send_half(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    ck_assert_int_eq(tcp_connection_send(recorder->connection, much + MUCH / 2, MUCH / 2), 0);
    return length;
}

/* Half of it waits for the peer already when the callback sends the rest. */
START_TEST(much_more_than_the_socket_takes_arrives_whole_and_in_order)
{
    size_t got = 0;

    pattern(much, 0, MUCH);
    one.on_bytes = send_half;
    adopt_tcp(&one);
    shrink_buffers(tcp_connection_fd(one.connection));
    peer_says(&one, "?");
    ck_assert_int_eq(tcp_connection_send(one.connection, much, MUCH / 2), 0);
    while (got < MUCH) {
        batch_ready_now(recorder_loop);
        got += peer_reads_pattern_now(one.peer, got);
    }
    ck_assert_uint_eq(got, MUCH);
    batches_until_quiet(recorder_loop);
    ck_assert_uint_eq(peer_reads_pattern_now(one.peer, got), 0);
}
END_TEST

START_TEST(a_closing_connection_takes_nothing_more)
{
    adopt_stream(&one);
    tcp_connection_close_after_flush(one.connection);
    ck_assert_int_eq(tcp_connection_send(one.connection, "x", 1), -EPIPE);
    adopt_stream(&two);
    tcp_connection_abort(two.connection);
    ck_assert_int_eq(tcp_connection_send(two.connection, "x", 1), -EPIPE);
}
END_TEST

START_TEST(a_peer_that_is_gone_ends_the_connection_without_a_signal)
{
    adopt_stream(&one);
    int fd = tcp_connection_fd(one.connection);
    tcp_connection_pause_reading(one.connection);
    batches_until_quiet(recorder_loop);
    close(one.peer);
    say(&one, "anybody there?");
    batches_until(recorder_loop, one.closes == 1);
    assert_gone(&one, fd);
}
END_TEST

static size_t send_without_memory(struct recorder *recorder, char *bytes, size_t length)
{
    static char large[100000];

    (void)bytes;
    say(recorder, "before ");
    allocations_fail_after(0);
    int result = tcp_connection_send(recorder->connection, large, sizeof large);
    allocations_succeed();
    ck_assert_int_eq(result, -ENOMEM);
    say(recorder, "after");
    return length;
}

START_TEST(a_send_without_memory_says_so_and_appends_nothing)
{
    one.on_bytes = send_without_memory;
    adopt_packets(&one);
    peer_says(&one, "?");
    one_batch(recorder_loop);
    peer_hears_one_write(&one, "before after");
}
END_TEST

static size_t answer_in_part(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    say(recorder, "head ");
    tcp_connection_more_follows(recorder->connection);
    return length;
}

static unsigned packets_sent(const struct recorder *recorder)
{
    struct tcp_info info;
    socklen_t size = sizeof info;
    int fd = tcp_connection_fd(recorder->connection);

    ck_assert_int_eq(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
    return info.tcpi_data_segs_out;
}

/*
 * The kernel holds the first part back for 200 ms at most. A test that was stopped for so long in
 * between has seen nothing; it looks again.
 */
START_TEST(a_part_that_more_follows_leaves_together_with_the_rest)
{
    enum { ATTEMPTS = 10 };
    unsigned packets = 0;

    one.on_bytes = answer_in_part;
    adopt_tcp(&one);
    for (int i = 0; i < ATTEMPTS && packets != 1; i++) {
        unsigned before = packets_sent(&one);
        peer_says(&one, "?");
        one_batch(recorder_loop);
        ck_assert_uint_eq(tcp_connection_unsent(one.connection), 0);
        say(&one, "tail");
        one_batch(recorder_loop);
        peer_hears(&one, "head tail");
        packets = packets_sent(&one) - before;
    }
    ck_assert_uint_eq(packets, 1);
}
END_TEST

/* What is said once holds for one write. */
START_TEST(the_rest_is_not_held_back)
{
    struct tcp_info info;
    socklen_t size = sizeof info;

    one.on_bytes = answer_in_part;
    adopt_tcp(&one);
    peer_says(&one, "?");
    one_batch(recorder_loop);
    say(&one, "tail");
    one_batch(recorder_loop);
    int fd = tcp_connection_fd(one.connection);
    ck_assert_int_eq(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
    ck_assert_uint_eq(info.tcpi_notsent_bytes, 0);
    peer_hears(&one, "head tail");
}
END_TEST

TCase *writing_case(void)
{
    TCase *tcase = tcase_create("writing");

    tcase_add_checked_fixture(tcase, recorder_setup, recorder_teardown);
    tcase_add_test(tcase, all_sends_of_a_callback_leave_in_one_write_when_it_is_over);
    tcase_add_test(tcase, all_sends_from_outside_a_callback_leave_in_one_write_with_the_batch);
    tcase_add_test(tcase, a_callback_may_send_on_another_connection);
    tcase_add_test(tcase, what_was_sent_before_the_callback_leaves_before_what_it_sends);
    tcase_add_test(tcase, sending_nothing_is_allowed);
    tcase_add_test(tcase, much_more_than_the_socket_takes_arrives_whole_and_in_order);
    tcase_add_test(tcase, a_part_that_more_follows_leaves_together_with_the_rest);
    tcase_add_test(tcase, the_rest_is_not_held_back);
    tcase_add_test(tcase, a_closing_connection_takes_nothing_more);
    tcase_add_test(tcase, a_peer_that_is_gone_ends_the_connection_without_a_signal);
    tcase_add_test(tcase, a_send_without_memory_says_so_and_appends_nothing);
    return tcase;
}
