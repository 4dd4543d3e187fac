/*
 * Random operations, held against a model that is too simple to be wrong: an array that is searched
 * from end to end. Every callback is compared as it comes; then it does random things itself.
 */
#include "check_parts.h"
#include "container_of.h"
#include "grader.h"
#include "wheel.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TIMERS = 60, OPERATIONS = 4000, SHOWN = 8 };

static const char MODEL[] = "the order of the rings follows from the order of the calls alone "
                            "(contract, 1 to 6)";

struct entry {
    struct wheel_timer timer;
    bool waits; /* what the model thinks, as are the next two */
    uint64_t due;
    uint64_t order;
};

static struct {
    struct wheel *wheel;
    struct entry entries[TIMERS];
    uint64_t now;
    uint64_t target; /* of the advance that is going on */
    uint64_t added;  /* so many, for their order */
    uint64_t random;
    char last[SHOWN][80]; /* operations, to be shown when something is wrong */
    unsigned operations;
} test;

static uint64_t random_below(uint64_t limit)
{
    /* xorshift64: the same numbers everywhere. */
    test.random ^= test.random << 13;
    test.random ^= test.random >> 7;
    test.random ^= test.random << 17;
    return test.random % limit;
}

__attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
    va_list values;

    va_start(values, format);
    vsnprintf(test.last[test.operations % SHOWN], sizeof test.last[0], format, values);
    va_end(values);
    test.operations++;
}

/* The operations up to here become the steps that the learner sees. */
static void show(void)
{
    unsigned first = test.operations > SHOWN ? test.operations - SHOWN : 0;

    grader_step("(%u operations), then:", first);
    for (unsigned i = first; i < test.operations; i++) {
        grader_step("%s", test.last[i % SHOWN]);
    }
}

#define expect(condition, ...)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            show();                                                                                \
            grader_expect(false, MODEL, __VA_ARGS__);                                              \
        }                                                                                          \
    } while (0)

static int number(const struct entry *entry)
{
    return (int)(entry - test.entries);
}

/* The one that is due first, or NULL. */
static struct entry *first_waiting(void)
{
    struct entry *first = NULL;

    for (struct entry *each = test.entries; each < test.entries + TIMERS; each++) {
        if (each->waits && (first == NULL || each->due < first->due ||
                            (each->due == first->due && each->order < first->order))) {
            first = each;
        }
    }
    return first;
}

/* Delays where something may go wrong: next to each other, and near the ends of turns. */
static uint64_t random_delay(void)
{
    switch (random_below(4)) {
    case 0:
        return 1 + random_below(5);
    case 1:
        return 64 * (1 + random_below(12)) - 1 + random_below(3);
    case 2:
        return 1 + random_below(3000);
    default:
        return 1 + random_below(WHEEL_LONGEST_DELAY);
    }
}

static void random_change(void)
{
    struct entry *entry = &test.entries[random_below(TIMERS)];

    if (random_below(3) == 0) {
        note("at %" PRIu64 ": cancel timer %d", test.now, number(entry));
        bool was_in = wheel_cancel(test.wheel, &entry->timer);
        expect(was_in == entry->waits, "expected %d, got %d", entry->waits, was_in);
        entry->waits = false;
        return;
    }
    uint64_t delay = random_delay();
    note("at %" PRIu64 ": add timer %d with delay %" PRIu64, test.now, number(entry), delay);
    int result = wheel_add(test.wheel, &entry->timer, delay);
    expect(result == 0, "expected 0, got %d", result);
    entry->waits = true;
    entry->due = test.now + delay;
    entry->order = test.added++;
}

static void ring(struct wheel_timer *timer)
{
    struct entry *entry = container_of(timer, struct entry, timer);
    const struct entry *expected = first_waiting();

    expect(expected != NULL && expected->due <= test.target,
           "expected no ring up to %" PRIu64 ", got timer %d", test.target, number(entry));
    expect(entry == expected, "expected timer %d (for %" PRIu64 "), got timer %d (for %" PRIu64 ")",
           number(expected), expected->due, number(entry), entry->due);
    test.now = entry->due;
    expect(wheel_now(test.wheel) == test.now,
           "timer %d: expected wheel_now to be %" PRIu64 ", got %" PRIu64, number(entry), test.now,
           wheel_now(test.wheel));
    entry->waits = false;
    note("at %" PRIu64 ": timer %d rings", test.now, number(entry));
    if (random_below(3) == 0) {
        random_change();
        random_change();
    }
}

static void random_advance(void)
{
    uint64_t ticks = random_below(100) == 0 ? random_below(70000) : random_below(400);

    test.target = test.now + ticks;
    note("at %" PRIu64 ": advance by %" PRIu64, test.now, ticks);
    wheel_advance(test.wheel, ticks);
    const struct entry *missed = first_waiting();
    expect(missed == NULL || missed->due > test.target,
           "advance to %" PRIu64 ": expected timer %d to ring at %" PRIu64 ", it has not",
           test.target, number(missed), missed->due);
    test.now = test.target;
    expect(wheel_now(test.wheel) == test.now,
           "expected wheel_now %" PRIu64 " after it, got %" PRIu64, test.now,
           wheel_now(test.wheel));
}

START_TEST(random_operations_agree_with_a_simple_list)
{
    memset(&test, 0, sizeof test);
    test.random = 0x9E3779B97F4A7C15U + (uint64_t)_i;
    test.wheel = wheel_create();
    for (int i = 0; i < TIMERS; i++) {
        test.entries[i].timer.ring = ring;
    }
    for (int i = 0; i < OPERATIONS; i++) {
        if (random_below(3) == 0) {
            random_advance();
        } else {
            random_change();
        }
    }
    mark_point();
    wheel_destroy(test.wheel);
}
END_TEST

void add_model_checks(void)
{
    grader_group("random operations", NULL, NULL);
    grader_add_loop(random_operations_agree_with_a_simple_list, 0, 4);
}
