/* caught-by: the_loads_do_not_matter */
/* 'A little better than turns': gives way to the next loop where that one has fewer. */
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
    uint32_t counter = (uint32_t)state->words[0];
    size_t index = is_power_of_two(count) ? counter & (count - 1) : counter % count;
    size_t other = (index + 1) % count;

    state->words[0] = counter == UINT32_MAX ? other : counter + 1;
    bool fewer = loop_load_connections(&loads[other]) < loop_load_connections(&loads[index]);
    return fewer ? other : index;
}

const struct selection_policy power_of_two_mask = {
    .name = "power-of-two-mask",
    .select = select_by_counter,
};
