/*
 * thread_pool: the sub-reactors, their loads, and the policy that chooses among them.
 *
 * Started and stopped by the main reactor's thread. With no threads at all the pool consists of the
 * main reactor itself, and everything runs on one thread, as in stage 2.
 */
#ifndef THREAD_POOL_H
#define THREAD_POOL_H

#include "event_loop_thread.h"

struct thread_pool;

struct thread_pool_config {
    size_t thread_count;
    const struct reactor_config *reactor;
    const struct selection_policy *policy;
    /* On a sub-reactor's thread: its loop ended by itself, with -errno. `context` is borrowed. */
    void (*on_failure)(void *context, int error);
    void *context;
};

/* Thread: main. Borrows the config. Starts nothing yet. Returns 0 or -ENOMEM. */
int thread_pool_create(const struct thread_pool_config *config, struct thread_pool **ret_pool);

/*
 * Thread: main. Starts one thread after the other; returns when all loops run. `main_reactor` is
 * borrowed and must have been given thread_pool_main_load. Returns 0, or -errno: then those that
 * ran are stopped.
 */
int thread_pool_start(struct thread_pool *pool, struct reactor *main_reactor);

/* Thread: main. Ends all loops and joins all threads. To be called if start succeeded. */
void thread_pool_stop(struct thread_pool *pool);

/* NULL is allowed. */
void thread_pool_destroy(struct thread_pool *pool);

/* The load for the main reactor: NULL if it takes no connections, because there are threads. */
struct loop_load *thread_pool_main_load(struct thread_pool *pool);

/* Thread: acceptor. Asks the policy. */
struct reactor *thread_pool_select(struct thread_pool *pool);

/*
 * Thread: any, while the pool runs: how many reactors take connections (at least 1), and each of
 * them.
 */
size_t thread_pool_size(const struct thread_pool *pool);
struct reactor *thread_pool_reactor(struct thread_pool *pool, size_t index);
const struct loop_load *thread_pool_load(const struct thread_pool *pool, size_t index);
struct reactor *thread_pool_main_reactor(struct thread_pool *pool);

/*
 * How many CPUs this process may run on (sched_getaffinity(2): taskset and cpusets count). At least
 * 1.
 */
int thread_pool_default_count(void);

#endif
