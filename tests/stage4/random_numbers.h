/* random_numbers: a seeded generator, so that a failure comes again with the same seed. */
#ifndef RANDOM_NUMBERS_H
#define RANDOM_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

struct random_numbers {
    uint64_t state;
};

struct random_numbers random_numbers_from(uint64_t seed);

/* A number from 0 to below - 1. */
size_t random_below(struct random_numbers *numbers, size_t below);

#endif
