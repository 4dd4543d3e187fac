/* caught-by: loads_may_change_between_two_looks */
/* First finds the lowest load, then who has it: nobody any more, if a client came meanwhile. */
#include "selection_policy.h"

/* state->words[0]: the loop at which the next search starts. Zero at first. */
static size_t select_least_connections(const struct loop_load *loads, size_t count,
                                       struct selection_state *state)
{
    size_t start = (size_t)(state->words[0] % count);
    size_t fewest = SIZE_MAX;

    for (size_t i = 0; i < count; i++) {
        size_t connections = loop_load_connections(&loads[i]);
        fewest = connections < fewest ? connections : fewest;
    }
    for (size_t step = 0; step < count; step++) {
        size_t i = (start + step) % count;
        if (loop_load_connections(&loads[i]) == fewest) {
            state->words[0] = i + 1;
            return i;
        }
    }
    return count;
}

const struct selection_policy least_connections = {
    .name = "least-connections",
    .select = select_least_connections,
};
