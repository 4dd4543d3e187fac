/*
 * load_schedule: when is each request of an open loop due?
 *
 * A user does not wait with a click until others were answered. So request k is due at
 * start + k / rate, however slow the server is, and its latency counts from then on: a server that
 * stalls is charged for everybody who would have come meanwhile. (A closed loop just asks less
 * often then, and measures one slow answer: the coordinated omission.)
 *
 * Only arithmetic; the clock is the caller's. Nothing is due at `end_ns` or later.
 */
#ifndef LOAD_SCHEDULE_H
#define LOAD_SCHEDULE_H

#include <stdint.h>

struct load_schedule {
    uint64_t start_ns;
    uint64_t end_ns;
    uint64_t rate;  /* requests a second */
    uint64_t taken; /* how many were handed out */
};

/* How many are due by now and not taken yet: the backlog. */
uint64_t load_schedule_waiting(const struct load_schedule *schedule, uint64_t now_ns);

/* When the next one to be taken is, or was, due. */
uint64_t load_schedule_next_ns(const struct load_schedule *schedule);

/* Takes that one. Returns when it is, or was, due. */
uint64_t load_schedule_take(struct load_schedule *schedule);

#endif
