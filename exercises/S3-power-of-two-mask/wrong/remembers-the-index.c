/* caught-by: the_counter_says_who_is_next */
/* Keeps the next index instead of a counter, and believes that nobody else writes to words[0]. */
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
    size_t index = (size_t)state->words[0];

    (void)loads;
    state->words[0] = index + 1 == count ? 0 : index + 1;
    return index;
}

const struct selection_policy power_of_two_mask = {
    .name = "power-of-two-mask",
    .select = select_by_counter,
};
