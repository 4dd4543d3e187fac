#include "random_numbers.h"

struct random_numbers random_numbers_from(uint64_t seed)
{
    return (struct random_numbers){.state = seed};
}

/* SplitMix64: few lines, and every seed is a good one. */
static uint64_t next(struct random_numbers *numbers)
{
    uint64_t z = numbers->state += 0x9e3779b97f4a7c15U;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

size_t random_below(struct random_numbers *numbers, size_t below)
{
    return (size_t)(next(numbers) % below);
}
