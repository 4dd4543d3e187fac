/*
 * counter: a number that one thread writes and any thread may read.
 *
 * Only the owner adds, so a plain load and store are enough: no locked instruction on the hot path.
 * A reader sees some recent value, and never a torn one.
 */
#ifndef COUNTER_H
#define COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

struct counter {
    _Atomic uint64_t value;
};

/* Thread: any. */
static inline uint64_t counter_read(const struct counter *counter)
{
    return atomic_load_explicit(&counter->value, memory_order_relaxed);
}

/* Thread: owner. */
static inline void counter_add(struct counter *counter, uint64_t amount)
{
    atomic_store_explicit(&counter->value, counter_read(counter) + amount, memory_order_relaxed);
}

/* Thread: owner. Keeps the largest value seen: a high-water mark. */
static inline void counter_raise(struct counter *counter, uint64_t value)
{
    if (value > counter_read(counter)) {
        atomic_store_explicit(&counter->value, value, memory_order_relaxed);
    }
}

#endif
