#include "loop_steps.h"
#include "poll_dispatcher.h"
#include "signals.h"
#include "sockets.h"
#include "suite_runner.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

static struct event_loop *loop;
static struct signals signals;
static int received[8];
static int received_count;

static void on_signal(struct signals *which, int number)
{
    ck_assert_ptr_eq(which, &signals);
    ck_assert_int_lt(received_count, 8);
    received[received_count++] = number;
}

static void setup(void)
{
    signals_block();
    loop = loop_steps_create(&poll_dispatcher);
    ck_assert_int_eq(signals_init(&signals, loop, on_signal), 0);
}

static void teardown(void)
{
    event_loop_destroy(loop);
}

static const int handled[] = {SIGINT, SIGTERM, SIGHUP};

START_TEST(a_signal_arrives_as_an_event_of_the_loop)
{
    ck_assert_int_eq(kill(getpid(), handled[_i]), 0);
    ck_assert_int_eq(received_count, 0);
    one_batch(loop);
    ck_assert_int_eq(received_count, 1);
    ck_assert_int_eq(received[0], handled[_i]);
    ck_assert_int_eq(batch_ready_now(loop), 0);
    signals_release(&signals);
}
END_TEST

START_TEST(no_signal_is_lost_when_several_come)
{
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(kill(getpid(), handled[i]), 0);
    }
    batches_until(loop, received_count == 3);
    int sum = received[0] + received[1] + received[2];
    ck_assert_int_eq(sum, SIGINT + SIGTERM + SIGHUP);
    signals_release(&signals);
}
END_TEST

START_TEST(a_spurious_readiness_is_no_signal)
{
    signals.channel.on_read(&signals.channel);
    ck_assert_int_eq(received_count, 0);
    signals_release(&signals);
}
END_TEST

START_TEST(writing_to_a_closed_peer_is_an_error_and_no_signal)
{
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    close(ends[0]);
    ck_assert_int_eq((int)write(ends[1], "x", 1), -1);
    ck_assert_int_eq(errno, EPIPE);
    close(ends[1]);
    signals_release(&signals);
}
END_TEST

START_TEST(release_closes_the_descriptor)
{
    int fd = signals.channel.fd;

    signals_release(&signals);
    ck_assert(!descriptor_is_open(fd));
    ck_assert_int_eq(batch_ready_now(loop), 0);
}
END_TEST

START_TEST(a_failed_init_leaves_no_descriptor)
{
    struct signals more;
    int before = open_descriptors();

    loop_steps_fail_add(0, ENOMEM);
    ck_assert_int_eq(signals_init(&more, loop, on_signal), -ENOMEM);
    ck_assert_int_eq(open_descriptors(), before);
    unsigned long limit = exhaust_descriptors();
    int result = signals_init(&more, loop, on_signal);
    restore_descriptors(limit);
    ck_assert_int_eq(result, -EMFILE);
    signals_release(&signals);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("signals");

    TCase *arriving = tcase_create("arriving");
    tcase_add_checked_fixture(arriving, setup, teardown);
    tcase_add_loop_test(arriving, a_signal_arrives_as_an_event_of_the_loop, 0, 3);
    tcase_add_test(arriving, no_signal_is_lost_when_several_come);
    tcase_add_test(arriving, a_spurious_readiness_is_no_signal);
    tcase_add_test(arriving, writing_to_a_closed_peer_is_an_error_and_no_signal);
    suite_add_tcase(suite, arriving);

    TCase *resources = tcase_create("resources");
    tcase_add_checked_fixture(resources, setup, teardown);
    tcase_add_test(resources, release_closes_the_descriptor);
    tcase_add_test(resources, a_failed_init_leaves_no_descriptor);
    suite_add_tcase(suite, resources);
    return run_suite(suite);
}
