#include "test_event_loop.h"

#include "fake_dispatcher.h"
#include "suite_runner.h"

#include <pthread.h>
#include <signal.h>

static void *ask_owner(void *answer)
{
    *(bool *)answer = event_loop_is_owner(fake_loop);
    return NULL;
}

START_TEST(only_the_thread_that_made_the_loop_is_its_owner)
{
    bool other_is_owner = true;
    pthread_t other;

    ck_assert(event_loop_is_owner(fake_loop));
    ck_assert_int_eq(pthread_create(&other, NULL, ask_owner, &other_is_owner), 0);
    ck_assert_int_eq(pthread_join(other, NULL), 0);
    ck_assert(!other_is_owner);
}
END_TEST

#ifndef NDEBUG
START_TEST(deferring_twice_is_a_programmer_s_error)
{
    struct work work = new_work("work", NULL);

    event_loop_defer(fake_loop, &work.deferred);
    event_loop_defer(fake_loop, &work.deferred);
}
END_TEST

START_TEST(removing_a_channel_twice_is_a_programmer_s_error)
{
    struct channel channel = new_channel(5);

    add_to_loop(&channel, EVENT_READ);
    event_loop_remove_channel(fake_loop, &channel);
    event_loop_remove_channel(fake_loop, &channel);
}
END_TEST

static struct channel foreign;
static struct work foreign_work;

/* What another thread may not do, one a test. */
static void *trespass(void *which)
{
    switch (*(int *)which) {
    case 0:
        event_loop_add_channel(fake_loop, &foreign, EVENT_WRITE);
        break;
    case 1:
        event_loop_update_channel(fake_loop, &foreign, EVENT_WRITE);
        break;
    case 2:
        event_loop_remove_channel(fake_loop, &foreign);
        break;
    case 3:
        event_loop_defer(fake_loop, &foreign_work.deferred);
        break;
    case 4:
        event_loop_quit(fake_loop);
        break;
    default:
        event_loop_run(fake_loop);
        break;
    }
    return NULL;
}

START_TEST(a_call_on_another_thread_is_a_programmer_s_error)
{
    pthread_t other;

    foreign = new_channel(5);
    foreign_work = new_work("work", NULL);
    if (_i != 0) {
        add_to_loop(&foreign, EVENT_READ);
    }
    ck_assert_int_eq(pthread_create(&other, NULL, trespass, &_i), 0);
    pthread_join(other, NULL);
}
END_TEST
#endif

TCase *ownership_case(void)
{
    TCase *tcase = tcase_create("ownership");

    tcase_add_checked_fixture(tcase, silence_assertions, NULL);
    tcase_add_checked_fixture(tcase, fake_setup, fake_teardown);
    tcase_add_test(tcase, only_the_thread_that_made_the_loop_is_its_owner);
#ifndef NDEBUG
    tcase_add_test_raise_signal(tcase, deferring_twice_is_a_programmer_s_error, SIGABRT);
    tcase_add_test_raise_signal(tcase, removing_a_channel_twice_is_a_programmer_s_error, SIGABRT);
    tcase_add_loop_test_raise_signal(tcase, a_call_on_another_thread_is_a_programmer_s_error,
                                     SIGABRT, 0, 6);
#endif
    return tcase;
}
