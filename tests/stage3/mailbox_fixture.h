/*
 * mailbox_fixture: a loop and its mailbox on the test's own thread.
 *
 * Posters are threads that were joined before the loop runs, so that most tests need no luck: what
 * waits in the list, and in which order, is known when event_loop_run is called.
 */
#ifndef MAILBOX_FIXTURE_H
#define MAILBOX_FIXTURE_H

#include "footprint.h"
#include "journal.h"
#include "variants.h"

struct mailbox_fixture {
    struct event_loop *loop;
    struct mailbox *mailbox;
    struct journal journal;
    struct mailbox_task quit;
    struct footprint before;
};

void mailbox_fixture_open(struct mailbox_fixture *fixture, struct variant variant);

/*
 * Posts a task that ends the loop after all that waits now, and runs the loop. Once: a loop that
 * was told to quit stays so.
 */
void mailbox_fixture_run(struct mailbox_fixture *fixture);

/* Fails the test unless the journal says exactly this. */
void mailbox_fixture_expect(const struct mailbox_fixture *fixture, const char *text);

/* Fails the test if anything is left behind. Allowed after mailbox_close. */
void mailbox_fixture_close(struct mailbox_fixture *fixture);

#endif
