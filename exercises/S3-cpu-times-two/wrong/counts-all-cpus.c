/* caught-by: cpus_that_taskset_forbids_do_not_count */
/* The CPUs that are there, not those that this process may use. */
#include "pool_options.h"

#include <sys/sysinfo.h>

int default_thread_count(const char *mount, const char *group);

int default_thread_count(const char *mount, const char *group)
{
    int cpus = get_nprocs();

    (void)mount;
    (void)group;
    return cpus < POOL_OPTIONS_MAX_THREADS / 2 ? 2 * cpus : POOL_OPTIONS_MAX_THREADS;
}
