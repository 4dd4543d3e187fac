/* caught-by: every_pair_occurs_as_often_as_others */
/* A generator of shifts and exclusive ors that begins with zero stays there for ever. */
#include "selection_policy.h"

static uint64_t next_random(struct selection_state *state)
{
    state->words[0] ^= state->words[0] << 13;
    state->words[0] ^= state->words[0] >> 7;
    state->words[0] ^= state->words[0] << 17;
    return state->words[0];
}

static size_t select_of_two(const struct loop_load *loads, size_t count,
                            struct selection_state *state)
{
    if (count == 1) {
        return 0;
    }
    size_t first = next_random(state) % count;
    size_t second = next_random(state) % (count - 1);
    second += second >= first;
    return loop_load_connections(&loads[second]) < loop_load_connections(&loads[first]) ? second
                                                                                        : first;
}

const struct selection_policy two_choices = {
    .name = "two-choices",
    .select = select_of_two,
};
