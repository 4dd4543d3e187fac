#include "worker_pool.h"

#include "background_thread.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct worker_pool {
    size_t capacity;
    size_t most_threads;

    pthread_mutex_t mutex;
    /*
     * Two conditions, not one: a single one would let the signal for a new job wake a job that
     * pauses, and the worker that is free would sleep on.
     */
    pthread_cond_t work; /* a job has come, or no more will */
    pthread_cond_t
        changed; /* by CLOCK_MONOTONIC: a job or all were cancelled, or a thread has ended */
    /* Guarded by the mutex: */
    pthread_t *threads;
    size_t thread_count; /* that were started */
    size_t alive;        /* of these */
    struct worker_job *first;
    struct worker_job **last; /* where the next job is linked */
    size_t waiting;
    size_t running;
    bool cancelled;
    bool ending;
};

/* Called with the mutex held. */
static struct worker_job *take_job(struct worker_pool *pool)
{
    struct worker_job *job = pool->first;

    pool->first = job->next;
    if (pool->first == NULL) {
        pool->last = &pool->first;
    }
    pool->waiting--;
    pool->running++;
    return job;
}

static void *run_worker(void *argument)
{
    struct worker_pool *pool = argument;

    pthread_mutex_lock(&pool->mutex);
    for (;;) {
        while (pool->first == NULL && !pool->ending) {
            pthread_cond_wait(&pool->work, &pool->mutex);
        }
        if (pool->first == NULL) {
            break;
        }
        struct worker_job *job = take_job(pool);
        pthread_mutex_unlock(&pool->mutex);
        job->run(job, pool);
        pthread_mutex_lock(&pool->mutex);
        pool->running--;
    }
    pool->alive--;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

/* Called with the mutex held. */
static int start_thread(struct worker_pool *pool)
{
    char name[16];

    snprintf(name, sizeof name, "worker-%zu", pool->thread_count % 1000);
    pthread_t *thread = &pool->threads[pool->thread_count];
    int result = background_thread_start(thread, name, run_worker, pool);
    if (result == 0) {
        pool->thread_count++;
        pool->alive++;
    }
    return result;
}

/*
 * Called with the mutex held. One more thread, if those that are free have jobs waiting for them
 * already. Without one the job waits for another job's end; without any it would wait for ever.
 */
static bool has_thread_for_one_more(struct worker_pool *pool)
{
    size_t free_threads = pool->alive - pool->running;

    if (free_threads > pool->waiting || pool->thread_count == pool->most_threads) {
        return true;
    }
    return start_thread(pool) == 0 || pool->alive > 0;
}

static void init_locks(struct worker_pool *pool)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

/* All threads have ended, or are about to. */
static void join_and_free(struct worker_pool *pool)
{
    for (size_t i = 0; i < pool->thread_count; i++) {
        pthread_join(pool->threads[i], NULL);
    }
    pthread_cond_destroy(&pool->changed);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->mutex);
    free(pool->threads);
    free(pool);
}

int worker_pool_create(size_t workers, size_t capacity, struct worker_pool **ret_pool)
{
    struct worker_pool *pool = calloc(1, sizeof *pool);

    if (pool == NULL) {
        return -ENOMEM;
    }
    pool->threads = calloc(workers, sizeof *pool->threads);
    if (pool->threads == NULL) {
        free(pool);
        return -ENOMEM;
    }
    pool->capacity = capacity;
    pool->most_threads = workers;
    pool->last = &pool->first;
    init_locks(pool);
    *ret_pool = pool;
    return 0;
}

void worker_pool_cancel(struct worker_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    pool->cancelled = true;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
}

void worker_pool_cancel_job(struct worker_pool *pool, struct worker_job *job)
{
    pthread_mutex_lock(&pool->mutex);
    job->cancelled = true;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
}

static struct timespec from_now(unsigned ms)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_sec += ms / 1000;
    time.tv_nsec += ms % 1000 * 1000000L;
    if (time.tv_nsec >= 1000000000L) {
        time.tv_sec++;
        time.tv_nsec -= 1000000000L;
    }
    return time;
}

int worker_pool_destroy(struct worker_pool *pool, unsigned timeout_ms)
{
    if (pool == NULL) {
        return 0;
    }
    struct timespec deadline = from_now(timeout_ms);
    int error = 0;
    pthread_mutex_lock(&pool->mutex);
    pool->cancelled = true;
    pool->ending = true;
    pthread_cond_broadcast(&pool->work);
    pthread_cond_broadcast(&pool->changed);
    while (pool->alive > 0 && error == 0) {
        error = pthread_cond_timedwait(&pool->changed, &pool->mutex, &deadline);
    }
    bool ended = pool->alive == 0;
    pthread_mutex_unlock(&pool->mutex);
    if (!ended) {
        return -ETIMEDOUT;
    }
    join_and_free(pool);
    return 0;
}

int worker_pool_submit(struct worker_pool *pool, struct worker_job *job)
{
    int result = -EAGAIN;

    job->next = NULL;
    job->cancelled = false;
    pthread_mutex_lock(&pool->mutex);
    if (pool->waiting < pool->capacity && has_thread_for_one_more(pool)) {
        *pool->last = job;
        pool->last = &job->next;
        pool->waiting++;
        pthread_cond_signal(&pool->work);
        result = 0;
    }
    pthread_mutex_unlock(&pool->mutex);
    return result;
}

bool worker_cancelled(struct worker_pool *pool, const struct worker_job *job)
{
    pthread_mutex_lock(&pool->mutex);
    bool cancelled = pool->cancelled || job->cancelled;
    pthread_mutex_unlock(&pool->mutex);
    return cancelled;
}

bool worker_pause(struct worker_pool *pool, const struct worker_job *job, unsigned ms)
{
    struct timespec deadline = from_now(ms);
    int error = 0;

    pthread_mutex_lock(&pool->mutex);
    while (!pool->cancelled && !job->cancelled && error == 0) {
        error = pthread_cond_timedwait(&pool->changed, &pool->mutex, &deadline);
    }
    bool cancelled = pool->cancelled || job->cancelled;
    pthread_mutex_unlock(&pool->mutex);
    return !cancelled;
}

size_t worker_pool_busy(struct worker_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    size_t busy = pool->waiting + pool->running;
    pthread_mutex_unlock(&pool->mutex);
    return busy;
}
