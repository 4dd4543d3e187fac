#include "channel_operation.h"
#include "container_of.h"
#include "mailbox_fixture.h"
#include "scripted_dispatcher.h"
#include "sockets.h"
#include "suite_runner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <unistd.h>

enum { HIGH_FD = FD_SETSIZE + 100 };

static struct mailbox_fixture fixture;
static struct channel channel;
static struct note notes[4];

static void note_read(struct channel *ready)
{
    journal_write(&fixture.journal, "read");
    event_loop_update_channel(fixture.loop, ready, 0);
}

static void note_write(struct channel *ready)
{
    journal_write(&fixture.journal, "write");
    event_loop_update_channel(fixture.loop, ready, 0);
}

/* Readable and writable from the start. */
static void open_fixture(struct variant variant)
{
    mailbox_fixture_open(&fixture, variant);
    notes_init(notes, 4, &fixture.journal, 1);
    channel = (struct channel){
        .fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK),
        .on_read = note_read,
        .on_write = note_write,
    };
    ck_assert_int_ge(channel.fd, 0);
}

static void close_fixture(void)
{
    close(channel.fd);
    mailbox_fixture_close(&fixture);
}

static void note_done(struct channel_operation *operation, int result)
{
    static const char *const kinds[] = {"add", "update", "remove"};

    journal_write(&fixture.journal, "%s=%s", kinds[operation->kind],
                  result < 0 ? strerrorname_np(-result) : "0");
}

static struct channel_operation operation_of(enum channel_operation_kind kind, unsigned events)
{
    return (struct channel_operation){
        .kind = kind,
        .channel = &channel,
        .events = events,
        .done = note_done,
    };
}

struct posting {
    struct channel_operation *operation;
    int result;
};

static void post(void *opaque)
{
    struct posting *posting = opaque;

    posting->result = channel_operation_post(fixture.mailbox, posting->operation);
}

static int post_elsewhere(struct channel_operation *operation)
{
    struct posting posting = {.operation = operation, .result = 1};

    on_another_thread(post, &posting);
    return posting.result;
}

START_TEST(an_add_of_another_thread_takes_effect_on_the_loops)
{
    struct channel_operation add = operation_of(CHANNEL_ADD, EVENT_READ);

    open_fixture(variant_at(_i));
    ck_assert_int_eq(post_elsewhere(&add), 0);
    mailbox_fixture_expect(&fixture, "");
    ck_assert_uint_eq(channel.events, 0);
    mailbox_fixture_run(&fixture);
    mailbox_fixture_expect(&fixture, "add=0");
    ck_assert_uint_eq(channel.events, EVENT_READ);
    event_loop_remove_channel(fixture.loop, &channel);
    close_fixture();
}
END_TEST

/* Ends the loop once the channel had its event. */
static void note_read_and_quit(struct channel *ready)
{
    note_read(ready);
    event_loop_quit(fixture.loop);
}

START_TEST(an_added_channel_gets_its_events)
{
    struct channel_operation add = operation_of(CHANNEL_ADD, EVENT_READ);

    open_fixture(variant_at(_i));
    channel.on_read = note_read_and_quit;
    ck_assert_int_eq(post_elsewhere(&add), 0);
    ck_assert_int_eq(event_loop_run(fixture.loop), 0);
    mailbox_fixture_expect(&fixture, "add=0 read");
    event_loop_remove_channel(fixture.loop, &channel);
    close_fixture();
}
END_TEST

static void note_write_and_quit(struct channel *ready)
{
    note_write(ready);
    event_loop_quit(fixture.loop);
}

START_TEST(an_update_of_another_thread_changes_what_the_channel_gets)
{
    struct channel_operation update = operation_of(CHANNEL_UPDATE, EVENT_WRITE);

    open_fixture(variant_at(_i));
    channel.on_write = note_write_and_quit;
    ck_assert_int_eq(event_loop_add_channel(fixture.loop, &channel, 0), 0);
    ck_assert_int_eq(post_elsewhere(&update), 0);
    ck_assert_int_eq(event_loop_run(fixture.loop), 0);
    mailbox_fixture_expect(&fixture, "update=0 write");
    event_loop_remove_channel(fixture.loop, &channel);
    close_fixture();
}
END_TEST

