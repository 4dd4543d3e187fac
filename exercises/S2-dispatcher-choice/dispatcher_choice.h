/*
 * dispatcher_choice: what does an event cost with each dispatcher, beside a crowd of idle
 * descriptors, and which one is to be taken?
 *
 * The two functions are the exercise; README.md has the contract. Thread: any one.
 */
#ifndef DISPATCHER_CHOICE_H
#define DISPATCHER_CHOICE_H

#include "event_dispatcher.h"

enum { DISPATCHER_CHOICE_MOST = 8 };

/* What is measured, and how. Everything is borrowed. */
struct crowd {
    const int *idle; /* descriptors to which nothing happens */
    size_t idle_count;
    int ready;  /* a descriptor that is always readable */
    int rounds; /* 3 or more */
    int waits;  /* of each round, 1 or more */
    uint64_t (*now_ns)(void);
};

struct measurement {
    const struct event_dispatcher *dispatcher; /* set by the caller */
    int error;                                 /* 0, or the -errno by which it refused */
    double ns_per_event;                       /* if error is 0 */
};

/* Fills in error and ns_per_event of `count` measurements, DISPATCHER_CHOICE_MOST at most. */
void measure_dispatchers(const struct crowd *crowd, struct measurement *measurements, size_t count);

/* Returns one of the measurements, or NULL if there is none to choose from. */
const struct measurement *choose_dispatcher(const struct measurement *measurements, size_t count);

#endif
