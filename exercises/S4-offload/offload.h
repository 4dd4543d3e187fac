/*
 * offload: blocking work for a connection, on a worker, and the result back to its loop. The
 * contract is in README.md; do not change this file.
 */
#ifndef OFFLOAD_H
#define OFFLOAD_H

#include "mailbox.h"
#include "worker_pool.h"

struct blocking_call {
    uint64_t connection; /* the id of who asks: never used again */
    void *data;          /* question and answer: what they are is the caller's affair */
    /* On a worker; may take its time. */
    void (*work)(void *data);
    /* On the loop's thread. The connection with this id, or NULL: it is gone. */
    void *(*find)(void *table, uint64_t connection);
    void *table;
    /* On the loop's thread. `status` is 0, or -ECANCELED: the work was not done. */
    void (*finish)(void *connection, void *data, int status);
    /* The end of `data`. */
    void (*release)(void *data);
};

/* Thread: the loop's. Returns 0, or -errno: nothing has happened. */
int offload(struct worker_pool *workers, struct mailbox *home, const struct blocking_call *call);

#endif
