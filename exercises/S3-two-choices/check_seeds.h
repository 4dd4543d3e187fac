/* check_seeds: the checks of S3-two-choices about where the random numbers come from. */
#ifndef CHECK_SEEDS_H
#define CHECK_SEEDS_H

#include "selection_policy.h"

/* In check_two_choices.c: a pool whose loads are all zero, and its state. */
extern struct selection_state state;
void begin_pool(void);
size_t choose(size_t count);

void add_seed_checks(void);

#endif
