/* caught-by: the_loop_with_the_fewest_connections_is_chosen */
/* Round-robin under a new name. */
#include "selection_policy.h"

static size_t select_least_connections(const struct loop_load *loads, size_t count,
                                       struct selection_state *state)
{
    (void)loads;
    return (size_t)(state->words[0]++ % count);
}

const struct selection_policy least_connections = {
    .name = "least-connections",
    .select = select_least_connections,
};
