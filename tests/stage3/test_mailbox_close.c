#include "container_of.h"
#include "mailbox_fixture.h"
#include "scripted_dispatcher.h"
#include "scripted_wakeup.h"
#include "suite_runner.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { NOTES = 4 };

static struct mailbox_fixture fixture;
static struct note notes[NOTES];

static void open_fixture(int index)
{
    mailbox_fixture_open(&fixture, variant_at(index));
    notes_init(notes, NOTES, &fixture.journal, 1);
}

static void run_first_note_in_loop(void *result)
{
    *(int *)result = mailbox_run_in_loop(fixture.mailbox, &notes[0].task);
}

START_TEST(close_drops_what_waits_in_order)
{
    open_fixture(_i);
    notes_post(notes, 4, fixture.mailbox);
    mailbox_close(fixture.mailbox);
    mailbox_fixture_expect(&fixture, "-1 -2 -3 -4");
    mailbox_fixture_close(&fixture);
    mailbox_fixture_expect(&fixture, "-1 -2 -3 -4");
}
END_TEST

static void queue_second_note(void *result)
{
    *(int *)result = mailbox_queue_in_loop(fixture.mailbox, &notes[1].task);
}

START_TEST(a_post_after_close_is_refused_and_the_task_left_alone)
{
    int run_result = 0;
    int queue_result = 0;

    open_fixture(_i);
    mailbox_close(fixture.mailbox);
    on_another_thread(run_first_note_in_loop, &run_result);
    on_another_thread(queue_second_note, &queue_result);
    ck_assert_int_eq(run_result, -ESHUTDOWN);
    ck_assert_int_eq(queue_result, -ESHUTDOWN);
    ck_assert_int_eq(mailbox_run_in_loop(fixture.mailbox, &notes[2].task), -ESHUTDOWN);
    ck_assert_int_eq(mailbox_queue_in_loop(fixture.mailbox, &notes[3].task), -ESHUTDOWN);
    for (int i = 0; i < NOTES; i++) {
        ck_assert_msg(notes[i].task.next == NULL, "refused, and yet on a list: task %d", i);
    }
    event_loop_quit(fixture.loop);
    ck_assert_int_eq(event_loop_run(fixture.loop), 0);
    mailbox_fixture_close(&fixture);
    mailbox_fixture_expect(&fixture, "");
}
END_TEST

static void close_with_one_more_waiting(struct mailbox_task *task)
{
    (void)task;
    notes_post(&notes[3], 1, fixture.mailbox);
    mailbox_close(fixture.mailbox);
    journal_write(&fixture.journal, "closed");
    event_loop_quit(fixture.loop);
}

START_TEST(close_inside_a_task_drops_the_rest_of_the_drain_and_then_what_waits)
{
    struct mailbox_task closing = {.run = close_with_one_more_waiting};

    open_fixture(_i);
    notes_post(&notes[0], 1, fixture.mailbox);
    ck_assert_int_eq(mailbox_queue_in_loop(fixture.mailbox, &closing), 0);
    notes_post(&notes[1], 2, fixture.mailbox);
    ck_assert_int_eq(event_loop_run(fixture.loop), 0);
    mailbox_fixture_expect(&fixture, "+1 -2 -3 -4 closed");
    mailbox_fixture_close(&fixture);
    mailbox_fixture_expect(&fixture, "+1 -2 -3 -4 closed");
}
END_TEST

static void run_never(struct mailbox_task *task)
{
    (void)task;
    journal_write(&fixture.journal, "run");
}

static void drop_and_free(struct mailbox_task *task)
{
    journal_write(&fixture.journal, "drop");
    free(task);
}

START_TEST(a_task_may_free_itself_when_it_is_dropped)
{
    open_fixture(_i);
    for (int i = 0; i < 3; i++) {
        struct mailbox_task *task = malloc(sizeof *task);
        ck_assert_ptr_nonnull(task);
        *task = (struct mailbox_task){.run = run_never, .drop = drop_and_free};
        ck_assert_int_eq(mailbox_queue_in_loop(fixture.mailbox, task), 0);
    }
    mailbox_close(fixture.mailbox);
    mailbox_fixture_expect(&fixture, "drop drop drop");
    mailbox_fixture_close(&fixture);
}
END_TEST

static void drop_and_interfere(struct mailbox_task *task)
{
    int result = mailbox_queue_in_loop(fixture.mailbox, &notes[0].task);

    (void)task;
    journal_write(&fixture.journal, "drop=%d", result == -ESHUTDOWN);
    mailbox_close(fixture.mailbox);
}

START_TEST(a_drop_may_post_and_close_which_changes_nothing)
{
    struct mailbox_task task = {.run = run_never, .drop = drop_and_interfere};

    open_fixture(_i);
    ck_assert_int_eq(mailbox_queue_in_loop(fixture.mailbox, &task), 0);
    notes_post(&notes[1], 1, fixture.mailbox);
    mailbox_close(fixture.mailbox);
    mailbox_fixture_expect(&fixture, "drop=1 -2");
    mailbox_fixture_close(&fixture);
}
END_TEST

