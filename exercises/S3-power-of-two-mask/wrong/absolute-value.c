/* caught-by: behind_two_to_the_31_the_turns_go_on */
/* The repair that Netty had for a while: the index is right again, but the turns go backwards. */
#include "selection_policy.h"

#include <stdbool.h>
#include <stdlib.h>

bool is_power_of_two(size_t number);

bool is_power_of_two(size_t number)
{
    return number != 0 && (number & (number - 1)) == 0;
}

static size_t select_by_counter(const struct loop_load *loads, size_t count,
                                struct selection_state *state)
{
    int counter = (int)(uint32_t)state->words[0];

    (void)loads;
    state->words[0] = (uint32_t)counter + 1U;
    if (is_power_of_two(count)) {
        return (size_t)counter & (count - 1);
    }
    return (size_t)abs(counter % (int)count);
}

const struct selection_policy power_of_two_mask = {
    .name = "power-of-two-mask",
    .select = select_by_counter,
};
