/* fails-at: the_fullest_loop_is_never_chosen */
/*
 * S3-two-choices: two loops at random, and of these the one with fewer connections.
 *
 * exercises/S3-two-choices/README.md has the whole contract.
 */
#include "selection_policy.h"

static size_t select_of_two(const struct loop_load *loads, size_t count,
                            struct selection_state *state)
{
    /*
     * TODO: draw two different loops at random, and return the one with fewer connections. The
     * random numbers are to come from a small generator of your own, whose memory is state->words.
     * All zero at first: then give it a seed that no other pool has.
     */
    (void)loads;
    (void)count;
    (void)state;
    return 0;
}

const struct selection_policy two_choices = {
    .name = "two-choices",
    .select = select_of_two,
};
