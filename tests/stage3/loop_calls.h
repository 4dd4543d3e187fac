/* loop_calls: small tasks for loops of other threads. Thread: not the loop's. */
#ifndef LOOP_CALLS_H
#define LOOP_CALLS_H

#include "mailbox.h"

#include <semaphore.h>
#include <sys/types.h>

/* Waits until the loop has run everything posted before. Returns the id of its thread. */
pid_t loop_thread_id(struct mailbox *mailbox);

/* Holds the loop inside a task until it is released. */
struct loop_hold {
    struct mailbox_task task;
    sem_t held;
    sem_t released;
    int wait_error; /* 0, or: the loop ends by itself with this -errno once it is released */
};

/* Returns when the loop is inside the task. */
void loop_hold(struct loop_hold *hold, struct mailbox *mailbox);
void loop_release(struct loop_hold *hold);

/* Has a loop on a scripted_dispatcher end by itself with this -errno; does not wait for it. */
void loop_break(struct loop_hold *hold, struct mailbox *mailbox, int error);

#endif
