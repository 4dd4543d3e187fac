/* caught-by: ties_are_rotated */
/* Right as long as one loop has fewer than all others; equal loads always meet the same loop. */
#include "selection_policy.h"

static size_t select_least_connections(const struct loop_load *loads, size_t count,
                                       struct selection_state *state)
{
    size_t best = 0;

    (void)state;
    for (size_t i = 1; i < count; i++) {
        if (loop_load_connections(&loads[i]) < loop_load_connections(&loads[best])) {
            best = i;
        }
    }
    return best;
}

const struct selection_policy least_connections = {
    .name = "least-connections",
    .select = select_least_connections,
};
