/* caught-by: ties_are_rotated_among_as_many_loops_as_the_server_has */
/* Keeps the next loop in six bits, for who has more than 64 CPUs? */
#include "selection_policy.h"

/* state->words[0]: the loop at which the next search starts. Zero at first. */
static size_t select_least_connections(const struct loop_load *loads, size_t count,
                                       struct selection_state *state)
{
    size_t start = (size_t)(state->words[0] % count);
    size_t best = start;
    size_t fewest = loop_load_connections(&loads[start]);

    for (size_t step = 1; step < count; step++) {
        size_t i = (start + step) % count;
        size_t connections = loop_load_connections(&loads[i]);
        if (connections < fewest) {
            best = i;
            fewest = connections;
        }
    }
    state->words[0] = (best + 1) % 64;
    return best;
}

const struct selection_policy least_connections = {
    .name = "least-connections",
    .select = select_least_connections,
};
