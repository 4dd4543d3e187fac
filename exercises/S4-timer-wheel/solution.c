/*
 * A wheel of two levels, like the hands of a clock.
 *
 * `near` has a slot for each tick of the present turn of 256 ticks, `far` one for each of the next
 * 256 turns. When a turn begins, its slot of `far` is dealt out to the slots of `near`. So a timer
 * is moved once in its life, however far away it is.
 */
#include "wheel.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

enum { SLOTS = 256 };

struct wheel {
    uint64_t now;
    struct wheel_timer near[SLOTS]; /* heads of rings; only their links are used */
    struct wheel_timer far[SLOTS];
};

static void make_empty(struct wheel_timer *head)
{
    head->next = head;
    head->previous = head;
}

static void append(struct wheel_timer *head, struct wheel_timer *timer)
{
    timer->next = head;
    timer->previous = head->previous;
    head->previous->next = timer;
    head->previous = timer;
}

/* A NULL in `next` is how a timer says that it is in no wheel. */
static void unlink_timer(struct wheel_timer *timer)
{
    timer->previous->next = timer->next;
    timer->next->previous = timer->previous;
    timer->next = NULL;
    timer->previous = NULL;
}

/*
 * By turn, not by distance: what is due in a later turn waits in `far`, also if it is near. Else a
 * timer that is added late would overtake an older one that is due at the same tick.
 */
static void place(struct wheel *wheel, struct wheel_timer *timer)
{
    uint64_t turn = timer->due / SLOTS;

    if (turn == wheel->now / SLOTS) {
        append(&wheel->near[timer->due % SLOTS], timer);
    } else {
        append(&wheel->far[turn % SLOTS], timer);
    }
}

struct wheel *wheel_create(void)
{
    struct wheel *wheel = calloc(1, sizeof *wheel);

    for (size_t i = 0; wheel != NULL && i < SLOTS; i++) {
        make_empty(&wheel->near[i]);
        make_empty(&wheel->far[i]);
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
    place(wheel, timer);
    return 0;
}

bool wheel_cancel(struct wheel *wheel, struct wheel_timer *timer)
{
    (void)wheel;
    if (timer->next == NULL) {
        return false;
    }
    unlink_timer(timer);
    return true;
}

/* Deals out the timers of the turn that begins, in their order. */
static void begin_turn(struct wheel *wheel)
{
    struct wheel_timer *head = &wheel->far[wheel->now / SLOTS % SLOTS];

    while (head->next != head) {
        struct wheel_timer *timer = head->next;
        unlink_timer(timer);
        place(wheel, timer);
    }
}

void wheel_advance(struct wheel *wheel, uint64_t ticks)
{
    uint64_t end = wheel->now + ticks;

    while (wheel->now < end) {
        wheel->now++;
        if (wheel->now % SLOTS == 0) {
            begin_turn(wheel);
        }
        /*
         * The first one each time: a callback may have taken any of the others out. None can be
         * added here, for that would be due now.
         */
        struct wheel_timer *head = &wheel->near[wheel->now % SLOTS];
        while (head->next != head) {
            struct wheel_timer *timer = head->next;
            unlink_timer(timer);
            timer->ring(timer);
        }
    }
}

uint64_t wheel_now(const struct wheel *wheel)
{
    return wheel->now;
}
