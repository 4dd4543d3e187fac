#include "thread_faults.h"

#include <pthread.h>

struct thread_faults thread_faults;

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument);
int __real_pthread_join(pthread_t thread, void **ret_value);
int __real_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument);
int __wrap_pthread_join(pthread_t thread, void **ret_value);
int __wrap_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument)
{
    int error = fault_next(&thread_faults.create);

    if (error != 0) {
        return error;
    }
    error = __real_pthread_create(thread, attributes, start, argument);
    if (error != 0) {
        return error;
    }
    atomic_fetch_add(&thread_faults.not_joined, 1);
    if (thread_faults.created != NULL) {
        sem_wait(thread_faults.created);
    }
    return 0;
}

int __wrap_pthread_join(pthread_t thread, void **ret_value)
{
    atomic_fetch_sub(&thread_faults.not_joined, 1);
    return __real_pthread_join(thread, ret_value);
}

int __wrap_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
    if (thread_faults.waiting != NULL) {
        sem_post(thread_faults.waiting);
    }
    return __real_pthread_cond_wait(condition, mutex);
}
