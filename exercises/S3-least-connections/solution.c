/*
 * least-connections: the next connection goes to the loop that has the fewest.
 *
 * The search starts behind the loop that was chosen last and takes the first of the lowest that it
 * meets. So loops with equal loads get their turns one after the other, and the loops between them,
 * which have more, cost nobody a turn.
 */
#include "selection_policy.h"

/* state->words[0]: the loop at which the next search starts. Zero at first. */
static size_t select_least_connections(const struct loop_load *loads, size_t count,
                                       struct selection_state *state)
{
    size_t start = (size_t)(state->words[0] % count);
    size_t best = start;
    /* Each load is read once: the loops close connections meanwhile, so that a second look may
     * show another number. */
    size_t fewest = loop_load_connections(&loads[start]);

    for (size_t step = 1; step < count; step++) {
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
