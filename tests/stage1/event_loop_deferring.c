#include "test_event_loop.h"

#include "container_of.h"
#include "fake_dispatcher.h"

#include <errno.h>
#include <stdlib.h>

START_TEST(deferred_work_runs_in_order_after_the_batch)
{
    struct channel channel = new_channel(5);
    struct work first = new_work("first", NULL);
    struct work second = new_work("second", NULL);
    struct work third = new_work("third", NULL);
    struct ready_event event = {.fd = 5, .events = EVENT_READ};

    add_to_loop(&channel, EVENT_READ);
    event_loop_defer(fake_loop, &first.deferred);
    event_loop_defer(fake_loop, &second.deferred);
    event_loop_defer(fake_loop, &third.deferred);
    fake_batch(1, &event);
    fake_batch(0, NULL);
    ck_assert_int_eq(event_loop_run(fake_loop), -ECANCELED);
    /* While work waits the loop does not: time-out 0. */
    ck_assert_str_eq(fake_story, "add:5 wait:0 read:5 first second third wait:-1 wait:-1");
}
END_TEST

START_TEST(what_deferred_work_defers_waits_for_the_next_batch)
{
    struct channel channel = new_channel(5);
    struct work inner = new_work("inner", NULL);
    struct work outer = new_work("outer", &inner);
    struct work last = new_work("last", NULL);
    struct ready_event event = {.fd = 5, .events = EVENT_READ};

    add_to_loop(&channel, EVENT_READ);
    event_loop_defer(fake_loop, &outer.deferred);
    event_loop_defer(fake_loop, &last.deferred);
    fake_batch(0, NULL);
    fake_batch(1, &event);
    ck_assert_int_eq(event_loop_run(fake_loop), -ECANCELED);
    ck_assert_str_eq(fake_story, "add:5 wait:0 outer last wait:0 read:5 inner wait:-1");
}
END_TEST

static void run_and_free(struct deferred *deferred)
{
    tell("freed");
    free(container_of(deferred, struct work, deferred));
}

START_TEST(deferred_work_may_free_the_memory_it_is_in)
{
    struct work *gone = malloc(sizeof *gone);
    struct work last = new_work("last", NULL);

    ck_assert_ptr_nonnull(gone);
    *gone = (struct work){.deferred = {.run = run_and_free}};
    event_loop_defer(fake_loop, &gone->deferred);
    event_loop_defer(fake_loop, &last.deferred);
    event_loop_run_deferred(fake_loop);
    ck_assert_str_eq(fake_story, "freed last");
}
END_TEST

START_TEST(running_deferred_work_runs_what_that_defers_as_well)
{
    struct work inner = new_work("inner", NULL);
    struct work outer = new_work("outer", &inner);
    struct work last = new_work("last", NULL);

    event_loop_defer(fake_loop, &outer.deferred);
    event_loop_defer(fake_loop, &last.deferred);
    event_loop_run_deferred(fake_loop);
    ck_assert_str_eq(fake_story, "outer last inner");
}
END_TEST

TCase *deferring_case(void)
{
    TCase *tcase = tcase_create("deferring");

    tcase_add_checked_fixture(tcase, fake_setup, fake_teardown);
    tcase_add_test(tcase, deferred_work_runs_in_order_after_the_batch);
    tcase_add_test(tcase, what_deferred_work_defers_waits_for_the_next_batch);
    tcase_add_test(tcase, deferred_work_may_free_the_memory_it_is_in);
    tcase_add_test(tcase, running_deferred_work_runs_what_that_defers_as_well);
    return tcase;
}
