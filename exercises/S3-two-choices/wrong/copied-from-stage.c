/* caught-by: the_fullest_loop_is_never_chosen */
/* Round-robin under a new name. */
#include "selection_policy.h"

static size_t select_of_two(const struct loop_load *loads, size_t count,
                            struct selection_state *state)
{
    (void)loads;
    return (size_t)(state->words[0]++ % count);
}

const struct selection_policy two_choices = {
    .name = "two-choices",
    .select = select_of_two,
};
