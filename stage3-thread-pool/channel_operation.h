/*
 * channel_operation: add, update or remove a channel of another thread's loop.
 *
 * The lectures' pending list, event_loop_do_channel_event: for select and poll the set of
 * descriptors is the sleeping thread's own memory, and the channel map always is; so nobody else
 * may touch them. The operation is a task like any other and keeps its place among them.
 */
#ifndef CHANNEL_OPERATION_H
#define CHANNEL_OPERATION_H

#include "mailbox.h"

enum channel_operation_kind { CHANNEL_ADD, CHANNEL_UPDATE, CHANNEL_REMOVE };

/* Supplied by the caller. Node and channel outlive `done`, which may free them. */
struct channel_operation {
    enum channel_operation_kind kind;
    struct channel *channel;
    unsigned events; /* for ADD and UPDATE */
    /*
     * Exactly once, on the loop's thread. 0, what the loop said, or -ECANCELED: the mailbox was
     * closed.
     */
    void (*done)(struct channel_operation *operation, int result);

    /* Set by channel_operation_post: */
    struct mailbox_task task;
    struct mailbox *mailbox;
};

/*
 * Thread: any. On the loop's own thread it takes effect at once, else after the wakeup. Returns 0,
 * or -ESHUTDOWN: the operation is still yours and `done` will not be called.
 */
int channel_operation_post(struct mailbox *mailbox, struct channel_operation *operation);

#endif
