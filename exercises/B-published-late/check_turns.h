/*
 * check_turns: which of the two threads is faster.
 */
#ifndef CHECK_TURNS_H
#define CHECK_TURNS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/* Whether all threads but this one sleep, as far as one can see. */
bool others_are_asleep(void);

extern pthread_t accepting;  /* the check's thread */
extern bool hold;            /* a registration waits for the loop's thread */
extern atomic_int all_calls; /* of callbacks */
extern atomic_int turns;     /* of the loop since the last call of a callback */

#endif
