/* caught-by: two_pools_do_not_share_their_turns */
/* A static variable where the state was meant: two servers in one process disturb each other. */
#include "selection_policy.h"

static size_t next;

static size_t select_least_connections(const struct loop_load *loads, size_t count,
                                       struct selection_state *state)
{
    size_t start = next % count;
    size_t best = start;

    (void)state;
    for (size_t step = 1; step < count; step++) {
        size_t i = (start + step) % count;
        if (loop_load_connections(&loads[i]) < loop_load_connections(&loads[best])) {
            best = i;
        }
    }
    next = best + 1;
    return best;
}

const struct selection_policy least_connections = {
    .name = "least-connections",
    .select = select_least_connections,
};
