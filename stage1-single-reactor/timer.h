/*
 * timer: a timerfd(2) as a channel. Time, too, is only a descriptor that becomes readable.
 *
 * Embedded in its owner, on the thread of its loop. The descriptor is opened by timer_init, so that
 * starting a timer needs no descriptor: it works even when there are none left.
 */
#ifndef TIMER_H
#define TIMER_H

#include "event_loop.h"

struct timer {
    struct channel channel;
    struct event_loop *loop;
    void (*on_expiry)(struct timer *timer);
};

/* Returns 0 or -errno. */
int timer_init(struct timer *timer, struct event_loop *loop,
               void (*on_expiry)(struct timer *timer));

/* Allowed anywhere, also inside on_expiry: the channel's generation keeps a stale event away. */
void timer_release(struct timer *timer);

/* Calls on_expiry every `period_ms` from now on, until timer_stop. Starting again is allowed. */
void timer_start(struct timer *timer, unsigned period_ms);
void timer_stop(struct timer *timer);

#endif
