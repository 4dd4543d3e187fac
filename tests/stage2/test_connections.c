/* Connections over every dispatcher: what only shows when loop, table and dispatcher work together.
 */
#include "epoll_dispatcher.h"
#include "loop_steps.h"
#include "poll_dispatcher.h"
#include "recorder.h"
#include "select_dispatcher.h"
#include "sockets.h"
#include "suite_runner.h"

#include <errno.h>
#include <sys/select.h>
#include <unistd.h>

static const struct event_dispatcher *const dispatchers[] = {
    &poll_dispatcher,
    &select_dispatcher,
    &epoll_dispatcher,
};

static struct recorder one;
static struct recorder two;
static struct recorder next;

static size_t echo(struct recorder *recorder, char *bytes, size_t length)
{
    ck_assert_int_eq(tcp_connection_send(recorder->connection, bytes, length), 0);
    return length;
}

START_TEST(an_echo_of_a_megabyte_is_whole)
{
    enum { MEGABYTE = 1 << 20 };
    size_t sent = 0;
    size_t got = 0;

    recorder_setup_on(dispatchers[_i]);
    one.on_bytes = echo;
    adopt_tcp(&one);
    while (got < MEGABYTE) {
        if (sent < MEGABYTE) {
            sent += fill(one.peer, sent);
        }
        batch_ready_now(recorder_loop);
        got += peer_reads_pattern_now(one.peer, got);
    }
    recorder_teardown();
}
END_TEST

static size_t leave_all_and_abort_second_time(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    (void)length;
    if (recorder->deliveries == 2) {
        tcp_connection_abort(recorder->connection);
    }
    return 0;
}

/* Bytes are left unread, so that the old descriptor is readable until the moment it is closed. */
START_TEST(the_next_connection_under_the_same_number_hears_nothing_of_the_last)
{
    recorder_setup_on(dispatchers[_i]);
    one.on_bytes = leave_all_and_abort_second_time;
    adopt_stream(&one);
    int fd = tcp_connection_fd(one.connection);
    for (int round = 0; round < 3; round++) {
        peer_says(&one, "x");
        one_batch(recorder_loop);
        tcp_connection_resume_reading(one.connection);
        peer_says(&one, "unread");
        batches_until(recorder_loop, one.closes == 1);
        next = (struct recorder){.on_bytes = leave_all_and_abort_second_time};
        adopt_stream(&next);
        ck_assert_int_eq(tcp_connection_fd(next.connection), fd);
        ck_assert_int_eq(batch_ready_now(recorder_loop), 0);
        ck_assert_int_eq(next.deliveries + next.eofs + next.closes, 0);
        tcp_connection_set_context(next.connection, &one);
        one = next;
    }
    recorder_teardown();
}
END_TEST

static size_t abort_other(struct recorder *recorder, char *bytes, size_t length)
{
    (void)bytes;
    tcp_connection_abort(recorder->other->connection);
    return length;
}

START_TEST(a_connection_aborted_inside_a_batch_gets_no_bytes)
{
    recorder_setup_on(dispatchers[_i]);
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
    recorder_teardown();
}
END_TEST

START_TEST(a_reset_ends_a_connection_that_only_writes)
{
    static char much[2000000];

    recorder_setup_on(dispatchers[_i]);
    adopt_tcp(&one);
    int fd = tcp_connection_fd(one.connection);
    shrink_buffers(fd);
    ck_assert_int_eq(tcp_connection_send(one.connection, much, sizeof much), 0);
    batches_until_quiet(recorder_loop);
    peer_resets(one.peer);
    batches_until(recorder_loop, one.closes > 0);
    assert_gone(&one, fd);
    recorder_teardown();
}
END_TEST

/* Reading is off after the end of the peer's bytes: the loop must sleep, whatever the peer does. */
START_TEST(a_peer_that_is_done_does_not_make_the_loop_spin)
{
    recorder_setup_on(dispatchers[_i]);
    adopt_stream(&one);
    close(one.peer);
    batches_until(recorder_loop, one.eofs == 1);
    ck_assert_int_eq(batch_ready_now(recorder_loop), 0);
    recorder_teardown();
}
END_TEST

START_TEST(a_descriptor_too_high_for_select_stays_with_the_caller)
{
    int pair[2];

    allow_descriptors(FD_SETSIZE);
    recorder_setup_on(dispatchers[_i]);
    stream_pair(pair);
    ck_assert_int_eq(dup2(pair[0], FD_SETSIZE), FD_SETSIZE);
    int expected = dispatchers[_i] == &select_dispatcher ? -ERANGE : 0;
    ck_assert_int_eq(
        connection_table_adopt(recorder_table, FD_SETSIZE, &recorder_callbacks, &one, NULL),
        expected);
    ck_assert(descriptor_is_open(FD_SETSIZE));
    ck_assert_int_eq(one.opens, expected == 0);
    ck_assert_uint_eq(connection_table_count(recorder_table), expected == 0);
    recorder_teardown();
}
END_TEST

int main(void)
{
    enum { COUNT = sizeof dispatchers / sizeof *dispatchers };
    Suite *suite = suite_create("connections");
    TCase *together = tcase_create("together");

    tcase_add_loop_test(together, an_echo_of_a_megabyte_is_whole, 0, COUNT);
    tcase_add_loop_test(
        together, the_next_connection_under_the_same_number_hears_nothing_of_the_last, 0, COUNT);
    tcase_add_loop_test(together, a_connection_aborted_inside_a_batch_gets_no_bytes, 0, COUNT);
    tcase_add_loop_test(together, a_reset_ends_a_connection_that_only_writes, 0, COUNT);
    tcase_add_loop_test(together, a_peer_that_is_done_does_not_make_the_loop_spin, 0, COUNT);
    tcase_add_loop_test(together, a_descriptor_too_high_for_select_stays_with_the_caller, 0, COUNT);
    tcase_set_timeout(together, 15);
    suite_add_tcase(suite, together);
    return run_suite(suite);
}
