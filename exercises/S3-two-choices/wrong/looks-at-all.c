/* caught-by: the_loads_of_two_loops_are_read_and_no_more */
/* Fewest connections of all, which is even better, at the price of a look at every loop. */
#include "selection_policy.h"

#include <sys/random.h>

static uint64_t next_random(struct selection_state *state)
{
    if (state->words[1] == 0) {
        state->words[1] = 1;
        (void)!getrandom(&state->words[0], sizeof state->words[0], 0);
    }
    state->words[0] += 0x9e3779b97f4a7c15;
    uint64_t bits = state->words[0];
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
    return bits ^ bits >> 31;
}

static size_t select_of_two(const struct loop_load *loads, size_t count,
                            struct selection_state *state)
{
    size_t best = next_random(state) % count;

    for (size_t i = 0; i < count; i++) {
        if (loop_load_connections(&loads[i]) < loop_load_connections(&loads[best])) {
            best = i;
        }
    }
    return best;
}

const struct selection_policy two_choices = {
    .name = "two-choices",
    .select = select_of_two,
};
