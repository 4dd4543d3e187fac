/* caught-by: powers_of_two_are_told_from_others */
/* The shortest test there is, and zero passes it. */
#include "selection_policy.h"

#include <stdbool.h>

bool is_power_of_two(size_t number);

bool is_power_of_two(size_t number)
{
    return (number & (number - 1)) == 0;
}

static size_t select_by_counter(const struct loop_load *loads, size_t count,
                                struct selection_state *state)
{
    uint32_t counter = (uint32_t)state->words[0];

    (void)loads;
    size_t index = is_power_of_two(count) ? counter & (count - 1) : counter % count;
    state->words[0] = counter == UINT32_MAX ? (index + 1) % count : counter + 1;
    return index;
}

const struct selection_policy power_of_two_mask = {
    .name = "power-of-two-mask",
    .select = select_by_counter,
};
