/* caught-by: select_writes_to_no_load */
/* Adds the new connection to the load that it looks at, and takes it away again. */
#include "selection_policy.h"

static size_t read_load(const struct loop_load *load)
{
    atomic_size_t *connections = (atomic_size_t *)&load->connections;
    size_t before = atomic_fetch_add(connections, 1);

    atomic_fetch_sub(connections, 1);
    return before;
}

/* state->words[0]: the loop at which the next search starts. Zero at first. */
static size_t select_least_connections(const struct loop_load *loads, size_t count,
                                       struct selection_state *state)
{
    size_t start = (size_t)(state->words[0] % count);
    size_t best = start;
    size_t fewest = read_load(&loads[start]);

    for (size_t step = 1; step < count; step++) {
        size_t i = (start + step) % count;
        size_t connections = read_load(&loads[i]);
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
