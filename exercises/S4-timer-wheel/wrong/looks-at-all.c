/* caught-by: advancing_does_not_look_at_all_timers */
/* One list in the order of adding; at each tick a look at everybody, whether it is time. */
#include "wheel.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

struct wheel {
    uint64_t now;
    struct wheel_timer head;
};

struct wheel *wheel_create(void)
{
    struct wheel *wheel = calloc(1, sizeof *wheel);

    if (wheel != NULL) {
        wheel->head.next = &wheel->head;
        wheel->head.previous = &wheel->head;
    }
    return wheel;
}

void wheel_destroy(struct wheel *wheel)
{
    free(wheel);
}

int wheel_add(struct wheel *wheel, struct wheel_timer *timer, uint64_t delay)
{
    if (delay == 0 || delay > WHEEL_LONGEST_DELAY) {
        return -ERANGE;
    }
    wheel_cancel(wheel, timer);
    timer->due = wheel->now + delay;
    timer->next = &wheel->head;
    timer->previous = wheel->head.previous;
    wheel->head.previous->next = timer;
    wheel->head.previous = timer;
    return 0;
}

bool wheel_cancel(struct wheel *wheel, struct wheel_timer *timer)
{
    (void)wheel;
    if (timer->next == NULL) {
        return false;
    }
    timer->previous->next = timer->next;
    timer->next->previous = timer->previous;
    timer->next = NULL;
    return true;
}

static struct wheel_timer *find_due(struct wheel *wheel)
{
    for (struct wheel_timer *timer = wheel->head.next; timer != &wheel->head; timer = timer->next) {
        if (timer->due == wheel->now) {
            return timer;
        }
    }
    return NULL;
}

void wheel_advance(struct wheel *wheel, uint64_t ticks)
{
    for (uint64_t i = 0; i < ticks; i++) {
        struct wheel_timer *timer;
        wheel->now++;
        while ((timer = find_due(wheel)) != NULL) {
            wheel_cancel(wheel, timer);
            timer->ring(timer);
        }
    }
}

uint64_t wheel_now(const struct wheel *wheel)
{
    return wheel->now;
}
