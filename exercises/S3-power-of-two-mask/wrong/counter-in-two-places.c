/* caught-by: the_counter_may_change_between_two_calls */
/* Keeps the counter in words[1], where it may have 64 bits, and shows its low half in words[0]. */
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
    uint64_t counter = state->words[1] != 0 ? state->words[1] : state->words[0];

    (void)loads;
    if (is_power_of_two(count)) {
        state->words[1] = counter + 1;
        state->words[0] = (uint32_t)state->words[1];
        return (size_t)counter & (count - 1);
    }
    size_t index = (size_t)(counter % count);
    state->words[1] = counter >= UINT32_MAX ? (index + 1) % count : counter + 1;
    state->words[0] = state->words[1];
    return index;
}

const struct selection_policy power_of_two_mask = {
    .name = "power-of-two-mask",
    .select = select_by_counter,
};
