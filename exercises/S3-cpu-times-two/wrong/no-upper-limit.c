/* caught-by: it_is_never_more_than_the_server_takes */
/* With 200 CPUs the server is asked for 400 threads, and does not start. */
#include "thread_pool.h"

int default_thread_count(const char *mount, const char *group);

int default_thread_count(const char *mount, const char *group)
{
    (void)mount;
    (void)group;
    return 2 * thread_pool_default_count();
}
