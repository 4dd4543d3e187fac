/* caught-by: timers_of_one_tick_ring_in_the_order_of_adding */
/* The wheel of stage 4 with the new names: it moves a timer when it comes by, behind all others. */
#include "wheel.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

enum { SLOTS = 512 };

struct wheel {
    uint64_t tick;
    size_t count;
    struct wheel_timer slots[SLOTS];
};

struct wheel *wheel_create(void)
{
    struct wheel *wheel = calloc(1, sizeof *wheel);

    for (size_t i = 0; wheel != NULL && i < SLOTS; i++) {
        wheel->slots[i].next = &wheel->slots[i];
        wheel->slots[i].previous = &wheel->slots[i];
    }
    return wheel;
}

void wheel_destroy(struct wheel *wheel)
{
    free(wheel);
}

static void unlink_timer(struct wheel_timer *timer)
{
    timer->previous->next = timer->next;
    timer->next->previous = timer->previous;
    timer->next = NULL;
    timer->previous = NULL;
}

/* Hangs the timer where the hand comes by when it is due, or before that if it is too far away. */
static void hang_up(struct wheel *wheel, struct wheel_timer *timer)
{
    uint64_t furthest = wheel->tick + SLOTS - 1;

    timer->spare = timer->due < furthest ? timer->due : furthest;
    struct wheel_timer *head = &wheel->slots[timer->spare % SLOTS];
    timer->next = head;
    timer->previous = head->previous;
    head->previous->next = timer;
    head->previous = timer;
}

int wheel_add(struct wheel *wheel, struct wheel_timer *timer, uint64_t delay)
{
    bool started = timer->next != NULL;

    if (delay == 0 || delay > WHEEL_LONGEST_DELAY) {
        return -ERANGE;
    }
    timer->due = wheel->tick + delay;
    if (started) {
        unlink_timer(timer);
    } else {
        wheel->count++;
    }
    hang_up(wheel, timer);
    return 0;
}

bool wheel_cancel(struct wheel *wheel, struct wheel_timer *timer)
{
    bool started = timer->next != NULL;

    if (started) {
        unlink_timer(timer);
        wheel->count--;
    }
    return started;
}

static void visit_slot(struct wheel *wheel)
{
    struct wheel_timer *head = &wheel->slots[wheel->tick % SLOTS];

    while (head->next != head) {
        struct wheel_timer *timer = head->next;
        unlink_timer(timer);
        if (timer->due > wheel->tick) {
            hang_up(wheel, timer);
        } else {
            timer->ring(timer);
            wheel->count--;
        }
    }
}

void wheel_advance(struct wheel *wheel, uint64_t ticks)
{
    uint64_t now = wheel->tick + ticks;

    while (wheel->tick < now && wheel->count > 0) {
        wheel->tick++;
        visit_slot(wheel);
    }
    wheel->tick = now;
}

uint64_t wheel_now(const struct wheel *wheel)
{
    return wheel->tick;
}
