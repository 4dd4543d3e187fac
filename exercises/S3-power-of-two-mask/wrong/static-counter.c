/* caught-by: the_loops_take_turns */
/* A static variable where the state was meant: a second pool begins where the first one is. */
#include "selection_policy.h"

#include <stdbool.h>

bool is_power_of_two(size_t number);

bool is_power_of_two(size_t number)
{
    return number != 0 && (number & (number - 1)) == 0;
}

static uint32_t counter;

static size_t select_by_counter(const struct loop_load *loads, size_t count,
                                struct selection_state *state)
{
    (void)loads;
    size_t index = is_power_of_two(count) ? counter & (count - 1) : counter % count;
    counter = counter == UINT32_MAX ? (uint32_t)((index + 1) % count) : counter + 1;
    state->words[0] = counter;
    return index;
}

const struct selection_policy power_of_two_mask = {
    .name = "power-of-two-mask",
    .select = select_by_counter,
};
