/* ./lab run S3-two-choices --threads=64 --policy=two-choices */
#include "selection_policy.h"
#include "stage3.h"

extern const struct selection_policy two_choices;

/* For comparison: one loop at random. The high bits of a linear congruential generator. */
static size_t select_one(const struct loop_load *loads, size_t count, struct selection_state *state)
{
    (void)loads;
    state->words[0] = state->words[0] * 6364136223846793005 + 1442695040888963407;
    return (size_t)((state->words[0] >> 33) % count);
}

static const struct selection_policy one_choice = {
    .name = "one-choice",
    .select = select_one,
};

int main(int argc, char **argv)
{
    const struct selection_policy *const policies[] = {&two_choices, &one_choice, NULL};

    return stage3_main(argc, argv, &(struct server_extensions){.policies = policies});
}
