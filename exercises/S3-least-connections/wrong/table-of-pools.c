/* caught-by: the_turns_are_in_the_state */
/* Finds the turns of a pool by the address of its state, in a table beside it. */
#include "selection_policy.h"

enum { MOST_POOLS = 8 };

static struct {
    const struct selection_state *state;
    size_t next;
} pools[MOST_POOLS];

static size_t select_least_connections(const struct loop_load *loads, size_t count,
                                       struct selection_state *state)
{
    size_t pool = 0;

    while (pool < MOST_POOLS - 1 && pools[pool].state != NULL && pools[pool].state != state) {
        pool++;
    }
    pools[pool].state = state;
    size_t start = pools[pool].next % count;
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
    pools[pool].next = best + 1;
    return best;
}

const struct selection_policy least_connections = {
    .name = "least-connections",
    .select = select_least_connections,
};
