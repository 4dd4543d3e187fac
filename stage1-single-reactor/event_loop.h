/*
 * event_loop: wait, call the channels that are ready, run what was deferred; again.
 *
 *     while (!quit) {
 *         wait         the dispatcher reports a batch of ready descriptors
 *         stamp        each with the generation of its slot in the channel map
 *         call         on_read, on_write, unless the channel was removed or lost interest meanwhile
 *         deferred     memory and descriptors die here, never inside their own callback
 *     }
 *
 * A loop is an object that lives in one thread: the one that created it. Every call is made on that
 * thread (asserted), so nothing here is locked. Other threads reach a loop from stage 3 on, through
 * its mailbox, which to this loop is just one more channel.
 */
#ifndef EVENT_LOOP_H
#define EVENT_LOOP_H

#include "channel.h"
#include "counter.h"

#include <stdbool.h>

struct event_loop;

/* Work for the end of the batch, embedded in its owner. Zero-initialise but for `run`. */
struct deferred {
    void (*run)(struct deferred *deferred);
    struct deferred *next;
    bool queued;
};

/* Written by the loop's thread, readable by any. Times in nanoseconds. */
struct event_loop_counters {
    struct counter iterations;
    struct counter events;     /* descriptors reported by the dispatcher */
    struct counter busy_ns;    /* in callbacks and deferred work */
    struct counter waiting_ns; /* in the dispatcher's wait */
};

/* Borrows the dispatcher's table. Returns 0, -ENOMEM, or what the dispatcher's create returned. */
int event_loop_create(const struct event_dispatcher *dispatcher, struct event_loop **ret_loop);

/*
 * Runs what is still deferred. Channels that are left are forgotten, not closed. NULL is allowed.
 */
void event_loop_destroy(struct event_loop *loop);

/*
 * Runs until event_loop_quit, and then what is deferred. Returns 0 or the -errno of a failed wait.
 */
int event_loop_run(struct event_loop *loop);

/*
 * The batch in progress is finished, then run returns. Never lost: called before run, run returns
 * at once.
 */
void event_loop_quit(struct event_loop *loop);

/*
 * Registers a channel with an interest; the loop borrows it until it is removed. Returns 0 or
 * -errno (-ENOMEM; -ERANGE where the dispatcher cannot watch so high a descriptor); nothing is
 * registered then.
 */
int event_loop_add_channel(struct event_loop *loop, struct channel *channel, unsigned events);

/*
 * Changes the interest; no system call if it is the same. Returns 0 or -errno: then it is the old
 * one.
 */
int event_loop_update_channel(struct event_loop *loop, struct channel *channel, unsigned events);

/* From here on neither callback is called, not even for what this batch has already reported. */
void event_loop_remove_channel(struct event_loop *loop, struct channel *channel);

/*
 * As remove, for a channel whose fd is closed at the end of this batch or the next; spares epoll a
 * system call.
 */
void event_loop_forget_channel(struct event_loop *loop, struct channel *channel);

/*
 * Runs deferred->run after the current batch; what is deferred by deferred work waits for the next.
 * Cannot fail and allocates nothing. Must not be queued already (asserted).
 */
void event_loop_defer(struct event_loop *loop, struct deferred *deferred);

/*
 * Runs all deferred work at once, also what that defers. For the end of a loop's life, outside of
 * run.
 */
void event_loop_run_deferred(struct event_loop *loop);

/* Thread: any. */
bool event_loop_is_owner(const struct event_loop *loop);
const char *event_loop_dispatcher_name(const struct event_loop *loop);
const struct event_loop_counters *event_loop_counters(const struct event_loop *loop);

#endif
