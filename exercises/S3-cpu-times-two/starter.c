/* fails-at: it_is_twice_the_number_of_cpus */
/*
 * S3-cpu-times-two: how many sub-reactor threads, if nobody says --threads?
 *
 * exercises/S3-cpu-times-two/README.md has the whole contract.
 */
#include "pool_options.h" /* POOL_OPTIONS_MAX_THREADS */

#include <sched.h>
#include <stdio.h>

int default_thread_count(const char *mount, const char *group);

int default_thread_count(const char *mount, const char *group)
{
    /*
     * TODO, first half: ask the kernel with sched_getaffinity(2) which CPUs this process may run
     * on, count them, and return twice their number. Then think of three machines that are not
     * yours: one where the call fails, one with 200 CPUs, one with more than 1,024.
     *
     * TODO, second half: read cpu.max of the group and of all groups above it. A group is a folder
     * below `mount`.
     */
    (void)mount;
    (void)group;
    return 1;
}
