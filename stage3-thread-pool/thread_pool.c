#include "thread_pool.h"

#include "log.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

struct thread_pool {
    const struct thread_pool_config *config;
    struct event_loop_thread *threads; /* config->thread_count of them */
    struct loop_load *loads;           /* one for each reactor of the pool */
    struct reactor *main_reactor;
    struct selection_state selection;
    struct log_limit bad_choices;
};

size_t thread_pool_size(const struct thread_pool *pool)
{
    return pool->config->thread_count > 0 ? pool->config->thread_count : 1;
}

int thread_pool_create(const struct thread_pool_config *config, struct thread_pool **ret_pool)
{
    struct thread_pool *pool = calloc(1, sizeof *pool);

    if (pool == NULL) {
        return -ENOMEM;
    }
    pool->config = config;
    size_t size = thread_pool_size(pool);
    pool->threads = calloc(size, sizeof *pool->threads);
    pool->loads = aligned_alloc(_Alignof(struct loop_load), size * sizeof *pool->loads);
    if (pool->threads == NULL || pool->loads == NULL) {
        thread_pool_destroy(pool);
        return -ENOMEM;
    }
    for (size_t i = 0; i < size; i++) {
        atomic_init(&pool->loads[i].connections, 0);
    }
    *ret_pool = pool;
    return 0;
}

void thread_pool_destroy(struct thread_pool *pool)
{
    if (pool != NULL) {
        free(pool->threads);
        free(pool->loads);
        free(pool);
    }
}

static void on_failure(struct event_loop_thread *thread, int error)
{
    const struct thread_pool_config *config = thread->config.pool->config;

    config->on_failure(config->context, error);
}

/*
 * First all loops end, then all are released: the handlers of one may be reading another's
 * counters.
 */
static void stop_first(struct thread_pool *pool, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        event_loop_thread_quit(&pool->threads[i]);
    }
    for (size_t i = 0; i < count; i++) {
        event_loop_thread_stop(&pool->threads[i]);
    }
}

int thread_pool_start(struct thread_pool *pool, struct reactor *main_reactor)
{
    pool->main_reactor = main_reactor;
    for (size_t i = 0; i < pool->config->thread_count; i++) {
        const struct event_loop_thread_config config = {
            .reactor = pool->config->reactor,
            .pool = pool,
            .load = &pool->loads[i],
            .index = (unsigned)i,
            .on_failure = on_failure,
        };
        int result = event_loop_thread_start(&pool->threads[i], &config);
        if (result < 0) {
            stop_first(pool, i);
            return result;
        }
    }
    return 0;
}

void thread_pool_stop(struct thread_pool *pool)
{
    stop_first(pool, pool->config->thread_count);
}

struct loop_load *thread_pool_main_load(struct thread_pool *pool)
{
    return pool->config->thread_count > 0 ? NULL : &pool->loads[0];
}

struct reactor *thread_pool_select(struct thread_pool *pool)
{
    size_t size = thread_pool_size(pool);
    size_t index = pool->config->policy->select(pool->loads, size, &pool->selection);
    unsigned suppressed;

    if (index >= size) {
        /* A policy may be a learner's first try; a wild index must not take the server down. */
        if (log_limit_allows(&pool->bad_choices, &suppressed)) {
            log_error("policy %s chose loop %zu of %zu; taking loop 0 (%u more like this)",
                      pool->config->policy->name, index, size, suppressed);
        }
        index = 0;
    }
    return thread_pool_reactor(pool, index);
}

struct reactor *thread_pool_reactor(struct thread_pool *pool, size_t index)
{
    return pool->config->thread_count > 0 ? &pool->threads[index].reactor : pool->main_reactor;
}

const struct loop_load *thread_pool_load(const struct thread_pool *pool, size_t index)
{
    return &pool->loads[index];
}

struct reactor *thread_pool_main_reactor(struct thread_pool *pool)
{
    return pool->main_reactor;
}

int thread_pool_default_count(void)
{
    /*
     * A cpu_set_t holds 1,024 CPUs. On a larger machine the call says EINVAL and a larger set is
     * tried.
     */
    for (int capacity = CPU_SETSIZE; capacity <= 64 * CPU_SETSIZE; capacity *= 2) {
        cpu_set_t *set = CPU_ALLOC((size_t)capacity);
        if (set == NULL) {
            break;
        }
        size_t size = CPU_ALLOC_SIZE((size_t)capacity);
        int count = sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : 0;
        CPU_FREE(set);
        if (count > 0) {
            return count;
        }
    }
    return 1;
}
