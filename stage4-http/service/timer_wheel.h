/*
 * timer_wheel: the time limits of any number of connections, on one timer.
 *
 * A clock with SLOTS positions and a hand that moves one position a tick. An entry hangs in the
 * slot that the hand reaches when its time is up:
 *
 *         slot:   0    1    2    3   …   511
 *                 │    │    │
 *       hand ─────┘    a    b ⇄ c            a expires with the next tick, b and c with the one after
 *
 * Start, stop and restart are O(1) whatever the number of entries: a link in a list. And the most
 * frequent of them, "not yet, later", is a single store: a restart leaves the entry where it hangs,
 * and the hand, when it comes by, hangs it up again for the time that is left. So a busy connection
 * costs no list work for each request. An entry that is further away than one turn of the hand is
 * treated the same way.
 *
 * Lives in its owner, on one thread. Knows no clock: the owner passes the time in, in milliseconds
 * of any clock that never goes back. An entry never expires early, and at most one tick late.
 *
 * Source: the lectures' TimerWheel; Varghese and Lauck, "Hashed and Hierarchical Timing Wheels".
 */
#ifndef TIMER_WHEEL_H
#define TIMER_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TIMER_WHEEL_TICK_MS = 100, TIMER_WHEEL_SLOTS = 512 };

struct timer_wheel_link {
    struct timer_wheel_link *next;
    struct timer_wheel_link *previous;
};

/* Embedded in whatever has a time limit. Zero-initialise but for on_expiry. */
struct timer_wheel_entry {
    struct timer_wheel_link link; /* next is NULL while the entry is not in a wheel */
    uint64_t deadline;            /* the tick at which it expires */
    uint64_t due; /* the tick at which the hand comes by: never after the deadline */
    /* The entry has left the wheel; starting, stopping and freeing any entry is allowed. */
    void (*on_expiry)(struct timer_wheel_entry *entry);
};

struct timer_wheel {
    uint64_t tick; /* where the hand is */
    size_t count;  /* entries in the wheel, with one whose on_expiry is running */
    struct timer_wheel_link slots[TIMER_WHEEL_SLOTS];
};

void timer_wheel_init(struct timer_wheel *wheel);

/* Has the entry expire `delay_ms` after `now_ms`, also if it was started already. */
void timer_wheel_start(struct timer_wheel *wheel, struct timer_wheel_entry *entry, uint64_t now_ms,
                       uint64_t delay_ms);

/* An entry that is not in the wheel is left as it is. */
void timer_wheel_stop(struct timer_wheel *wheel, struct timer_wheel_entry *entry);

/* Moves the hand to `now_ms` and calls on_expiry of whatever it passes. */
void timer_wheel_advance(struct timer_wheel *wheel, uint64_t now_ms);

#endif
