/* caught-by: select_changes_no_load */
/* Adds the connection to the load, which the acceptor does as well: two came, one goes. */
#include "selection_policy.h"

static size_t select_least_connections(const struct loop_load *loads, size_t count,
                                       struct selection_state *state)
{
    size_t start = (size_t)(state->words[0] % count);
    size_t best = start;

    for (size_t step = 1; step < count; step++) {
        size_t i = (start + step) % count;
        if (loop_load_connections(&loads[i]) < loop_load_connections(&loads[best])) {
            best = i;
        }
    }
    state->words[0] = best + 1;
    atomic_fetch_add((atomic_size_t *)&loads[best].connections, 1);
    return best;
}

const struct selection_policy least_connections = {
    .name = "least-connections",
    .select = select_least_connections,
};
