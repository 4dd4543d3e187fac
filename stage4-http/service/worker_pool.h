/*
 * worker_pool: threads for handlers that block, so that no loop ever does.
 *
 * The lectures' business threads. A queue with a bound, a mutex, a condition; each worker takes one
 * job after the other. What a job needs it owns; how its result gets back to a loop is the job's
 * own affair (by mailbox and connection id).
 *
 * A thread is started when a job finds none free. So who never blocks has no threads; and a program
 * of one thread has cheaper system calls: libc need not think of cancellation, nor the kernel of
 * somebody else who closes the descriptor. (GET /hello on one loop: 2 % of its CPU time.)
 *
 * Made and ended by main. A job cannot be stopped from outside; it is asked, alone or together with
 * all others: worker_pause returns early, and worker_cancelled says so.
 */
#ifndef WORKER_POOL_H
#define WORKER_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct worker_pool;

/* Embedded in whatever the work needs. `run` is called exactly once; it may free the job. */
struct worker_job {
    struct worker_job *next;
    void (*run)(struct worker_job *job, struct worker_pool *pool);
    bool cancelled; /* the pool's */
};

/* At most `workers` threads (one or more); `capacity` jobs may wait. Returns 0 or -ENOMEM. */
int worker_pool_create(size_t workers, size_t capacity, struct worker_pool **ret_pool);

/* Thread: any. Asks every job, those that wait included, to end soon. For good. */
void worker_pool_cancel(struct worker_pool *pool);

/*
 * Thread: main. Cancels, waits for the queue to get empty and for the threads to end, and frees.
 * NULL is allowed. Returns 0, or -ETIMEDOUT: a job has not ended in time; nothing is freed then.
 */
int worker_pool_destroy(struct worker_pool *pool, unsigned timeout_ms);

/*
 * Thread: any, and not after destroy has begun. Returns 0: taken; -EAGAIN: as many jobs as may wait
 * have not been taken up by a worker yet, or there is no thread and none can be had; the job is
 * still yours.
 */
int worker_pool_submit(struct worker_pool *pool, struct worker_job *job);

/* Thread: any, while the job exists. Asks this job to end soon: nobody wants its result any more. */
void worker_pool_cancel_job(struct worker_pool *pool, struct worker_job *job);

/* Thread: the job's. Whether it should end now. */
bool worker_cancelled(struct worker_pool *pool, const struct worker_job *job);

/* Thread: the job's. Waits; returns whether all the time has passed: false when cancelled. */
bool worker_pause(struct worker_pool *pool, const struct worker_job *job, unsigned ms);

/* Thread: any. How many jobs wait or run. */
size_t worker_pool_busy(struct worker_pool *pool);

#endif
