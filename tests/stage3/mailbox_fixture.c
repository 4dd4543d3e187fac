#include "mailbox_fixture.h"

#include "container_of.h"

static void run_quit(struct mailbox_task *task)
{
    event_loop_quit(container_of(task, struct mailbox_fixture, quit)->loop);
}

static void drop_quit(struct mailbox_task *task)
{
    (void)task;
}

void mailbox_fixture_open(struct mailbox_fixture *fixture, struct variant variant)
{
    *fixture = (struct mailbox_fixture){
        .quit = {.run = run_quit, .drop = drop_quit},
        .before = footprint_take(),
    };
    ck_assert_int_eq(event_loop_create(variant.dispatcher, &fixture->loop), 0);
    ck_assert_int_eq(mailbox_create(fixture->loop, variant.wakeup, &fixture->mailbox), 0);
}

void mailbox_fixture_run(struct mailbox_fixture *fixture)
{
    ck_assert_int_eq(mailbox_queue_in_loop(fixture->mailbox, &fixture->quit), 0);
    ck_assert_int_eq(event_loop_run(fixture->loop), 0);
}

void mailbox_fixture_expect(const struct mailbox_fixture *fixture, const char *text)
{
    ck_assert_str_eq(fixture->journal.text, text);
}

void mailbox_fixture_close(struct mailbox_fixture *fixture)
{
    mailbox_close(fixture->mailbox);
    mailbox_unref(fixture->mailbox);
    event_loop_destroy(fixture->loop);
    footprint_expect(fixture->before);
}
