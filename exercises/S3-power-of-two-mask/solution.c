/*
 * power-of-two-mask: round-robin with a counter of 32 bits, as Netty had it.
 *
 * Where the number of loops is a power of two, the counter's low bits are the index, and a counter
 * that wraps around is no matter: 2 to the 32 is a multiple of the number. Elsewhere it is none, so
 * that the turns would jump at the wrap; there the counter is begun anew in time.
 */
#include "selection_policy.h"

#include <stdbool.h>

bool is_power_of_two(size_t number);

/* 1000 and 0111 have no bit in common; 1010 and 1001 have. */
bool is_power_of_two(size_t number)
{
    return number != 0 && (number & (number - 1)) == 0;
}

/* state->words[0]: the counter. Its remainder is the loop that is next. */
static size_t select_by_counter(const struct loop_load *loads, size_t count,
                                struct selection_state *state)
{
    uint32_t counter = (uint32_t)state->words[0];

    (void)loads;
    if (is_power_of_two(count)) {
        state->words[0] = (uint32_t)(counter + 1);
        return counter & (count - 1);
    }
    size_t index = counter % count;
    state->words[0] = counter == UINT32_MAX ? (index + 1) % count : counter + 1;
    return index;
}

const struct selection_policy power_of_two_mask = {
    .name = "power-of-two-mask",
    .select = select_by_counter,
};
