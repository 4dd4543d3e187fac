/* What a connection says about its output: how much the kernel took, and how much waits. */
#include "test_tcp_connection.h"

#include "loop_steps.h"
#include "recorder.h"
#include "sockets.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LARGE = 2 * 1024 * 1024, BY_ANOTHER_WAY = 12345 };

static struct recorder one;

static void expect_counts(uint64_t sent, size_t unsent)
{
    ck_assert_uint_eq(tcp_connection_sent(one.connection), sent);
    ck_assert_uint_eq(tcp_connection_unsent(one.connection), unsent);
}

START_TEST(a_new_connection_has_sent_nothing_and_nothing_waits)
{
    adopt_stream(&one);
    expect_counts(0, 0);
    peer_says(&one, "bytes that come in do not count");
    one_batch(recorder_loop);
    expect_counts(0, 0);
}
END_TEST

static size_t answer_and_look(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    say(recorder, "five!");
    expect_counts(0, 5);
    say(recorder, "and more");
    expect_counts(0, 13);
    return length;
}

START_TEST(what_is_sent_inside_a_callback_waits_until_it_is_over)
{
    one.on_bytes = answer_and_look;
    adopt_stream(&one);
    peer_says(&one, "?");
    one_batch(recorder_loop);
    expect_counts(13, 0);
}
END_TEST

START_TEST(what_is_sent_outside_of_callbacks_waits_until_the_batch_is_over)
{
    adopt_stream(&one);
    say(&one, "five!");
    expect_counts(0, 5);
    one_batch(recorder_loop);
    expect_counts(5, 0);
}
END_TEST

/* However far the kernel has come: both together are all that was sent. */
START_TEST(what_the_kernel_does_not_take_waits_and_is_counted_once)
{
    char *large = malloc(LARGE);
    size_t received = 0;

    ck_assert_ptr_nonnull(large);
    pattern(large, 0, LARGE);
    recorder_limit(1000, 2 * LARGE, LARGE);
    adopt_stream(&one);
    ck_assert_int_eq(tcp_connection_send(one.connection, large, LARGE), 0);
    free(large);
    expect_counts(0, LARGE);
    while (received < LARGE) {
        batches_until_quiet(recorder_loop);
        uint64_t sent = tcp_connection_sent(one.connection);
        size_t unsent = tcp_connection_unsent(one.connection);
        ck_assert_msg(sent + unsent == LARGE, "%llu sent and %zu waiting are not %d",
                      (unsigned long long)sent, unsent, LARGE);
        ck_assert_msg(received > 0 || (sent > 0 && unsent > 0),
                      "the kernel took %llu of %d bytes: nothing to be seen here",
                      (unsigned long long)sent, LARGE);
        received += peer_reads_pattern_now(one.peer, received);
    }
    expect_counts(LARGE, 0);
}
END_TEST

START_TEST(bytes_that_left_by_another_way_count_when_they_are_reported)
{
    const struct connection_counters *counters = connection_table_counters(recorder_table);

    adopt_stream(&one);
    say(&one, "five!");
    one_batch(recorder_loop);
    tcp_connection_count_sent(one.connection, BY_ANOTHER_WAY);
    expect_counts(5 + BY_ANOTHER_WAY, 0);
    ck_assert_uint_eq(counter_read(&counters->bytes_out), 5 + BY_ANOTHER_WAY);
}
END_TEST

TCase *counting_case(void)
{
    TCase *counting = tcase_create("counting");

    tcase_add_checked_fixture(counting, recorder_setup, recorder_teardown);
    tcase_add_test(counting, a_new_connection_has_sent_nothing_and_nothing_waits);
    tcase_add_test(counting, what_is_sent_inside_a_callback_waits_until_it_is_over);
    tcase_add_test(counting, what_is_sent_outside_of_callbacks_waits_until_the_batch_is_over);
    tcase_add_test(counting, what_the_kernel_does_not_take_waits_and_is_counted_once);
    tcase_add_test(counting, bytes_that_left_by_another_way_count_when_they_are_reported);
    return counting;
}
