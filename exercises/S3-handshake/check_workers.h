/*
 * check_workers: the functions that the answer's workers call, and what they note.
 */
#ifndef CHECK_WORKERS_H
#define CHECK_WORKERS_H

#include "check_threads.h"

#include <stddef.h>

enum { MOST_WORKERS = 100, WORKERS = 4 };

/* What the answer defines. */
int start_workers(size_t count, int (*prepare)(void *context, size_t index),
                  void (*work)(void *context, size_t index), void *context, pthread_t *ret_threads);

/* What the answer's `context` points to. */
struct plan {
    size_t count;
    int results[MOST_WORKERS]; /* what prepare returns */
    /* What worker 0 waits for in its prepare; nothing if all are false. */
    bool first_waits_for_starter; /* it rests, or is back */
    bool first_waits_for_others;  /* they rest: all others have prepared */
    bool all_wait_for_all;        /* this one is for all workers: everybody has begun */
    bool all_work_together; /* in work, until all have begun to work and the starter is back */
    struct plan *inner;     /* worker 0 starts a group of its own */

    /* Guarded by `mutex`: */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t begun;
    size_t prepared;
    size_t worked;
    bool starter_is_back;
    int calls[MOST_WORKERS];
    int work_calls[MOST_WORKERS];
    pthread_t by[MOST_WORKERS]; /* the thread that prepared */
    pid_t tids[MOST_WORKERS];
    bool strange;      /* an index that is none, or work in another thread than prepare */
    bool too_early;    /* work before all had prepared */
    enum rest starter; /* how it was found, if worker 0 waited for it */
    bool others_spin;
    int inner_result;
};

void plan_init(struct plan *plan, size_t count);
int plan_prepare(void *context, size_t index);
void plan_work(void *context, size_t index);

/* Calls the answer, with the plan for a context; notes that it is back. */
int plan_start(struct plan *plan, pthread_t *ret_threads);

/* The workers are joined; all have prepared and worked, once, each in the thread that it was,
 * and nobody did what it must not (seen.fault; the rule is for that). */
void plan_finish(struct plan *plan, const pthread_t *threads, const char *rule);

#endif
