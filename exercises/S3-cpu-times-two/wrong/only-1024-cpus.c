/* caught-by: a_machine_with_more_than_1024_cpus_is_counted */
/* One cpu_set_t and no second try: on a large machine the call fails, and two threads it is. */
#include "pool_options.h"

#include <sched.h>

int default_thread_count(const char *mount, const char *group);

int default_thread_count(const char *mount, const char *group)
{
    cpu_set_t set;
    int cpus = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;

    (void)mount;
    (void)group;
    return cpus < POOL_OPTIONS_MAX_THREADS / 2 ? 2 * cpus : POOL_OPTIONS_MAX_THREADS;
}
