/* caught-by: there_are_many_seeds */
/* Takes one byte for a seed, because a getrandom of a byte cannot be interrupted. */
#include "selection_policy.h"

#include <stdbool.h>
#include <sys/random.h>
#include <time.h>

/* words[0] is the generator's counter; words[1] tells that it has been seeded. */
static void seed_once(struct selection_state *state)
{
    struct timespec now;

    if (state->words[1] != 0) {
        return;
    }
    state->words[1] = 1;
    if (getrandom(&state->words[0], 1, 0) < 0) {
        /* Only a very old kernel has no such call. */
        clock_gettime(CLOCK_MONOTONIC, &now);
        state->words[0] = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    }
}

static uint64_t next_random(struct selection_state *state)
{
    state->words[0] += 0x9e3779b97f4a7c15;
    uint64_t bits = state->words[0];
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
    return bits ^ bits >> 31;
}

static size_t select_of_two(const struct loop_load *loads, size_t count,
                            struct selection_state *state)
{
    if (count == 1) {
        return 0;
    }
    seed_once(state);
    uint64_t bits = next_random(state);
    size_t first = (size_t)((bits >> 32) % count);
    /* One of the others: from first on, all are one further. So the two differ at once. */
    size_t second = (size_t)((bits & UINT32_MAX) % (count - 1));
    second += second >= first;
    bool second_has_fewer =
        loop_load_connections(&loads[second]) < loop_load_connections(&loads[first]);
    return second_has_fewer ? second : first;
}

const struct selection_policy two_choices = {
    .name = "two-choices",
    .select = select_of_two,
};
