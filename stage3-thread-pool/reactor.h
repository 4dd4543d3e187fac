/*
 * reactor: one loop with all that belongs to it: mailbox, connection table, load, drain, hooks.
 *
 * The main reactor and the sub-reactors are the same thing; what differs is the thread. A reactor
 * is made, run and released on its own thread. From other threads only its mailbox, its load and
 * its counters may be used.
 */
#ifndef REACTOR_H
#define REACTOR_H

#include "connection_table.h"
#include "drain.h"
#include "mailbox.h"
#include "selection_policy.h"
#include "server_log.h"

struct reactor;
struct thread_pool;

/* Per-loop state of the stages above: a timer wheel, a cached date, a log buffer. */
struct loop_hooks {
    /*
     * On the loop's own thread, after loop, mailbox and table exist and before the parent hears
     * 'ready'. Puts its state into reactor->hook_state. An error (-errno) fails the start. NULL: no
     * hooks.
     */
    int (*enter)(struct reactor *reactor, void *context);
    /* After all connections are closed; before the mailbox is, unless the loop has failed. */
    void (*leave)(struct reactor *reactor, void *context);
    void *context; /* borrowed, the same for all loops */
};

struct reactor_config {
    const struct event_dispatcher *dispatcher;
    const struct wakeup *wakeup;
    struct connection_limits limits;
    const struct tcp_connection_callbacks *callbacks;
    struct loop_hooks hooks;
};

/* A drain that another thread has asked for, and the way back to it. Set by reactor_drain. */
struct drain_order {
    struct mailbox_task start; /* runs on the reactor's loop */
    struct mailbox_task done;  /* runs on home's loop */
    struct mailbox *home;
    unsigned timeout_ms;
    void (*on_drained)(struct reactor *reactor, void *context);
    void *context;
};

struct reactor {
    const struct reactor_config *config;
    struct thread_pool *pool;
    struct event_loop *loop;
    struct mailbox *mailbox;
    struct connection_table *table; /* its context is the reactor */
    struct drain drain;
    struct drain_order drain_order;
    struct loop_load *load; /* NULL for a main reactor that takes no connections */
    struct log_limit refusals;
    void *hook_state;
};

/* Thread: the one that will run it. Borrows config, pool and load. Returns 0 or -errno. */
int reactor_init(struct reactor *reactor, const struct reactor_config *config,
                 struct thread_pool *pool, struct loop_load *load);

/* Thread: the reactor's, outside of event_loop_run. */
void reactor_close_connections(struct reactor *reactor);

/*
 * Thread: the reactor's, after its loop has failed. Closes the connections and the mailbox: what is
 * in it is dropped, and posters hear about it. A drain that was under way is reported.
 */
void reactor_abandon(struct reactor *reactor);

/*
 * Thread: the reactor's, outside of event_loop_run. Closes the connections that are left, has the
 * hooks leave, closes the mailbox and frees everything.
 */
void reactor_release(struct reactor *reactor);

/*
 * Thread: the acceptor's. Takes a descriptor that the policy placed here: raises the load and sends
 * the number, nothing but the number, to the loop; the connection is made there. Whatever goes
 * wrong on the way, the descriptor is closed and the load lowered.
 */
void reactor_hand_over(struct reactor *reactor, int fd);

/*
 * Thread: any, once. Has the reactor end its connections in order (drain.h), then runs on_drained
 * on the loop of `home`; a reactor that has ended by itself counts as drained.
 */
void reactor_drain(struct reactor *reactor, unsigned timeout_ms, struct mailbox *home,
                   void (*on_drained)(struct reactor *reactor, void *context), void *context);

#endif