/* The descriptor is ready all the time; only the operation can keep the callback away. */
static void stay_ready(struct channel *ready)
{
    (void)ready;
}

static void note_gone(struct channel_operation *operation, int result)
{
    note_done(operation, result);
    operation->channel->on_read = note_read;
}

START_TEST(a_remove_of_another_thread_ends_the_events)
{
    struct channel_operation gone = operation_of(CHANNEL_REMOVE, 0);

    open_fixture(variant_at(_i));
    gone.done = note_gone;
    channel.on_read = stay_ready;
    ck_assert_int_eq(event_loop_add_channel(fixture.loop, &channel, EVENT_READ), 0);
    ck_assert_int_eq(post_elsewhere(&gone), 0);
    mailbox_fixture_run(&fixture);
    mailbox_fixture_expect(&fixture, "remove=0");
    ck_assert_uint_eq(channel.events, 0);
    /* Taken out of the loop, it can be put in again. */
    ck_assert_int_eq(event_loop_add_channel(fixture.loop, &channel, EVENT_READ), 0);
    event_loop_remove_channel(fixture.loop, &channel);
    close_fixture();
}
END_TEST

START_TEST(operations_and_tasks_keep_their_order_on_the_one_list)
{
    struct channel_operation add = operation_of(CHANNEL_ADD, 0);
    struct channel_operation update = operation_of(CHANNEL_UPDATE, EVENT_WRITE);
    struct channel_operation gone = operation_of(CHANNEL_REMOVE, 0);

    open_fixture(variant_at(_i));
    notes_post(&notes[0], 1, fixture.mailbox);
    ck_assert_int_eq(post_elsewhere(&add), 0);
    notes_post(&notes[1], 1, fixture.mailbox);
    ck_assert_int_eq(post_elsewhere(&update), 0);
    ck_assert_int_eq(post_elsewhere(&gone), 0);
    notes_post(&notes[2], 1, fixture.mailbox);
    mailbox_fixture_run(&fixture);
    mailbox_fixture_expect(&fixture, "+1 add=0 +2 update=0 remove=0 +3");
    close_fixture();
}
END_TEST

static void move_channel_high(void)
{
    allow_descriptors(HIGH_FD);
    int high = fcntl(channel.fd, F_DUPFD_CLOEXEC, HIGH_FD);
    ck_assert_int_eq(high, HIGH_FD);
    close(channel.fd);
    channel.fd = high;
}

START_TEST(what_the_loop_says_to_an_add_reaches_done)
{
    struct variant variant = variant_at(_i);
    struct channel_operation add = operation_of(CHANNEL_ADD, 0);
    bool refuses = strcmp(variant.dispatcher->name, "select") == 0;

    open_fixture(variant);
    move_channel_high();
    ck_assert_int_eq(post_elsewhere(&add), 0);
    mailbox_fixture_run(&fixture);
    mailbox_fixture_expect(&fixture, refuses ? "add=ERANGE" : "add=0");
    if (!refuses) {
        event_loop_remove_channel(fixture.loop, &channel);
    }
    close_fixture();
}
END_TEST

START_TEST(what_the_loop_says_to_an_update_reaches_done)
{
    struct variant variant = variant_at(_i);
    struct channel_operation update = operation_of(CHANNEL_UPDATE, EVENT_WRITE);

    variant.dispatcher = scripted_dispatcher(variant.dispatcher);
    open_fixture(variant);
    ck_assert_int_eq(event_loop_add_channel(fixture.loop, &channel, 0), 0);
    dispatcher_script.update_error = -ENOMEM;
    ck_assert_int_eq(post_elsewhere(&update), 0);
    mailbox_fixture_run(&fixture);
    mailbox_fixture_expect(&fixture, "update=ENOMEM");
    ck_assert_uint_eq(channel.events, 0);
    event_loop_remove_channel(fixture.loop, &channel);
    close_fixture();
}
END_TEST

