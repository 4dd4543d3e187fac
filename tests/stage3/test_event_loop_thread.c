#include "event_loop_thread.h"

#include "footprint.h"
#include "hook_record.h"
#include "journal.h"
#include "loop_calls.h"
#include "scripted_dispatcher.h"
#include "scripted_wakeup.h"
#include "sockets.h"
#include "suite_runner.h"
#include "thread_faults.h"
#include "variants.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { STARTS = 200 };

static struct event_loop_thread thread;
static struct reactor_config reactor_config;
static struct hook_record hooks;
static struct loop_load load;
static struct journal journal;
static struct footprint before;
static sem_t failed;
static int failure;
static pid_t failed_thread;

static void on_failure(struct event_loop_thread *ended, int error)
{
    ck_assert_ptr_eq(ended, &thread);
    failure = error;
    failed_thread = gettid();
    sem_post(&failed);
}

static void prepare(int index)
{
    struct variant variant = variant_at(index);

    sem_init(&failed, 0, 0);
    before = footprint_take();
    variant.dispatcher = scripted_dispatcher(variant.dispatcher);
    variant.wakeup = scripted_wakeup(variant.wakeup);
    reactor_config = variant_reactor_config(variant);
    reactor_config.hooks = hook_record_hooks(&hooks);
}

static void expect_nothing_left(void)
{
    footprint_expect(before);
    ck_assert_int_eq(atomic_load(&thread_faults.not_joined), 0);
}

static int start(unsigned index)
{
    struct event_loop_thread_config config = {
        .reactor = &reactor_config,
        .load = &load,
        .index = index,
        .on_failure = on_failure,
    };

    return event_loop_thread_start(&thread, &config);
}

START_TEST(a_started_loop_runs_tasks_on_a_thread_of_its_own)
{
    prepare(_i);
    ck_assert_int_eq(start(0), 0);
    pid_t id = loop_thread_id(thread.reactor.mailbox);
    ck_assert_int_ne(id, gettid());
    ck_assert_int_eq(loop_thread_id(thread.reactor.mailbox), id);
    event_loop_thread_stop(&thread);
    expect_nothing_left();
}
END_TEST

START_TEST(two_hundred_starts_and_stops_leave_nothing_behind)
{
    prepare(_i);
    for (int i = 0; i < STARTS; i++) {
        ck_assert_int_eq(start((unsigned)i), 0);
        event_loop_thread_stop(&thread);
    }
    expect_nothing_left();
    ck_assert_uint_eq(atomic_load(&hooks.entered), STARTS);
    ck_assert_uint_eq(atomic_load(&hooks.left), STARTS);
    ck_assert_int_eq(failure, 0);
}
END_TEST

START_TEST(the_thread_is_named_after_its_index)
{
    prepare(_i);
    ck_assert_int_eq(start(7), 0);
    ck_assert_str_eq(hooks.name, "sub-reactor-7");
    event_loop_thread_stop(&thread);
    /* The kernel's limit is 15 characters; a longer name would not be set at all. */
    ck_assert_int_eq(start(41234), 0);
    ck_assert_str_eq(hooks.name, "sub-reactor-234");
    event_loop_thread_stop(&thread);
}
END_TEST

START_TEST(enter_has_run_on_the_loops_own_thread_when_start_returns)
{
    prepare(_i);
    ck_assert_int_eq(start(0), 0);
    ck_assert_uint_eq(atomic_load(&hooks.entered), 1);
    ck_assert_ptr_eq(thread.reactor.hook_state, &hooks);
    ck_assert_int_eq(loop_thread_id(thread.reactor.mailbox), hooks.thread);
    event_loop_thread_stop(&thread);
}
END_TEST

static struct note note_of_leave;

static int enter_and_note(struct reactor *reactor, void *context)
{
    (void)context;
    journal_write(&journal, "enter:%d%d%d", reactor->loop != NULL, reactor->mailbox != NULL,
                  reactor->table != NULL);
    return 0;
}

static void leave_and_post(struct reactor *reactor, void *context)
{
    (void)context;
    notes_init(&note_of_leave, 1, &journal, 1);
    journal_write(&journal, "leave:%zu", connection_table_count(reactor->table));
    journal_write(&journal, "post=%d",
                  mailbox_queue_in_loop(reactor->mailbox, &note_of_leave.task));
}

static size_t use_all(struct tcp_connection *connection, char *bytes, size_t length)
{
    (void)connection;
    (void)bytes;
    return length;
}

static void note_closed(struct tcp_connection *connection)
{
    (void)connection;
    journal_write(&journal, "closed");
}

static const struct tcp_connection_callbacks noting_callbacks = {
    .on_bytes = use_all,
    .on_eof = tcp_connection_close_after_flush,
    .on_closed = note_closed,
};

