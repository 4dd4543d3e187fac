/* caught-by: closed_connections_count_no_more */
/* Reads the loads of a new pool, then keeps its own books: they never hear of a close. */
#include "selection_policy.h"

static size_t given[256];

static size_t select_least_connections(const struct loop_load *loads, size_t count,
                                       struct selection_state *state)
{
    size_t best = 0;

    if (state->words[0]++ == 0) {
        for (size_t i = 0; i < count; i++) {
            given[i] = loop_load_connections(&loads[i]);
        }
    }
    for (size_t i = 1; i < count; i++) {
        if (given[i] < given[best]) {
            best = i;
        }
    }
    given[best]++;
    return best;
}

const struct selection_policy least_connections = {
    .name = "least-connections",
    .select = select_least_connections,
};