START_TEST(operations_that_are_dropped_are_cancelled_and_change_nothing)
{
    struct channel_operation add = operation_of(CHANNEL_ADD, EVENT_READ);
    struct channel_operation gone = operation_of(CHANNEL_REMOVE, 0);

    open_fixture(variant_at(_i));
    ck_assert_int_eq(post_elsewhere(&add), 0);
    ck_assert_int_eq(post_elsewhere(&gone), 0);
    mailbox_close(fixture.mailbox);
    mailbox_fixture_expect(&fixture, "add=ECANCELED remove=ECANCELED");
    ck_assert_uint_eq(channel.events, 0);
    close_fixture();
    mailbox_fixture_expect(&fixture, "add=ECANCELED remove=ECANCELED");
}
END_TEST

START_TEST(a_refused_operation_is_never_done)
{
    struct channel_operation add = operation_of(CHANNEL_ADD, EVENT_READ);

    open_fixture(variant_at(_i));
    mailbox_close(fixture.mailbox);
    ck_assert_int_eq(post_elsewhere(&add), -ESHUTDOWN);
    ck_assert_int_eq(channel_operation_post(fixture.mailbox, &add), -ESHUTDOWN);
    close_fixture();
    mailbox_fixture_expect(&fixture, "");
}
END_TEST

START_TEST(on_the_owners_thread_an_operation_takes_effect_at_once)
{
    struct channel_operation add = operation_of(CHANNEL_ADD, EVENT_READ);
    struct channel_operation gone = operation_of(CHANNEL_REMOVE, 0);

    open_fixture(variant_at(_i));
    ck_assert_int_eq(channel_operation_post(fixture.mailbox, &add), 0);
    ck_assert_uint_eq(channel.events, EVENT_READ);
    mailbox_fixture_expect(&fixture, "add=0");
    ck_assert_int_eq(channel_operation_post(fixture.mailbox, &gone), 0);
    mailbox_fixture_expect(&fixture, "add=0 remove=0");
    close_fixture();
}
END_TEST

static void note_done_and_free(struct channel_operation *operation, int result)
{
    note_done(operation, result);
    free(operation);
}

START_TEST(done_may_free_the_operation)
{
    struct channel_operation *add = malloc(sizeof *add);
    struct channel_operation *gone = malloc(sizeof *gone);

    ck_assert(add != NULL && gone != NULL);
    *add = operation_of(CHANNEL_ADD, 0);
    *gone = operation_of(CHANNEL_REMOVE, 0);
    add->done = note_done_and_free;
    gone->done = note_done_and_free;
    open_fixture(variant_at(_i));
    ck_assert_int_eq(post_elsewhere(add), 0);
    ck_assert_int_eq(post_elsewhere(gone), 0);
    mailbox_fixture_run(&fixture);
    mailbox_fixture_expect(&fixture, "add=0 remove=0");
    close_fixture();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("channel operation");

    add_case_for_each_variant(suite, "effect", an_add_of_another_thread_takes_effect_on_the_loops,
                              an_added_channel_gets_its_events,
                              an_update_of_another_thread_changes_what_the_channel_gets,
                              a_remove_of_another_thread_ends_the_events,
                              on_the_owners_thread_an_operation_takes_effect_at_once);
    add_case_for_each_variant(suite, "order",
                              operations_and_tasks_keep_their_order_on_the_one_list);
    add_case_for_each_variant(suite, "result", what_the_loop_says_to_an_add_reaches_done,
                              what_the_loop_says_to_an_update_reaches_done,
                              operations_that_are_dropped_are_cancelled_and_change_nothing,
                              a_refused_operation_is_never_done, done_may_free_the_operation);
    return run_suite(suite);
}
