/*
 * drain: ending a table's connections in order.
 *
 * A server that is told to end must not cut off an answer that is on its way, and must not wait for
 * an idle client either. Every 100 ms the connections on which nothing has moved are told
 * (on_drain); when none is left, or the time is over and the rest was aborted, on_done is called.
 *
 * Embedded beside the table, on its thread. Its timer is opened by drain_init, so that a server
 * without a free descriptor can still end.
 */
#ifndef DRAIN_H
#define DRAIN_H

#include "connection_table.h"
#include "timer.h"

struct drain {
    struct timer timer;
    struct connection_table *table;
    struct deferred step;
    int64_t deadline_ms; /* by CLOCK_MONOTONIC */
    size_t cut_off;      /* connections that had to be aborted */
    bool running;        /* started, and not done yet */
    void (*on_done)(struct drain *drain);
};

/* Returns 0 or -errno. */
int drain_init(struct drain *drain, struct connection_table *table);
void drain_release(struct drain *drain);

/* on_done is called once, never from inside drain_start. Calling start again changes nothing. */
void drain_start(struct drain *drain, unsigned timeout_ms, void (*on_done)(struct drain *drain));

#endif
