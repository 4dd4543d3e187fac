#include "test_tcp_connection.h"

#include "echo.h"
#include "loop_steps.h"
#include "recorder.h"
#include "sockets.h"

#include <sys/socket.h>

/* One read of a connection takes at most this much (tcp_connection_internal.h). */
enum { ONE_READ = 64 * 1024 };

static struct recorder one;

static size_t count_in(void)
{
    return (size_t)counter_read(&connection_table_counters(recorder_table)->bytes_in);
}

static size_t count_out(void)
{
    return (size_t)counter_read(&connection_table_counters(recorder_table)->bytes_out);
}

/* What the table's only connection, which echoes, keeps for its peer. */
static size_t waiting(void)
{
    return count_in() - count_out();
}

/* A peer that sends as much as it can and reads nothing. Returns how much it could send. */
static size_t press(int peer)
{
    size_t sent = 0;
    size_t more;

    do {
        more = fill(peer, sent);
        sent += more;
        batches_until_quiet(recorder_loop);
    } while (more > 0);
    return sent;
}

static int adopt_echo(void)
{
    int pair[2];

    stream_pair(pair);
    shrink_buffers(pair[0]);
    ck_assert_int_eq(connection_table_adopt(recorder_table, pair[0], &echo_callbacks, NULL, NULL),
                     0);
    return pair[1];
}

START_TEST(a_peer_that_does_not_read_is_stopped_and_loses_nothing)
{
    enum { HIGH = 30000, LOW = 10000 };
    size_t got = 0;

    recorder_limit(1000, HIGH, LOW);
    int peer = adopt_echo();
    size_t sent = press(peer);
    /* Above high water reading stopped; a last write may have taken it below, but not to low water.
     */
    ck_assert_msg(waiting() > LOW && waiting() <= HIGH + ONE_READ,
                  "expected %d to %d bytes to wait, got %zu", LOW, HIGH + ONE_READ, waiting());
    ck_assert_uint_lt(count_in(), sent);
    ck_assert_int_eq(shutdown(peer, SHUT_WR), 0);
    while (got < sent) {
        batch_ready_now(recorder_loop);
        got += peer_reads_pattern_now(peer, got);
    }
    batches_until(recorder_loop, connection_table_count(recorder_table) == 0);
    peer_sees_end(peer);
    ck_assert_uint_eq(got, sent);
}
END_TEST

START_TEST(an_echo_owes_what_it_got_also_when_the_peer_has_ended)
{
    size_t got = 0;

    recorder_limit(1000, 1 << 20, 1 << 19);
    int peer = adopt_echo();
    size_t sent = fill(peer, 0);
    ck_assert_int_eq(shutdown(peer, SHUT_WR), 0);
    batches_until(recorder_loop, count_in() == sent);
    batches_until_quiet(recorder_loop);
    ck_assert_msg(waiting() > 0, "nothing waits, so this shows nothing");
    while (got < sent) {
        size_t more = peer_reads_pattern_now(peer, got);
        got += more;
        ck_assert_msg(batch_ready_now(recorder_loop) + (int)more > 0,
                      "the echo stopped after %zu of %zu bytes", got, sent);
    }
    batches_until(recorder_loop, connection_table_count(recorder_table) == 0);
    peer_sees_end(peer);
}
END_TEST

enum { HIGH_WATER = 150000, LOW_WATER = 20000, ANSWER = 250000 };

static char answer[ANSWER];
static size_t waiting_at_delivery;

static size_t answer_much(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    waiting_at_delivery = (size_t)(recorder->deliveries - 1) * ANSWER - count_out();
    ck_assert(!tcp_connection_congested(recorder->connection));
    ck_assert_int_eq(tcp_connection_send(recorder->connection, answer, ANSWER), 0);
    ck_assert(tcp_connection_congested(recorder->connection));
    return length;
}

