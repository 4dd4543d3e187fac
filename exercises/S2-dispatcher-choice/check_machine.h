/*
 * check_machine: a machine with a clock of its own, and three dispatchers whose cost is known.
 *
 * Each wait of a fake costs `base_ns`, and `ns_per_watched` for each descriptor it watches; it
 * reports `per_wait` events. Making a state and adding to it cost much more. The fakes notice what a
 * dispatcher may expect of its caller.
 */
#ifndef CHECK_MACHINE_H
#define CHECK_MACHINE_H

#include "dispatcher_choice.h"

#include <stdbool.h>

enum { FAKES = 3, MACHINE_MOST_ROUNDS = 1000 };

extern const struct event_dispatcher fake_dispatchers[FAKES];

struct fake {
    /* Set by a check before the measurement. */
    uint64_t base_ns;
    uint64_t ns_per_watched;
    int per_wait;
    int disturbed[MACHINE_MOST_ROUNDS]; /* by round: so many times slower; 0: not disturbed */
    bool empty[MACHINE_MOST_ROUNDS];    /* by round: nothing is reported */
    bool every_other;                   /* of the waits only each second one reports something */
    int create_error;
    int add_error_at;  /* the number of the add that fails with -ERANGE; 0: none */
    int wait_error_at; /* the number of the wait that fails with -EBADF; 0: none */

    /* What was done. */
    int creates;
    int destroys;
    int adds;
    int waits;
};

extern struct machine {
    struct fake fakes[FAKES];
    uint64_t now_ns;
    int clock_reads;
    int waits;      /* of all fakes */
    int slow_from;  /* from this wait on the whole machine is three times slower; 0: never */
    bool late_set;  /* a set was made after the first wait */
    int most_ahead; /* the most waits that one fake was ahead of another */
    const struct crowd *crowd;
} machine;

/* Fakes of 1000, 2000 and 3000 ns a wait with one event. The crowd must stay. */
void machine_reset(const struct crowd *crowd);
uint64_t machine_clock(void);

/* What an event costs, if nothing disturbs. */
double machine_truth(int fake);

#endif
