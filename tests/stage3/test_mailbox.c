#include "container_of.h"
#include "mailbox_fixture.h"
#include "scripted_wakeup.h"
#include "suite_runner.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { MANY = 1000 };

static struct mailbox_fixture fixture;
static struct note notes[MANY];

static void open_fixture(int index)
{
    mailbox_fixture_open(&fixture, variant_at(index));
    notes_init(notes, MANY, &fixture.journal, 1);
}

/* A task that calls back into the test. */
struct action {
    struct mailbox_task task;
    void (*act)(void);
};

static void run_action(struct mailbox_task *task)
{
    container_of(task, struct action, task)->act();
}

static void drop_action(struct mailbox_task *task)
{
    (void)task;
    journal_write(&fixture.journal, "-action");
}

static struct action action_of(void (*act)(void))
{
    return (struct action){.task = {.run = run_action, .drop = drop_action}, .act = act};
}

START_TEST(tasks_run_in_the_order_in_which_they_were_posted)
{
    open_fixture(_i);
    notes_post(notes, 5, fixture.mailbox);
    mailbox_fixture_expect(&fixture, "");
    mailbox_fixture_run(&fixture);
    mailbox_fixture_expect(&fixture, "+1 +2 +3 +4 +5");
    mailbox_fixture_close(&fixture);
}
END_TEST

START_TEST(posts_of_the_owner_queue_up_behind_those_of_others)
{
    open_fixture(_i);
    notes_post(&notes[0], 2, fixture.mailbox);
    ck_assert_int_eq(mailbox_queue_in_loop(fixture.mailbox, &notes[2].task), 0);
    notes_post(&notes[3], 1, fixture.mailbox);
    mailbox_fixture_run(&fixture);
    mailbox_fixture_expect(&fixture, "+1 +2 +3 +4");
    mailbox_fixture_close(&fixture);
}
END_TEST

static void note_io(struct channel *channel)
{
    journal_write(&fixture.journal, "io");
    event_loop_update_channel(fixture.loop, channel, 0);
}

START_TEST(the_events_of_a_batch_go_before_the_tasks)
{
    struct channel channel = {.fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK), .on_read = note_io};

    ck_assert_int_ge(channel.fd, 0);
    open_fixture(_i);
    /* First the post, so that every dispatcher reports the wakeup before the channel. */
    notes_post(notes, 2, fixture.mailbox);
    ck_assert_int_eq(event_loop_add_channel(fixture.loop, &channel, EVENT_READ), 0);
    mailbox_fixture_run(&fixture);
    mailbox_fixture_expect(&fixture, "io +1 +2");
    event_loop_remove_channel(fixture.loop, &channel);
    mailbox_fixture_close(&fixture);
    close(channel.fd);
}
END_TEST

static void post_third_and_quit(void)
{
    journal_write(&fixture.journal, "posting");
    ck_assert_int_eq(mailbox_queue_in_loop(fixture.mailbox, &notes[2].task), 0);
    ck_assert_int_eq(mailbox_queue_in_loop(fixture.mailbox, &fixture.quit), 0);
    mailbox_fixture_expect(&fixture, "+1 posting");
}

/* What a task posts waits for the next drain; so a task that posts itself keeps nobody out. */
START_TEST(a_task_posted_by_a_task_runs_in_a_later_drain)
{
    struct action action = action_of(post_third_and_quit);

    open_fixture(_i);
    notes_post(&notes[0], 1, fixture.mailbox);
    ck_assert_int_eq(mailbox_queue_in_loop(fixture.mailbox, &action.task), 0);
    notes_post(&notes[1], 1, fixture.mailbox);
    ck_assert_int_eq(event_loop_run(fixture.loop), 0);
    mailbox_fixture_expect(&fixture, "+1 posting +2 +3");
    ck_assert_uint_eq(counter_read(&mailbox_counters(fixture.mailbox)->wakeups), 2);
    mailbox_fixture_close(&fixture);
}
END_TEST

struct again {
    struct mailbox_task task;
    int left;
};

static void run_again(struct mailbox_task *task)
{
    struct again *again = container_of(task, struct again, task);

    if (--again->left > 0) {
        ck_assert_int_eq(mailbox_queue_in_loop(fixture.mailbox, task), 0);
    } else {
        event_loop_quit(fixture.loop);
    }
}

START_TEST(a_task_may_post_itself_again)
{
    struct again again = {.task.run = run_again, .left = MANY};

    open_fixture(_i);
    ck_assert_int_eq(mailbox_queue_in_loop(fixture.mailbox, &again.task), 0);
    ck_assert_int_eq(event_loop_run(fixture.loop), 0);
    ck_assert_int_eq(again.left, 0);
    ck_assert_uint_eq(counter_read(&mailbox_counters(fixture.mailbox)->tasks), MANY);
    mailbox_fixture_close(&fixture);
}
END_TEST

static void run_and_free(struct mailbox_task *task)
{
    journal_write(&fixture.journal, "run");
    free(task);
}

START_TEST(a_task_may_free_itself_when_it_runs)
{
    open_fixture(_i);
    for (int i = 0; i < 3; i++) {
        struct mailbox_task *task = malloc(sizeof *task);
        ck_assert_ptr_nonnull(task);
        *task = (struct mailbox_task){.run = run_and_free};
        ck_assert_int_eq(mailbox_queue_in_loop(fixture.mailbox, task), 0);
    }
    mailbox_fixture_run(&fixture);
    mailbox_fixture_expect(&fixture, "run run run");
    mailbox_fixture_close(&fixture);
}
END_TEST

static atomic_uint wakes;