/* Drops the owner's reference in the batch in which the drain is already deferred. */
static void close_and_unref(struct channel *channel)
{
    event_loop_remove_channel(fixture.loop, channel);
    mailbox_close(fixture.mailbox);
    mailbox_unref(fixture.mailbox);
    journal_write(&fixture.journal, "closed");
    event_loop_quit(fixture.loop);
}

START_TEST(a_mailbox_may_die_between_its_wakeup_and_its_drain)
{
    open_fixture(_i);
    struct channel channel = {
        .fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK),
        .on_read = close_and_unref,
    };
    ck_assert_int_ge(channel.fd, 0);
    /* First the post, so that every dispatcher reports the wakeup before the channel. */
    notes_post(notes, 2, fixture.mailbox);
    ck_assert_int_eq(event_loop_add_channel(fixture.loop, &channel, EVENT_READ), 0);
    ck_assert_int_eq(event_loop_run(fixture.loop), 0);
    mailbox_fixture_expect(&fixture, "-1 -2 closed");
    event_loop_destroy(fixture.loop);
    close(channel.fd);
    footprint_expect(fixture.before);
}
END_TEST

START_TEST(who_holds_a_reference_may_post_when_loop_and_owner_are_gone)
{
    int result = 0;

    open_fixture(_i);
    struct footprint open = footprint_take();
    struct mailbox *reference = mailbox_ref(fixture.mailbox);
    ck_assert_ptr_eq(reference, fixture.mailbox);
    mailbox_close(fixture.mailbox);
    mailbox_unref(fixture.mailbox);
    event_loop_destroy(fixture.loop);
    on_another_thread(run_first_note_in_loop, &result);
    ck_assert_int_eq(result, -ESHUTDOWN);
    ck_assert_uint_eq(counter_read(&mailbox_counters(reference)->tasks), 0);
    /* The last reference keeps the wakeup's ends: nobody may get their numbers before. */
    size_t with_wakeup = footprint_take().descriptors;
    mailbox_unref(reference);
    ck_assert_uint_gt(with_wakeup, footprint_take().descriptors);
    ck_assert_uint_le(with_wakeup, open.descriptors);
    mailbox_fixture_expect(&fixture, "");
    footprint_expect(fixture.before);
}
END_TEST

START_TEST(unref_accepts_null)
{
    struct footprint before = footprint_take();

    mailbox_unref(NULL);
    footprint_expect(before);
}
END_TEST

START_TEST(a_wakeup_that_does_not_open_fails_the_creation)
{
    struct variant variant = variant_at(_i);
    struct mailbox *mailbox = NULL;
    struct event_loop *loop;

    fault_arm(&wakeup_script.open, 1, -ENFILE);
    ck_assert_int_eq(event_loop_create(variant.dispatcher, &loop), 0);
    struct footprint before = footprint_take();
    ck_assert_int_eq(mailbox_create(loop, scripted_wakeup(variant.wakeup), &mailbox), -ENFILE);
    ck_assert_ptr_null(mailbox);
    footprint_expect(before);
    event_loop_destroy(loop);
}
END_TEST

START_TEST(a_loop_that_cannot_watch_the_wakeup_fails_the_creation)
{
    struct variant variant = variant_at(_i);
    struct mailbox *mailbox = NULL;
    struct event_loop *loop;

    ck_assert_int_eq(event_loop_create(scripted_dispatcher(variant.dispatcher), &loop), 0);
    struct footprint before = footprint_take();
    dispatcher_script.add_error = -ERANGE;
    ck_assert_int_eq(mailbox_create(loop, variant.wakeup, &mailbox), -ERANGE);
    ck_assert_ptr_null(mailbox);
    footprint_expect(before);
    event_loop_destroy(loop);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mailbox close");

    add_case_for_each_variant(suite, "close", close_drops_what_waits_in_order,
                              a_post_after_close_is_refused_and_the_task_left_alone,
                              close_inside_a_task_drops_the_rest_of_the_drain_and_then_what_waits,
                              a_task_may_free_itself_when_it_is_dropped,
                              a_drop_may_post_and_close_which_changes_nothing,
                              a_mailbox_may_die_between_its_wakeup_and_its_drain);
    add_case_for_each_variant(suite, "references",
                              who_holds_a_reference_may_post_when_loop_and_owner_are_gone);
    add_case_for_each_variant(suite, "failed creation",
                              a_wakeup_that_does_not_open_fails_the_creation,
                              a_loop_that_cannot_watch_the_wakeup_fails_the_creation);
    add_case(suite, "references", unref_accepts_null);
    return run_suite(suite);
}
