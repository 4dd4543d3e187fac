/*
 * mailbox: the pending list of a loop, and the only door into it for other threads.
 *
 * A mutex, a list and a wakeup. Posting appends under the mutex and wakes the loop if the list was
 * empty: a thousand posts to a busy loop cost one wakeup. The loop takes the whole list under the
 * mutex, lets go of it, and only then runs the tasks, in the order in which they came; so a task
 * may post, and posters never wait for a task.
 *
 * Reference-counted: whoever keeps a pointer across threads keeps a reference, and the wakeup's
 * descriptors live as long as the last one. The loop's thread holds the first reference.
 */
#ifndef MAILBOX_H
#define MAILBOX_H

#include "event_loop.h"
#include "wakeup.h"

struct mailbox;

/*
 * Embedded in whatever the work needs; the node may not move or die until one of the two was
 * called. Exactly one of them is called, once, on the loop's thread; it may free the node.
 */
struct mailbox_task {
    struct mailbox_task *next;
    void (*run)(struct mailbox_task *task);
    void (*drop)(struct mailbox_task *task); /* the mailbox was closed before the task's turn */
};

/* Written by the loop's thread, readable by any. */
struct mailbox_counters {
    struct counter wakeups;      /* times the loop was woken */
    struct counter tasks;        /* tasks run */
    struct counter pending_high; /* the longest list ever taken */
};

/* Thread: the loop's. Borrows the loop and the table of functions. Returns 0 or -errno. */
int mailbox_create(struct event_loop *loop, const struct wakeup *wakeup,
                   struct mailbox **ret_mailbox);

/*
 * Thread: the loop's. Drops every task that is waiting, in order, and refuses all that come later.
 * To be called before the loop is destroyed; a second call does nothing.
 */
void mailbox_close(struct mailbox *mailbox);

/* Thread: any. Unref accepts NULL; the last one frees. */
struct mailbox *mailbox_ref(struct mailbox *mailbox);
void mailbox_unref(struct mailbox *mailbox);

/*
 * Thread: any. The lectures' QueueInLoop: the task runs on the loop's thread after the events of a
 * batch. Returns 0: taken; -ESHUTDOWN: the mailbox is closed and the task is still yours. Cannot
 * fail otherwise.
 */
int mailbox_queue_in_loop(struct mailbox *mailbox, struct mailbox_task *task);

/*
 * Thread: any. The lectures' RunInLoop: on the loop's own thread the task runs at once (and so may
 * overtake tasks that wait in the list), on any other it is queued. Returns as queue_in_loop.
 */
int mailbox_run_in_loop(struct mailbox *mailbox, struct mailbox_task *task);

/* Thread: any, with a reference. */
const struct mailbox_counters *mailbox_counters(const struct mailbox *mailbox);

/* Thread: the loop's, until the mailbox is closed. */
struct event_loop *mailbox_loop(const struct mailbox *mailbox);

#endif
