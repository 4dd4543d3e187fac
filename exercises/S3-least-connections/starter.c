/* fails-at: the_loop_with_the_fewest_connections_is_chosen */
/*
 * S3-least-connections: the next connection goes to the loop that has the fewest.
 *
 * exercises/S3-least-connections/README.md has the whole contract.
 */
#include "selection_policy.h"

static size_t select_least_connections(const struct loop_load *loads, size_t count,
                                       struct selection_state *state)
{
    /*
     * TODO: read the load of every loop with loop_load_connections(&loads[i]) and return the index
     * of the lowest. Where several are lowest, take them in turn: state->words is yours, all zero
     * at first, and keeps what you write there until the next call.
     */
    (void)loads;
    (void)count;
    (void)state;
    return 0;
}

const struct selection_policy least_connections = {
    .name = "least-connections",
    .select = select_least_connections,
};
