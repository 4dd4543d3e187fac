/* caught-by: every_pair_occurs_as_often_as_others */
/* Where both draws are the same loop it takes the next one: neighbours meet more often than others. */
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
    size_t first = next_random(state) % count;
    size_t second = next_random(state) % count;

    if (second == first) {
        second = (first + 1) % count;
    }

    return loop_load_connections(&loads[second]) < loop_load_connections(&loads[first]) ? second
                                                                                        : first;
}

const struct selection_policy two_choices = {
    .name = "two-choices",
    .select = select_of_two,
};
