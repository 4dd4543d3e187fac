/* fails-at: the_loops_take_turns */
/*
 * S3-power-of-two-mask: round-robin with a counter that wraps around.
 *
 * exercises/S3-power-of-two-mask/README.md has the whole contract.
 */
#include "selection_policy.h"

#include <stdbool.h>

bool is_power_of_two(size_t number);

bool is_power_of_two(size_t number)
{
    /* TODO: without a loop. Look at number and number - 1 in binary. */
    (void)number;
    return false;
}

static size_t select_by_counter(const struct loop_load *loads, size_t count,
                                struct selection_state *state)
{
    /*
     * TODO: state->words[0] is the counter, a number of 32 bits. Where count is a power of two, the
     * loop is the counter's low bits; elsewhere it is the remainder. Then count on. What comes
     * after 4,294,967,295?
     */
    (void)loads;
    (void)count;
    (void)state;
    return 0;
}

const struct selection_policy power_of_two_mask = {
    .name = "power-of-two-mask",
    .select = select_by_counter,
};
