/* caught-by: loops_with_more_take_no_turns */
/* The search starts one further each time, whoever was chosen: with loads 0 0 5 5 it starts at
 * loop 2, 3 or 0 three times out of four, and loop 0 gets all of those. */
#include "selection_policy.h"

static size_t select_least_connections(const struct loop_load *loads, size_t count,
                                       struct selection_state *state)
{
    size_t start = (size_t)(state->words[0]++ % count);
    size_t best = start;

    for (size_t step = 1; step < count; step++) {
        size_t i = (start + step) % count;
        if (loop_load_connections(&loads[i]) < loop_load_connections(&loads[best])) {
            best = i;
        }
    }
    return best;
}

const struct selection_policy least_connections = {
    .name = "least-connections",
    .select = select_least_connections,
};
