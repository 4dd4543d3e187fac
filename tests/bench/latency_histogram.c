#include "latency_histogram.h"

#include <stddef.h>

/* How far a value is shifted until it has LATENCY_STEP_BITS + 1 bits; 0 for the small ones. */
static unsigned shift_of(uint64_t value)
{
    unsigned bits = value > 0 ? 64 - (unsigned)__builtin_clzll(value) : 0;

    return bits > LATENCY_STEP_BITS ? bits - (LATENCY_STEP_BITS + 1) : 0;
}

/* What is left after the shift lies from STEPS to 2 * STEPS - 1, so the buckets join up. */
static size_t bucket_of(uint64_t value)
{
    unsigned shift = shift_of(value);

    return (size_t)shift * LATENCY_STEPS + (size_t)(value >> shift);
}

static uint64_t greatest_of_bucket(size_t bucket)
{
    if (bucket < 2 * LATENCY_STEPS) {
        return bucket;
    }
    unsigned shift = (unsigned)(bucket / LATENCY_STEPS) - 1;
    uint64_t step = bucket % LATENCY_STEPS + LATENCY_STEPS;
    /* For the last bucket the shift leaves 0, and 0 - 1 is the greatest value there is. */
    return ((step + 1) << shift) - 1;
}

void latency_histogram_add(struct latency_histogram *histogram, uint64_t value)
{
    histogram->buckets[bucket_of(value)]++;
    histogram->count++;
    if (value > histogram->greatest) {
        histogram->greatest = value;
    }
}

uint64_t latency_histogram_percentile(const struct latency_histogram *histogram, unsigned per_mille)
{
    uint64_t wanted = (histogram->count * per_mille + 999) / 1000;
    uint64_t seen = 0;

    for (size_t i = 0; i < LATENCY_BUCKETS; i++) {
        seen += histogram->buckets[i];
        if (seen >= wanted) {
            uint64_t value = greatest_of_bucket(i);
            return value < histogram->greatest ? value : histogram->greatest;
        }
    }
    return 0;
}
