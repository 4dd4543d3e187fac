/*
 * thread_faults: pthread_create that fails, and two races that are decided by the test.
 *
 * Linked with -Wl,--wrap for pthread_create, pthread_join and pthread_cond_wait: the code under
 * test calls the functions here, and these the real ones.
 */
#ifndef THREAD_FAULTS_H
#define THREAD_FAULTS_H

#include "fault.h"

#include <semaphore.h>

struct thread_faults {
    struct fault create;
    sem_t *created;        /* NULL, or: pthread_create returns only when this was posted */
    sem_t *waiting;        /* NULL, or: posted when a thread is about to wait for a condition */
    atomic_int not_joined; /* threads that were created; who is never joined keeps his stack */
};

extern struct thread_faults thread_faults;

#endif
