/* caught-by: the_generator_is_in_the_state */
/* rand() is one generator for the whole process: hidden state, and a lock, shared by all pools. */
#include "selection_policy.h"

#include <stdlib.h>

static size_t select_of_two(const struct loop_load *loads, size_t count,
                            struct selection_state *state)
{
    (void)state;
    if (count == 1) {
        return 0;
    }
    size_t first = (size_t)rand() % count;
    size_t second = (size_t)rand() % (count - 1);
    second += second >= first;
    return loop_load_connections(&loads[second]) < loop_load_connections(&loads[first]) ? second
                                                                                        : first;
}

const struct selection_policy two_choices = {
    .name = "two-choices",
    .select = select_of_two,
};
