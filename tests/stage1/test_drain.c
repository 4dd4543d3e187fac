#include "container_of.h"
#include "drain.h"
#include "echo.h"
#include "loop_steps.h"
#include "recorder.h"
#include "sockets.h"
#include "suite_runner.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static struct drain drain;
static int dones;

static void on_done(struct drain *which)
{
    ck_assert_ptr_eq(which, &drain);
    ck_assert_uint_eq(connection_table_count(recorder_table), 0);
    dones++;
}

static void setup(void)
{
    recorder_setup();
    ck_assert_int_eq(drain_init(&drain, recorder_table), 0);
}

static void teardown(void)
{
    drain_release(&drain);
    recorder_teardown();
}

/*
 * A step at the moment of the test's choice: what is quiet and what is not must not depend on how
 * fast this machine is today.
 */
static void step(void)
{
    drain.timer.on_expiry(&drain.timer);
    batches_until_quiet(recorder_loop);
}

static void start_by_hand(unsigned timeout_ms)
{
    drain_start(&drain, timeout_ms, on_done);
    timer_stop(&drain.timer);
}

/* A connection whose callbacks have no on_drain. Returns the peer's end. */
static int adopt_echo(void)
{
    int pair[2];

    stream_pair(pair);
    ck_assert_int_eq(connection_table_adopt(recorder_table, pair[0], &echo_callbacks, NULL, NULL),
                     0);
    return pair[1];
}

START_TEST(without_connections_it_is_done_at_once_but_not_inside_start)
{
    drain_start(&drain, 60000, on_done);
    ck_assert_int_eq(dones, 0);
    one_batch(recorder_loop);
    ck_assert_int_eq(dones, 1);
    ck_assert_uint_eq(drain.cut_off, 0);
    ck_assert_msg(!timer_is_armed(&drain.timer), "the steps go on though it is done");
}
END_TEST

START_TEST(an_idle_connection_is_closed_and_then_it_is_done)
{
    int peer = adopt_echo();

    drain_start(&drain, 60000, on_done);
    ck_assert_int_eq(dones, 0);
    batches_until(recorder_loop, dones > 0);
    peer_sees_end(peer);
    ck_assert_uint_eq(drain.cut_off, 0);
    ck_assert_int_eq(dones, 1);
}
END_TEST

START_TEST(a_connection_on_which_bytes_move_is_kept_until_they_stop)
{
    static struct recorder busy;
    char byte;
    int echo_peer = adopt_echo();

    adopt_stream(&busy);
    start_by_hand(60000);
    for (int i = 0; i < 5; i++) {
        peer_says(&busy, "x");
        peer_sends(echo_peer, "x", 1);
        batches_until_quiet(recorder_loop);
        step();
        ck_assert_msg(busy.drains == 0, "a busy connection was told to drain in step %d", i);
        ck_assert_uint_eq(connection_table_count(recorder_table), 2);
        peer_reads(echo_peer, &byte, 1);
    }
    step();
    ck_assert_int_eq(busy.drains, 1);
    ck_assert_uint_eq(connection_table_count(recorder_table), 1);
    peer_sees_end(echo_peer);
}
END_TEST

START_TEST(what_is_still_owed_is_delivered_before_the_end)
{
    enum { OWED = 250000 };
    static char owed[OWED];
    static struct recorder slow;
    size_t got = 0;

    pattern(owed, 0, OWED);
    adopt_stream(&slow);
    shrink_buffers(tcp_connection_fd(slow.connection));
    ck_assert_int_eq(tcp_connection_send(slow.connection, owed, OWED), 0);
    tcp_connection_close_after_flush(slow.connection);
    start_by_hand(60000);
    while (got < OWED) {
        ck_assert_int_eq(dones, 0);
        step();
        got += peer_reads_pattern_now(slow.peer, got);
    }
    batches_until(recorder_loop, slow.closes > 0);
    ck_assert_int_eq(dones, 0);
    step();
    ck_assert_int_eq(dones, 1);
    ck_assert_uint_eq(drain.cut_off, 0);
    peer_sees_end(slow.peer);
}
END_TEST

