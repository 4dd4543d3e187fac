/*
 * wheel: timers by the thousand, in ticks. The contract is in README.md; do not change this file.
 *
 * A wheel knows no clock. Its owner says how many ticks have passed. Everything happens on one
 * thread.
 */
#ifndef WHEEL_H
#define WHEEL_H

#include <stdbool.h>
#include <stdint.h>

enum { WHEEL_LONGEST_DELAY = 65535 };

struct wheel; /* yours to define */

/* Embedded in whatever has a time limit. All zero but for `ring` before it is used. */
struct wheel_timer {
    void (*ring)(struct wheel_timer *timer); /* the owner's */
    /* The wheel's, to use as it likes: */
    struct wheel_timer *next;
    struct wheel_timer *previous;
    uint64_t due;
    uint64_t spare;
};

/* Returns NULL if there is no memory. */
struct wheel *wheel_create(void);
void wheel_destroy(struct wheel *wheel);

/* Returns 0, or -ERANGE. */
int wheel_add(struct wheel *wheel, struct wheel_timer *timer, uint64_t delay);

/* Returns whether the timer was in the wheel. */
bool wheel_cancel(struct wheel *wheel, struct wheel_timer *timer);

void wheel_advance(struct wheel *wheel, uint64_t ticks);
uint64_t wheel_now(const struct wheel *wheel);

#endif
