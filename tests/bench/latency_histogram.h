/*
 * latency_histogram: how often each latency came, in fixed memory.
 *
 * Log-linear: every power of two is cut into 64 equal steps, so a bucket is never wider than 1/64
 * of the values in it, and a percentile is at most 1.6 % above the exact one, whether it is a
 * microsecond or a minute. Values below 128 and the greatest value are kept exactly.
 *
 * Zero-initialise. Used by one thread.
 */
#ifndef LATENCY_HISTOGRAM_H
#define LATENCY_HISTOGRAM_H

#include <stdint.h>

enum {
    LATENCY_STEP_BITS = 6,
    LATENCY_STEPS = 1 << LATENCY_STEP_BITS,
    LATENCY_BUCKETS = (64 - LATENCY_STEP_BITS + 1) * LATENCY_STEPS,
};

struct latency_histogram {
    uint64_t count;
    uint64_t greatest;
    uint64_t buckets[LATENCY_BUCKETS];
};

void latency_histogram_add(struct latency_histogram *histogram, uint64_t value);

/*
 * The least value that at least `per_mille` thousandths of the values do not exceed; 1000: the
 * greatest. Returns 0 if there are none.
 */
uint64_t latency_histogram_percentile(const struct latency_histogram *histogram,
                                      unsigned per_mille);

#endif
