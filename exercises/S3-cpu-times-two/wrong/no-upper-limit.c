/* caught-by: it_is_never_more_than_the_server_takes */
/* With 200 CPUs the server is asked for 400 threads, and does not start. */
#include "thread_pool.h"

int default_thread_count(void);

int default_thread_count(void)
{
    return 2 * thread_pool_default_count();
}