START_TEST(leave_comes_after_every_on_closed_and_before_the_mailbox_closes)
{
    int first[2];
    int second[2];

    prepare(_i);
    stream_pair(first);
    stream_pair(second);
    reactor_config.hooks = (struct loop_hooks){.enter = enter_and_note, .leave = leave_and_post};
    reactor_config.callbacks = &noting_callbacks;
    ck_assert_int_eq(start(0), 0);
    reactor_hand_over(&thread.reactor, first[0]);
    reactor_hand_over(&thread.reactor, second[0]);
    event_loop_thread_stop(&thread);
    peer_sees_end(first[1]);
    peer_sees_end(second[1]);
    close(first[1]);
    close(second[1]);
    ck_assert_str_eq(journal.text, "enter:111 closed closed leave:0 post=0 -1");
    expect_nothing_left();
}
END_TEST

START_TEST(a_loop_without_hooks_starts_and_stops)
{
    prepare(_i);
    reactor_config.hooks = (struct loop_hooks){0};
    ck_assert_int_eq(start(0), 0);
    event_loop_thread_stop(&thread);
    expect_nothing_left();
}
END_TEST

/* The child publishes before the parent even asks: whoever waits without asking waits for ever. */
START_TEST(a_child_that_is_faster_than_its_parent_is_not_missed)
{
    sem_t waiting;

    prepare(_i);
    sem_init(&waiting, 0, 0);
    dispatcher_script.waiting = &waiting;
    thread_faults.created = &waiting;
    ck_assert_int_eq(start(0), 0);
    ck_assert_uint_eq(atomic_load(&hooks.entered), 1);
    event_loop_thread_stop(&thread);
    expect_nothing_left();
}
END_TEST

/* The child goes on only when the parent waits. */
START_TEST(a_child_that_is_slower_than_its_parent_is_waited_for)
{
    sem_t waiting;

    prepare(_i);
    sem_init(&waiting, 0, 0);
    thread_faults.waiting = &waiting;
    hooks.may_enter = &waiting;
    ck_assert_int_eq(start(0), 0);
    ck_assert_uint_eq(atomic_load(&hooks.entered), 1);
    event_loop_thread_stop(&thread);
    expect_nothing_left();
}
END_TEST

START_TEST(quit_ends_the_run_and_the_connections_and_leaves_the_reactor)
{
    int pair[2];
    struct note note;

    prepare(_i);
    stream_pair(pair);
    notes_init(&note, 1, &journal, 1);
    ck_assert_int_eq(start(0), 0);
    reactor_hand_over(&thread.reactor, pair[0]);
    event_loop_thread_quit(&thread);
    peer_sees_end(pair[1]);
    ck_assert_uint_eq(loop_load_connections(&load), 0);
    ck_assert_uint_eq(atomic_load(&hooks.left), 0);
    /* Who still reads its counters finds them. */
    const struct connection_counters *counters = connection_table_counters(thread.reactor.table);
    ck_assert_uint_eq(counter_read(&counters->closed), 1);
    ck_assert_uint_gt(counter_read(&event_loop_counters(thread.reactor.loop)->iterations), 0);
    /* Who still posts is told by a drop. */
    notes_post(&note, 1, thread.reactor.mailbox);
    event_loop_thread_stop(&thread);
    ck_assert_str_eq(journal.text, "-1");
    ck_assert_uint_eq(atomic_load(&hooks.left), 1);
    close(pair[1]);
    expect_nothing_left();
}
END_TEST

START_TEST(a_second_quit_does_nothing)
{
    prepare(_i);
    ck_assert_int_eq(start(0), 0);
    event_loop_thread_quit(&thread);
    event_loop_thread_quit(&thread);
    event_loop_thread_stop(&thread);
    ck_assert_uint_eq(atomic_load(&hooks.left), 1);
    expect_nothing_left();
}
END_TEST

static void expect_failed_start(int error)
{
    int result = start(0);

    ck_assert_msg(result == error, "expected %s, got %s", strerrorname_np(-error),
                  result < 0 ? strerrorname_np(-result) : "a loop that runs");
    ck_assert_uint_eq(atomic_load(&hooks.entered), 0);
    ck_assert_uint_eq(atomic_load(&hooks.left), 0);
    ck_assert_msg(failure == 0, "on_failure is for loops that ran; it was called with %d", failure);
    expect_nothing_left();
}

START_TEST(a_dispatcher_that_cannot_be_created_fails_the_start)
{
    prepare(_i);
    fault_arm(&dispatcher_script.create, 1, -EMFILE);
    expect_failed_start(-EMFILE);
}
END_TEST

