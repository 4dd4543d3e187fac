/* fault: makes the k-th call from now on fail, once. Thread: any. */
#ifndef FAULT_H
#define FAULT_H

#include <stdatomic.h>

/* Zero-initialised, nothing fails. */
struct fault {
    atomic_int calls_left;
    int error;
};

/* `call` is 1 for the next one. */
static inline void fault_arm(struct fault *fault, int call, int error)
{
    fault->error = error;
    atomic_store(&fault->calls_left, call);
}

/* Returns the error if it is this call's turn to fail, else 0. */
static inline int fault_next(struct fault *fault)
{
    return atomic_load(&fault->calls_left) > 0 && atomic_fetch_sub(&fault->calls_left, 1) == 1
               ? fault->error
               : 0;
}

#endif
