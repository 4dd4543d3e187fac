#include "container_of.h"
#include "loop_steps.h"
#include "poll_dispatcher.h"
#include "sockets.h"
#include "suite_runner.h"
#include "timer.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

static struct event_loop *loop;
static struct timer first;
static struct timer second;
static int expiries;

static void count_expiry(struct timer *timer)
{
    (void)timer;
    expiries++;
}

static void init(struct timer *timer, void (*on_expiry)(struct timer *timer))
{
    ck_assert_int_eq(timer_init(timer, loop, on_expiry), 0);
}

static void setup(void)
{
    loop = loop_steps_create(&poll_dispatcher);
    init(&first, count_expiry);
}

static void teardown(void)
{
    event_loop_destroy(loop);
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

START_TEST(a_timer_expires_not_before_its_time)
{
    int64_t start = now_ms();

    timer_start(&first, 30);
    batches_until(loop, expiries > 0);
    ck_assert_msg(now_ms() - start >= 29, "expected about 30 ms, got %d", (int)(now_ms() - start));
    timer_release(&first);
}
END_TEST

START_TEST(a_timer_expires_again_and_again)
{
    timer_start(&first, 1);
    batches_until(loop, expiries == 3);
    timer_release(&first);
}
END_TEST

START_TEST(a_period_beyond_a_second_is_no_short_one)
{
    timer_start(&first, 3600000);
    ck_assert_int_eq(batch_ready_now(loop), 0);
    timer_start(&first, 1000);
    ck_assert_int_eq(batch_ready_now(loop), 0);
    ck_assert_int_eq(expiries, 0);
    timer_release(&first);
}
END_TEST

START_TEST(a_period_of_0_expires_instead_of_stopping)
{
    timer_start(&first, 0);
    batches_until(loop, expiries == 1);
    timer_release(&first);
}
END_TEST

START_TEST(a_timer_that_was_not_started_is_silent)
{
    ck_assert_int_eq(batch_ready_now(loop), 0);
    /* A spurious readiness, as the contract of channels allows it. */
    first.channel.on_read(&first.channel);
    ck_assert_int_eq(expiries, 0);
    timer_release(&first);
}
END_TEST

START_TEST(a_timer_stopped_after_its_time_but_before_its_batch_does_not_expire)
{
    timer_start(&first, 1);
    await_readable(first.channel.fd);
    timer_stop(&first);
    ck_assert_int_eq(batch_ready_now(loop), 0);
    ck_assert_int_eq(expiries, 0);
    timer_release(&first);
}
END_TEST

static void stop_other(struct timer *timer)
{
    expiries++;
    timer_stop(timer == &first ? &second : &first);
}

START_TEST(a_timer_stopped_inside_the_batch_it_is_ready_in_does_not_expire)
{
    first.on_expiry = stop_other;
    init(&second, stop_other);
    timer_start(&first, 1);
    timer_start(&second, 1);
    await_readable(first.channel.fd);
    await_readable(second.channel.fd);
    ck_assert_int_eq(one_batch(loop), 2);
    ck_assert_int_eq(expiries, 1);
    timer_release(&first);
    timer_release(&second);
}
END_TEST

START_TEST(a_stopped_timer_may_be_started_again)
{
    timer_start(&first, 1);
    timer_stop(&first);
    timer_start(&first, 1);
    batches_until(loop, expiries == 1);
    timer_release(&first);
}
END_TEST

static void release_self(struct timer *timer)
{
    expiries++;
    timer_release(timer);
}

START_TEST(a_timer_may_be_released_when_it_expires)
{
    int before = open_descriptors();

    first.on_expiry = release_self;
    timer_start(&first, 1);
    batches_until(loop, expiries == 1);
    ck_assert_int_eq(open_descriptors(), before - 1);
    ck_assert_int_eq(batch_ready_now(loop), 0);
}
END_TEST

START_TEST(without_a_descriptor_there_is_no_timer)
{
    unsigned long limit = exhaust_descriptors();
    int result = timer_init(&second, loop, count_expiry);

    restore_descriptors(limit);
    ck_assert_int_eq(result, -EMFILE);
    timer_release(&first);
}
END_TEST

START_TEST(a_timer_that_the_loop_refuses_leaves_no_descriptor)
{
    int before = open_descriptors();

    loop_steps_fail_add(0, ENOMEM);
    ck_assert_int_eq(timer_init(&second, loop, count_expiry), -ENOMEM);
    ck_assert_int_eq(open_descriptors(), before);
    timer_release(&first);
}
END_TEST

START_TEST(starting_needs_no_descriptor)
{
    unsigned long limit = exhaust_descriptors();

    timer_start(&first, 1);
    batches_until(loop, expiries == 1);
    restore_descriptors(limit);
    timer_release(&first);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("timer");

    TCase *expiring = tcase_create("expiring");
    tcase_add_checked_fixture(expiring, setup, teardown);
    tcase_add_test(expiring, a_timer_expires_not_before_its_time);
    tcase_add_test(expiring, a_timer_expires_again_and_again);
    tcase_add_test(expiring, a_period_beyond_a_second_is_no_short_one);
    tcase_add_test(expiring, a_period_of_0_expires_instead_of_stopping);
    tcase_add_test(expiring, a_timer_that_was_not_started_is_silent);
    suite_add_tcase(suite, expiring);

    TCase *stopping = tcase_create("stopping");
    tcase_add_checked_fixture(stopping, setup, teardown);
    tcase_add_test(stopping, a_timer_stopped_after_its_time_but_before_its_batch_does_not_expire);
    tcase_add_test(stopping, a_timer_stopped_inside_the_batch_it_is_ready_in_does_not_expire);
    tcase_add_test(stopping, a_stopped_timer_may_be_started_again);
    tcase_add_test(stopping, a_timer_may_be_released_when_it_expires);
    suite_add_tcase(suite, stopping);

    TCase *resources = tcase_create("resources");
    tcase_add_checked_fixture(resources, setup, teardown);
    tcase_add_test(resources, without_a_descriptor_there_is_no_timer);
    tcase_add_test(resources, a_timer_that_the_loop_refuses_leaves_no_descriptor);
    tcase_add_test(resources, starting_needs_no_descriptor);
    suite_add_tcase(suite, resources);
    return run_suite(suite);
}
