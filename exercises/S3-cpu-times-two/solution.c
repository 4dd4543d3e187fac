/*
 * cpu-times-two: two sub-reactors for each CPU that this process may run on.
 *
 * 'May run on' is the affinity mask, not the number of CPUs in the machine: under taskset, in a
 * container with a cpuset, on a shared host, the process gets some of them only.
 */
#include "pool_options.h"

#include <errno.h>
#include <sched.h>

int default_thread_count(void);

enum { LARGEST_SET = 64 * CPU_SETSIZE };

/* Returns how many CPUs are in this process's mask, or -errno; -EINVAL: the set is too small. */
static int count_cpus(int capacity)
{
    cpu_set_t *set = CPU_ALLOC((size_t)capacity);

    if (set == NULL) {
        return -ENOMEM;
    }
    size_t size = CPU_ALLOC_SIZE((size_t)capacity);
    int result = sched_getaffinity(0, size, set) < 0 ? -errno : CPU_COUNT_S(size, set);
    CPU_FREE(set);
    return result;
}

int default_thread_count(void)
{
    int capacity = CPU_SETSIZE;
    int cpus = count_cpus(capacity);

    /* No call tells how long the kernel's mask is; EINVAL tells that ours was shorter. */
    while (cpus == -EINVAL && capacity < LARGEST_SET) {
        capacity *= 2;
        cpus = count_cpus(capacity);
    }
    if (cpus < 1) {
        cpus = 1;
    }
    return cpus < POOL_OPTIONS_MAX_THREADS / 2 ? 2 * cpus : POOL_OPTIONS_MAX_THREADS;
}
