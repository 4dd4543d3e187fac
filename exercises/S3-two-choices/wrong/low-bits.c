/* caught-by: every_pair_occurs_as_often_as_others */
/* The low bits of a linear congruential generator take turns; they are not random. */
#include "selection_policy.h"

#include <sys/random.h>

static uint64_t next_random(struct selection_state *state)
{
    if (state->words[1] == 0) {
        state->words[1] = 1;
        (void)!getrandom(&state->words[0], sizeof state->words[0], 0);
    }
    state->words[0] = state->words[0] * 6364136223846793005 + 1442695040888963407;
    return state->words[0];
}

static size_t select_of_two(const struct loop_load *loads, size_t count,
                            struct selection_state *state)
{
    if (count == 1) {
        return 0;
    }
    size_t first = (next_random(state) & 15) % count;
    size_t second = (next_random(state) & 15) % (count - 1);
    second += second >= first;
    return loop_load_connections(&loads[second]) < loop_load_connections(&loads[first]) ? second
                                                                                        : first;
}

const struct selection_policy two_choices = {
    .name = "two-choices",
    .select = select_of_two,
};
