/* caught-by: the_loop_with_the_fewest_connections_is_chosen */
/* Off by one: the last loop is never looked at. */
#include "selection_policy.h"

static size_t select_least_connections(const struct loop_load *loads, size_t count,
                                       struct selection_state *state)
{
    size_t best = 0;

    (void)state;
    for (size_t i = 0; i < count - 1; i++) {
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
