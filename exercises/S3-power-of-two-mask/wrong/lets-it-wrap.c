/* caught-by: nobody_is_left_out_at_the_wrap */
/* Right for 4,294,967,295 clients; then, with 3 loops, loop 0 comes twice. */
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

    (void)loads;
    state->words[0] = (uint32_t)(counter + 1);
    return is_power_of_two(count) ? counter & (count - 1) : counter % count;
}

const struct selection_policy power_of_two_mask = {
    .name = "power-of-two-mask",
    .select = select_by_counter,
};
