/* caught-by: without_an_answer_from_the_kernel_it_is_two */
/* Does not look at the result: where the call fails there are no threads at all. */
#include "pool_options.h"

#include <sched.h>

int default_thread_count(void);

int default_thread_count(void)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof set, &set);
    int cpus = CPU_COUNT(&set);
    return cpus < POOL_OPTIONS_MAX_THREADS / 2 ? 2 * cpus : POOL_OPTIONS_MAX_THREADS;
}
