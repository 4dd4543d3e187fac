/* caught-by: the_loads_are_not_looked_at */
/* Takes turns, except that a loop without room for one more is left out. */
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

    if (loop_load_connections(&loads[0]) == SIZE_MAX) {
        counter++;
    }
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
