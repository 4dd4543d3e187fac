/* caught-by: cpus_that_taskset_forbids_do_not_count */
/* Mixes the two numbers: with four CPUs there, CPU 500 is never looked at. */
#include <sched.h>
#include <sys/sysinfo.h>

int default_thread_count(const char *mount, const char *group);

int default_thread_count(const char *mount, const char *group)
{
    cpu_set_t set;
    int count = 0;

    (void)mount;
    (void)group;
    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof set, &set);
    for (size_t cpu = 0; cpu < (size_t)get_nprocs(); cpu++) {
        if (CPU_ISSET(cpu, &set)) {
            count++;
        }
    }
    return count > 0 ? 2 * count : 2;
}
