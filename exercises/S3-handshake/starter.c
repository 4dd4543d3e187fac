/* fails-at: all_are_ready_when_it_returns */
/*
 * S3-handshake: starts workers, and returns when all are ready or when one of them cannot be.
 *
 * exercises/S3-handshake/README.md has the whole contract.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

int start_workers(size_t count, int (*prepare)(void *context, size_t index),
                  void (*work)(void *context, size_t index), void *context, pthread_t *ret_threads);

static void *run_worker(void *argument)
{
    /*
     * TODO: prepare, say how that ended, and wait: do all go to work, or does nobody? The worker
     * has to know its index, the two functions and the context, and what it shares with the others.
     */
    (void)argument;
    return NULL;
}

int start_workers(size_t count, int (*prepare)(void *context, size_t index),
                  void (*work)(void *context, size_t index), void *context, pthread_t *ret_threads)
{
    (void)prepare;
    (void)work;
    (void)context;
    for (size_t i = 0; i < count; i++) {
        /* TODO: what does each thread get instead of NULL, and how long must it live? */
        int error = pthread_create(&ret_threads[i], NULL, run_worker, NULL);
        if (error != 0) {
            /* TODO: what about the threads that run already? */
            return -error;
        }
    }
    /* TODO: wait until all have reported, and decide. */
    return 0;
}
