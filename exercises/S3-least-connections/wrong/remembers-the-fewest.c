/* caught-by: what_was_the_fewest_before_does_not_matter */
/* Stops at the first loop that is as low as the lowest of the last time, to look at fewer loops. */
#include "selection_policy.h"

/* state->words: the loop at which the next search starts, and the lowest load of the last one. */
static size_t select_least_connections(const struct loop_load *loads, size_t count,
                                       struct selection_state *state)
{
    size_t start = (size_t)(state->words[0] % count);
    size_t best = start;
    size_t fewest = loop_load_connections(&loads[start]);

    for (size_t step = 1; step < count && fewest > state->words[1]; step++) {
        size_t i = (start + step) % count;
        size_t connections = loop_load_connections(&loads[i]);
        if (connections < fewest) {
            best = i;
            fewest = connections;
        }
    }
    state->words[0] = best + 1;
    state->words[1] = fewest;
    return best;
}

const struct selection_policy least_connections = {
    .name = "least-connections",
    .select = select_least_connections,
};
