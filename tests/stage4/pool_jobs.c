#include "pool_jobs.h"

#include "container_of.h"

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <time.h>

enum { PATIENCE_S = 10, STEP_MS = 1, HOUR_MS = 3600000 };

void await_semaphore(sem_t *semaphore, const char *what)
{
    struct timespec deadline;
    int result;

    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += PATIENCE_S;
    do {
        result = sem_timedwait(semaphore, &deadline);
    } while (result < 0 && errno == EINTR);
    if (result < 0) {
        ck_abort_msg("waited %d s in vain: %s", PATIENCE_S, what);
    }
}

void await_idle(struct worker_pool *pool)
{
    for (int i = 0; worker_pool_busy(pool) > 0; i++) {
        if (i == PATIENCE_S * 1000 / STEP_MS) {
            ck_abort_msg("the workers do not end: %zu jobs are left", worker_pool_busy(pool));
        }
        poll(NULL, 0, STEP_MS);
    }
}

static void run_held(struct worker_job *job, struct worker_pool *pool)
{
    struct held_job *held = container_of(job, struct held_job, job);

    (void)pool;
    sem_post(&held->begun);
    sem_wait(&held->may_end);
}

void held_job_init(struct held_job *held)
{
    held->job = (struct worker_job){.run = run_held};
    sem_init(&held->begun, 0, 0);
    sem_init(&held->may_end, 0, 0);
}

void held_job_begin(struct held_job *held, struct worker_pool *pool)
{
    ck_assert_int_eq(worker_pool_submit(pool, &held->job), 0);
    await_semaphore(&held->begun, "a worker begins with the job");
}

void held_job_end(struct held_job *held)
{
    sem_post(&held->may_end);
}

static void run_pausing(struct worker_job *job, struct worker_pool *pool)
{
    struct pausing_job *pausing = container_of(job, struct pausing_job, job);

    pausing->saw_cancelled = worker_cancelled(pool, job);
    sem_post(&pausing->begun);
    pausing->all_time_passed = worker_pause(pool, job, HOUR_MS);
    sem_post(&pausing->ended);
}

void pausing_job_submit(struct pausing_job *pausing, struct worker_pool *pool)
{
    *pausing = (struct pausing_job){.job.run = run_pausing};
    sem_init(&pausing->begun, 0, 0);
    sem_init(&pausing->ended, 0, 0);
    ck_assert_int_eq(worker_pool_submit(pool, &pausing->job), 0);
}