START_TEST(reading_stops_above_high_water_and_goes_on_at_low_water_not_before)
{
    size_t got = 0;
    int steps_between = 0;

    recorder_limit(1000, HIGH_WATER, LOW_WATER);
    pattern(answer, 0, ANSWER);
    one.on_bytes = answer_much;
    adopt_stream(&one);
    shrink_buffers(tcp_connection_fd(one.connection));
    peer_says(&one, "1");
    one_batch(recorder_loop);
    peer_says(&one, "2");
    batches_until_quiet(recorder_loop);
    ck_assert_msg(one.deliveries == 1, "read on with %zu bytes waiting", ANSWER - count_out());
    while (one.deliveries == 1) {
        size_t left = ANSWER - count_out();
        ck_assert_msg(left > LOW_WATER, "%zu bytes wait, and reading has not gone on", left);
        ck_assert_int_eq(tcp_connection_congested(one.connection), left > HIGH_WATER);
        steps_between += left <= HIGH_WATER;
        got += peer_reads_pattern_now(one.peer, got);
        batches_until_quiet(recorder_loop);
    }
    ck_assert_msg(waiting_at_delivery <= LOW_WATER, "reading went on with %zu bytes waiting",
                  waiting_at_delivery);
    ck_assert_int_gt(steps_between, 0);
}
END_TEST

static size_t answer_and_leave_one(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    ck_assert_int_eq(tcp_connection_send(recorder->connection, answer, ANSWER), 0);
    return recorder->deliveries == 1 ? length - 1 : length;
}

/* A producer stops under pressure and leaves its input; nobody else would wake it. */
START_TEST(left_over_input_comes_again_when_the_pressure_ends)
{
    size_t got = 0;

    recorder_limit(1000, HIGH_WATER, LOW_WATER);
    one.on_bytes = answer_and_leave_one;
    pattern(answer, 0, ANSWER);
    adopt_stream(&one);
    peer_says(&one, "ab");
    one_batch(recorder_loop);
    batches_until_quiet(recorder_loop);
    ck_assert_int_eq(one.deliveries, 1);
    while (one.deliveries == 1) {
        size_t more = peer_reads_pattern_now(one.peer, got);
        ck_assert_msg(more > 0, "all %zu bytes are read, and the input did not come again", got);
        got += more;
        batches_until_quiet(recorder_loop);
    }
    assert_used(&one, "ab");
    ck_assert_int_eq(one.deliveries, 2);
}
END_TEST

/* The kernel takes all of it at once: the pressure is over in the turn in which it began. */
START_TEST(a_short_pressure_gives_the_left_over_again_too)
{
    recorder_limit(1000, 10, 5);
    one.on_bytes = answer_and_leave_one;
    adopt_stream(&one);
    const int room = 4 * ANSWER;
    ck_assert_int_eq(
        setsockopt(tcp_connection_fd(one.connection), SOL_SOCKET, SO_SNDBUF, &room, sizeof room),
        0);
    peer_says(&one, "ab");
    for (int batch = 0; batch < 3; batch++) {
        batch_ready_now(recorder_loop);
    }
    ck_assert_int_eq(one.deliveries, 2);
    assert_used(&one, "ab");
}
END_TEST

START_TEST(pressure_from_outside_a_callback_stops_reading_too)
{
    recorder_limit(1000, HIGH_WATER, LOW_WATER);
    adopt_stream(&one);
    ck_assert_int_eq(tcp_connection_send(one.connection, answer, ANSWER), 0);
    ck_assert_int_eq(tcp_connection_send(one.connection, answer, ANSWER), 0);
    ck_assert(tcp_connection_congested(one.connection));
    batches_until_quiet(recorder_loop);
    peer_says(&one, "x");
    ck_assert_int_eq(batch_ready_now(recorder_loop), 0);
    ck_assert_int_eq(one.deliveries, 0);
}
END_TEST

TCase *pressure_case(void)
{
    TCase *tcase = tcase_create("pressure");

    tcase_add_checked_fixture(tcase, recorder_setup, recorder_teardown);
    tcase_add_test(tcase, a_peer_that_does_not_read_is_stopped_and_loses_nothing);
    tcase_add_test(tcase, an_echo_owes_what_it_got_also_when_the_peer_has_ended);
    tcase_add_test(tcase, reading_stops_above_high_water_and_goes_on_at_low_water_not_before);
    tcase_add_test(tcase, left_over_input_comes_again_when_the_pressure_ends);
    tcase_add_test(tcase, a_short_pressure_gives_the_left_over_again_too);
    tcase_add_test(tcase, pressure_from_outside_a_callback_stops_reading_too);
    tcase_set_timeout(tcase, 15);
    return tcase;
}
