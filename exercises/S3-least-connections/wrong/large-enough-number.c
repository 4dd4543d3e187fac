/* caught-by: large_counts_are_compared_like_small_ones */
/* 'Nobody has ten thousand connections on one loop': then the lowest is never found. */
#include "selection_policy.h"

static size_t select_least_connections(const struct loop_load *loads, size_t count,
                                       struct selection_state *state)
{
    size_t start = (size_t)(state->words[0] % count);
    size_t best = start;
    size_t fewest = 10000;

    for (size_t step = 0; step < count; step++) {
        size_t i = (start + step) % count;
        size_t connections = loop_load_connections(&loads[i]);
        if (connections < fewest) {
            best = i;
            fewest = connections;
        }
    }
    state->words[0] = best + 1;
    return best;
}

const struct selection_policy least_connections = {
    .name = "least-connections",
    .select = select_least_connections,
};
