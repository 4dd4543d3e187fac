/* pool_jobs: jobs for a worker pool that a test starts, holds and lets go. */
#ifndef POOL_JOBS_H
#define POOL_JOBS_H

#include "worker_pool.h"

#include <semaphore.h>
#include <stdatomic.h>

/* A job that says when it has begun and ends when it is told to; it asks the pool for nothing. */
struct held_job {
    struct worker_job job;
    sem_t begun;
    sem_t may_end;
};

void held_job_init(struct held_job *held);

/* Submits it, which must succeed, and waits until a worker has begun with it. */
void held_job_begin(struct held_job *held, struct worker_pool *pool);
void held_job_end(struct held_job *held);

/* A job that pauses for longer than any test lasts. */
struct pausing_job {
    struct worker_job job;
    sem_t begun;
    sem_t ended;
    bool all_time_passed; /* what worker_pause has returned */
    bool saw_cancelled;   /* and worker_cancelled, before the pause */
};

void pausing_job_submit(struct pausing_job *pausing, struct worker_pool *pool);

/* Waits for a semaphore; fails the test if that takes ten seconds. `what` is awaited. */
void await_semaphore(sem_t *semaphore, const char *what);

/* Waits until no job waits or runs. */
void await_idle(struct worker_pool *pool);

#endif
