/* caught-by: cpus_that_taskset_forbids_do_not_count */
/* The CPUs that are there, not those that this process may use: glibc reads them from /sys. */
#include <unistd.h>

int default_thread_count(void);

int default_thread_count(void)
{
    return 2 * (int)sysconf(_SC_NPROCESSORS_ONLN);
}
