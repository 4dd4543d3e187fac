/* ./lab run S3-power-of-two-mask --threads=3 --policy=power-of-two-mask */
#include "selection_policy.h"
#include "stage3.h"

extern const struct selection_policy power_of_two_mask;

/* The wrap is four billion clients away; this one begins a few before it. */
static size_t select_near_the_wrap(const struct loop_load *loads, size_t count,
                                   struct selection_state *state)
{
    if (state->words[3]++ == 0) {
        state->words[0] = UINT32_MAX - 3;
    }
    return power_of_two_mask.select(loads, count, state);
}

static const struct selection_policy near_the_wrap = {
    .name = "near-the-wrap",
    .select = select_near_the_wrap,
};

int main(int argc, char **argv)
{
    const struct selection_policy *const policies[] = {&power_of_two_mask, &near_the_wrap, NULL};

    return stage3_main(argc, argv, &(struct server_extensions){.policies = policies});
}