static void count_wake(void)
{
    atomic_fetch_add(&wakes, 1);
}

static void open_counting_fixture(int index)
{
    struct variant variant = variant_at(index);

    variant.wakeup = scripted_wakeup(variant.wakeup);
    wakeup_script.on_wake = count_wake;
    mailbox_fixture_open(&fixture, variant);
    notes_init(notes, MANY, &fixture.journal, 1);
}

static void run_silent(struct mailbox_task *task)
{
    (void)task;
}

static void post_many(void)
{
    for (int i = 0; i < MANY; i++) {
        notes[i].task.run = run_silent;
    }
    notes_post(notes, MANY, fixture.mailbox);
    ck_assert_int_eq(mailbox_queue_in_loop(fixture.mailbox, &fixture.quit), 0);
}

START_TEST(a_thousand_posts_to_a_busy_loop_cost_one_wakeup)
{
    struct action action = action_of(post_many);

    open_counting_fixture(_i);
    ck_assert_int_eq(mailbox_queue_in_loop(fixture.mailbox, &action.task), 0);
    ck_assert_int_eq(event_loop_run(fixture.loop), 0);
    /* One for the task that held the loop, one for all that came meanwhile. */
    const struct mailbox_counters *counters = mailbox_counters(fixture.mailbox);
    ck_assert_uint_eq(atomic_load(&wakes), 2);
    ck_assert_uint_eq(counter_read(&counters->wakeups), 2);
    ck_assert_uint_eq(counter_read(&counters->tasks), 1 + MANY + 1);
    ck_assert_uint_eq(counter_read(&counters->pending_high), MANY + 1);
    mailbox_fixture_close(&fixture);
}
END_TEST

START_TEST(a_wake_that_failed_is_made_good_by_the_next_post)
{
    open_counting_fixture(_i);
    fault_arm(&wakeup_script.wake, 1, -ENOBUFS);
    post_many();
    ck_assert_uint_eq(atomic_load(&wakes), 2);
    ck_assert_int_eq(event_loop_run(fixture.loop), 0);
    ck_assert_uint_eq(counter_read(&mailbox_counters(fixture.mailbox)->tasks), MANY + 1);
    mailbox_fixture_close(&fixture);
}
END_TEST

START_TEST(posts_before_the_first_turn_cost_one_wakeup)
{
    open_counting_fixture(_i);
    post_many();
    ck_assert_int_eq(event_loop_run(fixture.loop), 0);
    ck_assert_uint_eq(atomic_load(&wakes), 1);
    ck_assert_uint_eq(counter_read(&mailbox_counters(fixture.mailbox)->wakeups), 1);
    mailbox_fixture_close(&fixture);
}
END_TEST

static void post_second_and_quit(void)
{
    wakeup_script.on_clear = NULL;
    notes_post(&notes[1], 1, fixture.mailbox);
    ck_assert_int_eq(mailbox_queue_in_loop(fixture.mailbox, &fixture.quit), 0);
}

/* Who takes the list first and clears then, wipes out the wakeup of a post in between. */
START_TEST(a_post_in_the_moment_of_the_clear_is_not_lost)
{
    open_counting_fixture(_i);
    wakeup_script.on_clear = post_second_and_quit;
    notes_post(&notes[0], 1, fixture.mailbox);
    ck_assert_int_eq(event_loop_run(fixture.loop), 0);
    mailbox_fixture_expect(&fixture, "+1 +2");
    mailbox_fixture_close(&fixture);
}
END_TEST

START_TEST(run_in_loop_on_the_owners_thread_runs_at_once_and_overtakes)
{
    open_fixture(_i);
    notes_post(&notes[0], 1, fixture.mailbox);
    ck_assert_int_eq(mailbox_run_in_loop(fixture.mailbox, &notes[1].task), 0);
    mailbox_fixture_expect(&fixture, "+2");
    mailbox_fixture_run(&fixture);
    mailbox_fixture_expect(&fixture, "+2 +1");
    mailbox_fixture_close(&fixture);
}
END_TEST

static void run_first_note_in_loop(void *result)
{
    *(int *)result = mailbox_run_in_loop(fixture.mailbox, &notes[0].task);
}

START_TEST(run_in_loop_on_another_thread_is_queued)
{
    int result = -1;

    open_fixture(_i);
    on_another_thread(run_first_note_in_loop, &result);
    ck_assert_int_eq(result, 0);
    mailbox_fixture_expect(&fixture, "");
    notes_post(&notes[1], 1, fixture.mailbox);
    mailbox_fixture_run(&fixture);
    mailbox_fixture_expect(&fixture, "+1 +2");
    mailbox_fixture_close(&fixture);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mailbox");

    add_case_for_each_variant(suite, "order", tasks_run_in_the_order_in_which_they_were_posted,
                              posts_of_the_owner_queue_up_behind_those_of_others,
                              the_events_of_a_batch_go_before_the_tasks);
    add_case_for_each_variant(suite, "re-entrancy", a_task_posted_by_a_task_runs_in_a_later_drain,
                              a_task_may_post_itself_again, a_task_may_free_itself_when_it_runs);
    add_case_for_each_variant(suite, "coalesced wakeups",
                              a_thousand_posts_to_a_busy_loop_cost_one_wakeup,
                              posts_before_the_first_turn_cost_one_wakeup,
                              a_wake_that_failed_is_made_good_by_the_next_post,
                              a_post_in_the_moment_of_the_clear_is_not_lost);
    add_case_for_each_variant(suite, "run in loop",
                              run_in_loop_on_the_owners_thread_runs_at_once_and_overtakes,
                              run_in_loop_on_another_thread_is_queued);
    return run_suite(suite);
}
