/* caught-by: a_quota_counts_in_whole_cpus */
/* The first half of the exercise: in a container with --cpus=2 on 64 CPUs, 128 threads. */
#include "pool_options.h"
#include "thread_pool.h"

int default_thread_count(const char *mount, const char *group);

int default_thread_count(const char *mount, const char *group)
{
    int cpus = thread_pool_default_count();

    (void)mount;
    (void)group;
    return cpus < POOL_OPTIONS_MAX_THREADS / 2 ? 2 * cpus : POOL_OPTIONS_MAX_THREADS;
}
