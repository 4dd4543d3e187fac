/* caught-by: loads_are_read_while_loops_change_them, under thread */
/* A plain read of a number that other threads change: it mostly works, and is a data race. */
#include "selection_policy.h"

static size_t read_load(const struct loop_load *load)
{
    return *(const size_t *)&load->connections;
}

static size_t select_least_connections(const struct loop_load *loads, size_t count,
                                       struct selection_state *state)
{
    size_t start = (size_t)(state->words[0] % count);
    size_t best = start;

    for (size_t step = 1; step < count; step++) {
        size_t i = (start + step) % count;
        if (read_load(&loads[i]) < read_load(&loads[best])) {
            best = i;
        }
    }
    state->words[0] = best + 1;
    return best;
}

const struct selection_policy least_connections = {
    .name = "least-connections",
    .select = select_least_connections,
};
