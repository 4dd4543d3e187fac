/* caught-by: loads_may_change_between_two_looks */
/* First finds the lowest load, then goes round until it meets it again. */
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
    size_t i = start;
    while (loop_load_connections(&loads[i]) != fewest) {
        i = (i + 1) % count;
    }
    state->words[0] = i + 1;
    return i;
}

const struct selection_policy least_connections = {
    .name = "least-connections",
    .select = select_least_connections,
};
