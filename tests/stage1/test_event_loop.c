#include "test_event_loop.h"

#include "batch_rules.h"
#include "fake_dispatcher.h"
#include "poll_dispatcher.h"
#include "suite_runner.h"

#include <errno.h>

START_TEST(a_dispatcher_that_cannot_be_created_means_no_loop)
{
    struct event_loop *untouched = (struct event_loop *)&fake;
    struct event_loop *result = untouched;

    fake.create_result = -EMFILE;
    ck_assert_int_eq(event_loop_create(&fake_dispatcher, &result), -EMFILE);
    ck_assert_ptr_eq(result, untouched);
    ck_assert_int_eq(fake.destroyed, 0);
}
END_TEST

START_TEST(destroying_no_loop_is_allowed)
{
    event_loop_destroy(NULL);
    ck_assert_int_eq(fake.destroyed, 0);
}
END_TEST

START_TEST(a_channel_that_cannot_be_added_is_not_registered)
{
    struct channel channel = new_channel(5);
    struct ready_event event = {.fd = 5, .events = EVENT_READ};

    fake.add_result = -ERANGE;
    ck_assert_int_eq(event_loop_add_channel(fake_loop, &channel, EVENT_READ), -ERANGE);
    ck_assert_uint_eq(channel.events, 0);
    fake_batch(1, &event);
    ck_assert_int_eq(event_loop_run(fake_loop), -ECANCELED);
    ck_assert_str_eq(fake_story, "add:5 wait:-1 wait:-1");
    /* Its slot is free again. */
    fake.add_result = 0;
    add_to_loop(&channel, EVENT_READ);
    ck_assert_uint_eq(channel.events, EVENT_READ);
}
END_TEST

START_TEST(an_update_that_fails_leaves_the_old_interest)
{
    struct channel channel = new_channel(5);
    struct ready_event event = {.fd = 5, .events = EVENT_READ | EVENT_WRITE};

    add_to_loop(&channel, EVENT_READ);
    fake.update_result = -ENOMEM;
    ck_assert_int_eq(event_loop_update_channel(fake_loop, &channel, EVENT_WRITE), -ENOMEM);
    ck_assert_uint_eq(channel.events, EVENT_READ);
    fake_batch(1, &event);
    ck_assert_int_eq(event_loop_run(fake_loop), -ECANCELED);
    ck_assert_str_eq(fake_story, "add:5 update:2 wait:-1 read:5 wait:-1");
}
END_TEST

START_TEST(an_update_to_the_same_interest_asks_the_dispatcher_nothing)
{
    struct channel channel = new_channel(5);

    add_to_loop(&channel, EVENT_READ);
    ck_assert_int_eq(event_loop_update_channel(fake_loop, &channel, EVENT_READ), 0);
    ck_assert_str_eq(fake_story, "add:5");
    ck_assert_int_eq(event_loop_update_channel(fake_loop, &channel, 0), 0);
    ck_assert_int_eq(event_loop_update_channel(fake_loop, &channel, EVENT_READ | EVENT_WRITE), 0);
    ck_assert_str_eq(fake_story, "add:5 update:0 update:3");
}
END_TEST

START_TEST(closing_soon_is_told_to_a_dispatcher_that_wants_to_know)
{
    struct channel channel = new_channel(5);

    add_to_loop(&channel, EVENT_READ);
    event_loop_forget_channel(fake_loop, &channel);
    ck_assert_uint_eq(channel.events, 0);
    add_to_loop(&channel, EVENT_READ);
    fake_dispatcher.forget = NULL;
    event_loop_forget_channel(fake_loop, &channel);
    ck_assert_uint_eq(channel.events, 0);
    ck_assert_str_eq(fake_story, "add:5 forget:5 add:5 remove:5");
}
END_TEST

START_TEST(an_event_nobody_asked_for_is_dropped)
{
    struct channel reader = new_channel(5);
    struct channel writer = new_channel(6);
    const struct ready_event events[] = {
        {.fd = 4, .events = EVENT_READ},   /* no channel there */
        {.fd = 5, .events = EVENT_WRITE},  /* wants only to read */
        {.fd = 6, .events = EVENT_READ},   /* wants only to write */
        {.fd = 999, .events = EVENT_READ}, /* beyond what the map holds */
    };

    add_to_loop(&reader, EVENT_READ);
    add_to_loop(&writer, EVENT_WRITE);
    fake_batch(4, events);
    ck_assert_int_eq(event_loop_run(fake_loop), -ECANCELED);
    ck_assert_str_eq(fake_story, "add:5 add:6 wait:-1 wait:-1");
}
END_TEST

START_TEST(each_channel_gets_what_it_is_ready_for_read_first)
{
    struct channel reader = new_channel(5);
    struct channel writer = new_channel(6);
    struct channel both = new_channel(7);
    const struct ready_event events[] = {
        {.fd = 7, .events = EVENT_READ | EVENT_WRITE},
        {.fd = 5, .events = EVENT_READ | EVENT_WRITE},
        {.fd = 6, .events = EVENT_READ | EVENT_WRITE},
    };

    add_to_loop(&reader, EVENT_READ);
    add_to_loop(&writer, EVENT_WRITE);
    add_to_loop(&both, EVENT_READ | EVENT_WRITE);
    fake_story[0] = '\0';
    fake_batch(3, events);
    ck_assert_int_eq(event_loop_run(fake_loop), -ECANCELED);
    ck_assert_str_eq(fake_story, "wait:-1 read:7 write:7 read:5 write:6 wait:-1");
}
END_TEST

