#include "timer_wheel.h"

#include "container_of.h"

void timer_wheel_init(struct timer_wheel *wheel)
{
    *wheel = (struct timer_wheel){0};
    for (size_t i = 0; i < TIMER_WHEEL_SLOTS; i++) {
        wheel->slots[i] = (struct timer_wheel_link){&wheel->slots[i], &wheel->slots[i]};
    }
}

static void unlink_entry(struct timer_wheel_entry *entry)
{
    entry->link.previous->next = entry->link.next;
    entry->link.next->previous = entry->link.previous;
    entry->link = (struct timer_wheel_link){NULL, NULL};
}

/* Hangs the entry where the hand comes by at its deadline, or before it if that is too far away. */
static void hang_up(struct timer_wheel *wheel, struct timer_wheel_entry *entry)
{
    uint64_t furthest = wheel->tick + TIMER_WHEEL_SLOTS - 1;

    entry->due = entry->deadline < furthest ? entry->deadline : furthest;
    struct timer_wheel_link *head = &wheel->slots[entry->due % TIMER_WHEEL_SLOTS];
    entry->link = (struct timer_wheel_link){.next = head, .previous = head->previous};
    head->previous->next = &entry->link;
    head->previous = &entry->link;
}

void timer_wheel_start(struct timer_wheel *wheel, struct timer_wheel_entry *entry, uint64_t now_ms,
                       uint64_t delay_ms)
{
    bool started = entry->link.next != NULL;

    /* Nobody moves the hand of an empty wheel; so it may have fallen behind. */
    if (wheel->count == 0) {
        wheel->tick = now_ms / TIMER_WHEEL_TICK_MS;
    }
    uint64_t deadline = (now_ms + delay_ms + TIMER_WHEEL_TICK_MS - 1) / TIMER_WHEEL_TICK_MS;
    entry->deadline = deadline > wheel->tick ? deadline : wheel->tick + 1;
    if (started && entry->due <= entry->deadline) {
        return;
    }
    if (started) {
        unlink_entry(entry);
    } else {
        wheel->count++;
    }
    hang_up(wheel, entry);
}

void timer_wheel_stop(struct timer_wheel *wheel, struct timer_wheel_entry *entry)
{
    if (entry->link.next != NULL) {
        unlink_entry(entry);
        wheel->count--;
    }
}

/* What hangs where the hand is: its time is up, or it is hung up again for what is left. */
static void visit_slot(struct timer_wheel *wheel)
{
    struct timer_wheel_link *head = &wheel->slots[wheel->tick % TIMER_WHEEL_SLOTS];

    /* Neither way does an entry come back to this slot now, so the list gets empty. */
    while (head->next != head) {
        struct timer_wheel_entry *entry = container_of(head->next, struct timer_wheel_entry, link);
        unlink_entry(entry);
        if (entry->deadline > wheel->tick) {
            hang_up(wheel, entry);
        } else {
            /*
             * Counted until its callback is over: a start in there that found the wheel empty would
             * move the hand, and this list could be the one where it hangs the entry up.
             */
            entry->on_expiry(entry);
            wheel->count--;
        }
    }
}

void timer_wheel_advance(struct timer_wheel *wheel, uint64_t now_ms)
{
    uint64_t now = now_ms / TIMER_WHEEL_TICK_MS;

    /* After a long pause one turn is enough: it passes every slot. */
    if (now > wheel->tick + TIMER_WHEEL_SLOTS) {
        wheel->tick = now - TIMER_WHEEL_SLOTS;
    }
    while (wheel->tick < now && wheel->count > 0) {
        wheel->tick++;
        visit_slot(wheel);
    }
}