START_TEST(bytes_that_are_reported_together_with_the_step_are_still_answered)
{
    char got[3] = "";
    int peer = adopt_echo();

    start_by_hand(60000);
    ck_assert_int_eq(send(peer, "hi", 2, 0), 2);
    /* The timer comes first in the batch: the connection looks quiet, and is not. */
    drain.timer.on_expiry(&drain.timer);
    one_batch(recorder_loop);
    ck_assert_int_eq(recv(peer, got, 2, MSG_DONTWAIT), 2);
    ck_assert_str_eq(got, "hi");
    ck_assert_uint_eq(connection_table_count(recorder_table), 1);
    close(peer);
}
END_TEST

START_TEST(who_does_not_go_is_cut_off_when_the_time_is_over)
{
    static struct recorder stubborn;

    adopt_stream(&stubborn);
    start_by_hand(60000);
    for (int i = 0; i < 3; i++) {
        step();
        ck_assert_msg(stubborn.closes == 0, "cut off in step %d, before the time", i + 1);
        ck_assert_int_eq(stubborn.drains, i + 1);
    }
    drain.deadline_ms = 0; /* long ago */
    step();
    ck_assert_int_eq(stubborn.closes, 1);
    ck_assert_uint_eq(drain.cut_off, 1);
    ck_assert_int_eq(dones, 0);
    step();
    ck_assert_int_eq(dones, 1);
    ck_assert_uint_eq(drain.cut_off, 1);
}
END_TEST

START_TEST(the_time_is_over_by_itself)
{
    static struct recorder stubborn;

    adopt_stream(&stubborn);
    drain_start(&drain, 100, on_done);
    batches_until(recorder_loop, dones > 0);
    ck_assert_int_eq(stubborn.closes, 1);
    ck_assert_uint_eq(drain.cut_off, 1);
}
END_TEST

static void never(struct drain *which)
{
    (void)which;
    ck_abort_msg("the on_done of a second start was called");
}

START_TEST(a_second_start_changes_nothing)
{
    adopt_echo();
    drain_start(&drain, 60000, on_done);
    int64_t deadline_ms = drain.deadline_ms;
    drain_start(&drain, 0, never);
    ck_assert_int_eq(drain.deadline_ms, deadline_ms);
    batches_until(recorder_loop, dones > 0);
    ck_assert_int_eq(dones, 1);
}
END_TEST

START_TEST(draining_needs_no_descriptor)
{
    adopt_echo();
    unsigned long limit = exhaust_descriptors();
    drain_start(&drain, 60000, on_done);
    batches_until(recorder_loop, dones > 0);
    restore_descriptors(limit);
    ck_assert_int_eq(dones, 1);
}
END_TEST

START_TEST(without_a_timer_there_is_no_drain)
{
    struct drain other;

    loop_steps_fail_add(0, ENOMEM);
    ck_assert_int_eq(drain_init(&other, recorder_table), -ENOMEM);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("drain");

    TCase *going = tcase_create("going");
    tcase_add_checked_fixture(going, setup, teardown);
    tcase_add_test(going, without_connections_it_is_done_at_once_but_not_inside_start);
    tcase_add_test(going, an_idle_connection_is_closed_and_then_it_is_done);
    tcase_add_test(going, a_connection_on_which_bytes_move_is_kept_until_they_stop);
    tcase_add_test(going, what_is_still_owed_is_delivered_before_the_end);
    suite_add_tcase(suite, going);

    TCase *time = tcase_create("time-out");
    tcase_add_checked_fixture(time, setup, teardown);
    tcase_add_test(time, who_does_not_go_is_cut_off_when_the_time_is_over);
    tcase_add_test(time, bytes_that_are_reported_together_with_the_step_are_still_answered);
    tcase_add_test(time, the_time_is_over_by_itself);
    suite_add_tcase(suite, time);

    TCase *starting = tcase_create("starting");
    tcase_add_checked_fixture(starting, setup, teardown);
    tcase_add_test(starting, a_second_start_changes_nothing);
    tcase_add_test(starting, draining_needs_no_descriptor);
    tcase_add_test(starting, without_a_timer_there_is_no_drain);
    suite_add_tcase(suite, starting);
    return run_suite(suite);
}
