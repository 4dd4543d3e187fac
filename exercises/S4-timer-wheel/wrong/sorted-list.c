/* caught-by: adding_and_cancelling_look_at_few_timers */
/* One list, in order: exact and simple, and a walk along all timers for each new one. */
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
    struct wheel_timer *before = wheel->head.previous;
    while (before != &wheel->head && before->due > timer->due) {
        before = before->previous;
    }
    timer->previous = before;
    timer->next = before->next;
    before->next->previous = timer;
    before->next = timer;
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

void wheel_advance(struct wheel *wheel, uint64_t ticks)
{
    uint64_t end = wheel->now + ticks;
    struct wheel_timer *head = &wheel->head;

    while (head->next != head && head->next->due <= end) {
        struct wheel_timer *timer = head->next;
        wheel->now = timer->due;
        wheel_cancel(wheel, timer);
        timer->ring(timer);
    }
    wheel->now = end;
}

uint64_t wheel_now(const struct wheel *wheel)
{
    return wheel->now;
}