START_TEST(a_failed_wait_ends_the_run_with_its_error)
{
    ck_assert_int_eq(event_loop_run(fake_loop), -ECANCELED);
    ck_assert_str_eq(fake_story, "wait:-1");
}
END_TEST

START_TEST(a_quit_before_the_run_is_not_lost)
{
    event_loop_quit(fake_loop);
    ck_assert_int_eq(event_loop_run(fake_loop), 0);
    ck_assert_str_eq(fake_story, "");
}
END_TEST

static void read_and_quit(struct channel *channel)
{
    tell_number("quit", channel->fd);
    event_loop_quit(fake_loop);
}

START_TEST(a_quit_inside_a_batch_lets_the_batch_and_deferred_work_finish)
{
    struct channel first = new_channel(5);
    struct channel second = new_channel(6);
    struct work inner = new_work("inner", NULL);
    struct work outer = new_work("outer", &inner);
    const struct ready_event events[] = {{.fd = 5, .events = EVENT_READ},
                                         {.fd = 6, .events = EVENT_READ}};

    first.on_read = read_and_quit;
    add_to_loop(&first, EVENT_READ);
    add_to_loop(&second, EVENT_READ);
    event_loop_defer(fake_loop, &outer.deferred);
    fake_batch(2, events);
    ck_assert_int_eq(event_loop_run(fake_loop), 0);
    ck_assert_str_eq(fake_story, "add:5 add:6 wait:0 quit:5 read:6 outer inner");
}
END_TEST

START_TEST(a_loop_that_is_destroyed_runs_what_is_still_deferred)
{
    static struct work work;

    work = new_work("work", NULL);
    struct event_loop *other;
    ck_assert_int_eq(event_loop_create(&fake_dispatcher, &other), 0);
    event_loop_defer(other, &work.deferred);
    event_loop_destroy(other);
    ck_assert_str_eq(fake_story, "work");
    fake.destroyed--; /* teardown counts the fixture's own loop */
}
END_TEST

START_TEST(a_failed_wait_runs_what_is_still_deferred)
{
    struct work work = new_work("work", NULL);

    event_loop_defer(fake_loop, &work.deferred);
    ck_assert_int_eq(event_loop_run(fake_loop), -ECANCELED);
    ck_assert_str_eq(fake_story, "wait:0 work");
}
END_TEST

START_TEST(iterations_events_and_times_are_counted)
{
    struct channel channel = new_channel(5);
    const struct ready_event events[] = {{.fd = 5, .events = EVENT_READ},
                                         {.fd = 9, .events = EVENT_READ}};
    const struct event_loop_counters *counters = event_loop_counters(fake_loop);

    add_to_loop(&channel, EVENT_READ);
    fake_batch(2, events);
    fake_batch(0, NULL);
    fake_batch(1, events);
    ck_assert_int_eq(event_loop_run(fake_loop), -ECANCELED);
    /* The wait that fails is an iteration, too. */
    ck_assert_uint_eq(counter_read(&counters->iterations), 4);
    ck_assert_uint_eq(counter_read(&counters->events), 3);
    ck_assert_uint_gt(counter_read(&counters->waiting_ns) + counter_read(&counters->busy_ns), 0);
    ck_assert_uint_lt(counter_read(&counters->waiting_ns) + counter_read(&counters->busy_ns),
                      UINT64_C(20000000000));
}
END_TEST

START_TEST(the_loop_names_its_dispatcher)
{
    ck_assert_str_eq(event_loop_dispatcher_name(fake_loop), "fake");
}
END_TEST

static TCase *new_case(Suite *suite, const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, fake_setup, fake_teardown);
    suite_add_tcase(suite, tcase);
    return tcase;
}

int main(void)
{
    static const struct event_dispatcher *const dispatchers[] = {&poll_dispatcher};
    Suite *suite = suite_create("event_loop");

    TCase *creation = tcase_create("creation");
    tcase_add_test(creation, a_dispatcher_that_cannot_be_created_means_no_loop);
    tcase_add_test(creation, destroying_no_loop_is_allowed);
    suite_add_tcase(suite, creation);

    TCase *channels = new_case(suite, "channels");
    tcase_add_test(channels, a_channel_that_cannot_be_added_is_not_registered);
    tcase_add_test(channels, an_update_that_fails_leaves_the_old_interest);
    tcase_add_test(channels, an_update_to_the_same_interest_asks_the_dispatcher_nothing);
    tcase_add_test(channels, closing_soon_is_told_to_a_dispatcher_that_wants_to_know);
    tcase_add_test(channels, an_event_nobody_asked_for_is_dropped);
    tcase_add_test(channels, each_channel_gets_what_it_is_ready_for_read_first);

    TCase *ending = new_case(suite, "ending");
    tcase_add_test(ending, a_failed_wait_ends_the_run_with_its_error);
    tcase_add_test(ending, a_failed_wait_runs_what_is_still_deferred);
    tcase_add_test(ending, a_quit_before_the_run_is_not_lost);
    tcase_add_test(ending, a_quit_inside_a_batch_lets_the_batch_and_deferred_work_finish);
    tcase_add_test(ending, a_loop_that_is_destroyed_runs_what_is_still_deferred);

    TCase *queries = new_case(suite, "queries");
    tcase_add_test(queries, iterations_events_and_times_are_counted);
    tcase_add_test(queries, the_loop_names_its_dispatcher);

    batch_rules_add(suite, dispatchers, 1);
    suite_add_tcase(suite, deferring_case());
    suite_add_tcase(suite, ownership_case());
    return run_suite(suite);
}
