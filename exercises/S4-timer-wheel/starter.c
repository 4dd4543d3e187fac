/* fails-at: a_timer_rings_at_its_tick */
/*
 * S4-timer-wheel: timers by the thousand, exact and in order.
 *
 * exercises/S4-timer-wheel/README.md has the contract, wheel.h beside it the types.
 */
#include "wheel.h"

#include <errno.h>
#include <stdlib.h>

struct wheel {
    uint64_t now;
    /* TODO: where the timers wait. */
};

struct wheel *wheel_create(void)
{
    return calloc(1, sizeof(struct wheel));
}

void wheel_destroy(struct wheel *wheel)
{
    free(wheel);
}

int wheel_add(struct wheel *wheel, struct wheel_timer *timer, uint64_t delay)
{
    /* TODO: refuse what is out of range; else put the timer where the wheel comes by in time. */
    (void)wheel;
    (void)timer;
    (void)delay;
    return -ERANGE;
}

bool wheel_cancel(struct wheel *wheel, struct wheel_timer *timer)
{
    (void)wheel;
    (void)timer;
    return false;
}

void wheel_advance(struct wheel *wheel, uint64_t ticks)
{
    /* TODO: tick by tick, ring what is due. A callback may add and cancel any timer. */
    wheel->now += ticks;
}

uint64_t wheel_now(const struct wheel *wheel)
{
    return wheel->now;
}