START_TEST(a_wakeup_that_does_not_open_fails_the_start)
{
    prepare(_i);
    fault_arm(&wakeup_script.open, 1, -ENFILE);
    expect_failed_start(-ENFILE);
}
END_TEST

START_TEST(a_dispatcher_that_cannot_watch_the_wakeup_fails_the_start)
{
    prepare(_i);
    dispatcher_script.add_error = -ERANGE;
    expect_failed_start(-ERANGE);
}
END_TEST

START_TEST(an_error_of_enter_fails_the_start)
{
    prepare(_i);
    fault_arm(&hooks.enter, 1, -ETIME);
    expect_failed_start(-ETIME);
}
END_TEST

START_TEST(a_thread_that_cannot_be_created_fails_the_start)
{
    prepare(_i);
    fault_arm(&thread_faults.create, 1, EAGAIN);
    expect_failed_start(-EAGAIN);
}
END_TEST

START_TEST(a_start_after_a_failed_one_works)
{
    prepare(_i);
    fault_arm(&dispatcher_script.create, 1, -EMFILE);
    expect_failed_start(-EMFILE);
    ck_assert_int_eq(start(0), 0);
    ck_assert_int_ne(loop_thread_id(thread.reactor.mailbox), gettid());
    event_loop_thread_stop(&thread);
    expect_nothing_left();
}
END_TEST

START_TEST(a_loop_that_ends_by_itself_says_why_on_its_own_thread)
{
    struct loop_hold end = {0};

    prepare(_i);
    ck_assert_int_eq(start(0), 0);
    loop_break(&end, thread.reactor.mailbox, -EBADF);
    sem_wait(&failed);
    ck_assert_int_eq(failure, -EBADF);
    ck_assert_int_eq(failed_thread, hooks.thread);
    event_loop_thread_stop(&thread);
    ck_assert_uint_eq(atomic_load(&hooks.left), 1);
    expect_nothing_left();
}
END_TEST

START_TEST(a_loop_that_has_ended_by_itself_can_still_be_posted_to_and_stopped)
{
    struct loop_hold end = {0};
    struct note note;

    prepare(_i);
    notes_init(&note, 1, &journal, 1);
    ck_assert_int_eq(start(0), 0);
    loop_break(&end, thread.reactor.mailbox, -EBADF);
    sem_wait(&failed);
    ck_assert_int_eq(mailbox_queue_in_loop(thread.reactor.mailbox, &note.task), -ESHUTDOWN);
    event_loop_thread_stop(&thread);
    ck_assert_str_eq(journal.text, "");
    expect_nothing_left();
}
END_TEST

START_TEST(what_waits_when_a_loop_ends_by_itself_is_dropped)
{
    struct loop_hold end = {.wait_error = -EBADF};
    struct note notes[3];

    prepare(_i);
    notes_init(notes, 3, &journal, 1);
    ck_assert_int_eq(start(0), 0);
    loop_hold(&end, thread.reactor.mailbox);
    notes_post(notes, 3, thread.reactor.mailbox);
    loop_release(&end);
    event_loop_thread_stop(&thread);
    ck_assert_str_eq(journal.text, "-1 -2 -3");
    ck_assert_int_eq(failure, -EBADF);
    expect_nothing_left();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("event loop thread");

    add_case_for_each_variant(
        suite, "start and stop", a_started_loop_runs_tasks_on_a_thread_of_its_own,
        two_hundred_starts_and_stops_leave_nothing_behind, the_thread_is_named_after_its_index);
    add_case_for_each_variant(suite, "quit",
                              quit_ends_the_run_and_the_connections_and_leaves_the_reactor,
                              a_second_quit_does_nothing);
    add_case_for_each_variant(suite, "who is faster",
                              a_child_that_is_faster_than_its_parent_is_not_missed,
                              a_child_that_is_slower_than_its_parent_is_waited_for);
    add_case_for_each_variant(suite, "hooks",
                              enter_has_run_on_the_loops_own_thread_when_start_returns,
                              leave_comes_after_every_on_closed_and_before_the_mailbox_closes,
                              a_loop_without_hooks_starts_and_stops);
    add_case_for_each_variant(
        suite, "failed start", a_dispatcher_that_cannot_be_created_fails_the_start,
        a_wakeup_that_does_not_open_fails_the_start,
        a_dispatcher_that_cannot_watch_the_wakeup_fails_the_start,
        an_error_of_enter_fails_the_start, a_thread_that_cannot_be_created_fails_the_start,
        a_start_after_a_failed_one_works);
    add_case_for_each_variant(suite, "end by itself",
                              a_loop_that_ends_by_itself_says_why_on_its_own_thread,
                              a_loop_that_has_ended_by_itself_can_still_be_posted_to_and_stopped,
                              what_waits_when_a_loop_ends_by_itself_is_dropped);
    return run_suite(suite);
}
