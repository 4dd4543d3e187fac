/* caught-by: it_is_twice_the_number_of_cpus */
/* Asks the right question and forgets the factor: what stage 3 does without the exercise. */
#include "thread_pool.h"

int default_thread_count(const char *mount, const char *group);

int default_thread_count(const char *mount, const char *group)
{
    (void)mount;
    (void)group;
    return thread_pool_default_count();
}
