/* caught-by: without_an_answer_from_the_kernel_it_is_two */
/* Tries larger sets, and takes every other error for an empty mask: no threads at all. */
#include "pool_options.h"

#include <errno.h>
#include <sched.h>

int default_thread_count(const char *mount, const char *group);

/* A set for 65,536 CPUs. */
static cpu_set_t sets[64];

int default_thread_count(const char *mount, const char *group)
{
    int result;
    size_t count = 1;

    (void)mount;
    (void)group;
    do {
        result = sched_getaffinity(0, count * sizeof sets[0], sets);
        count *= 2;
    } while (result < 0 && errno == EINVAL && count <= 64);
    int cpus = CPU_COUNT_S(sizeof sets, sets);
    return cpus < POOL_OPTIONS_MAX_THREADS / 2 ? 2 * cpus : POOL_OPTIONS_MAX_THREADS;
}
