#include "selection_policy.h"

static size_t select_round_robin(const struct loop_load *loads, size_t count,
                                 struct selection_state *state)
{
    (void)loads;
    return (size_t)(state->words[0]++ % count);
}

const struct selection_policy round_robin_policy = {
    .name = "round-robin",
    .select = select_round_robin,
};

int policies_list(const struct server_extensions *extensions, struct named_choices *ret_choices)
{
    const struct selection_policy *const *more = extensions != NULL ? extensions->policies : NULL;

    *ret_choices = (struct named_choices){0};
    int result = named_choices_add(ret_choices, round_robin_policy.name, &round_robin_policy);
    for (; result == 0 && more != NULL && *more != NULL; more++) {
        result = named_choices_add(ret_choices, (*more)->name, *more);
    }
    return result;
}
