/* caught-by: closed_connections_count_no_more */
/* Keeps its own books, and never hears of a connection that closes. */
#include "selection_policy.h"

static size_t given[256];

static size_t select_least_connections(const struct loop_load *loads, size_t count,
                                       struct selection_state *state)
{
    size_t best = 0;

    (void)loads;
    (void)state;
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
