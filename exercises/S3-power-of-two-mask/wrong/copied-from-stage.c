/* caught-by: the_counter_stays_within_32_bits */
/* The round-robin of stage 3, whose counter has 64 bits: here it has 32. */
#include "selection_policy.h"

#include <stdbool.h>

bool is_power_of_two(size_t number);

bool is_power_of_two(size_t number)
{
    return number != 0 && (number & (number - 1)) == 0;
}

static size_t select_by_counter(const struct loop_load *loads, size_t count,
                                struct selection_state *state)
{
    (void)loads;
    return (size_t)(state->words[0]++ % count);
}

const struct selection_policy power_of_two_mask = {
    .name = "power-of-two-mask",
    .select = select_by_counter,
};
