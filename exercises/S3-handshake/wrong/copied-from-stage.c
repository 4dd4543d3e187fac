/* caught-by: all_prepare_at_the_same_time */
/* Stage 3's event_loop_thread_start, called in a loop: each worker is waited for in turn. */
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

int start_workers(size_t count, int (*prepare)(void *context, size_t index),
                  void (*work)(void *context, size_t index), void *context, pthread_t *ret_threads);

enum worker_state { STARTING, READY, NOT_STARTED };

struct worker {
    int (*prepare)(void *context, size_t index);
    void (*work)(void *context, size_t index);
    void *context;
    size_t index;

    pthread_mutex_t mutex;
    pthread_cond_t changed;
    enum worker_state state;
    int error;
};

static void set_state(struct worker *worker, enum worker_state state)
{
    pthread_mutex_lock(&worker->mutex);
    worker->state = state;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->mutex);
}

static enum worker_state wait_while(struct worker *worker, enum worker_state state)
{
    pthread_mutex_lock(&worker->mutex);
    while (worker->state == state) {
        pthread_cond_wait(&worker->changed, &worker->mutex);
    }
    enum worker_state now = worker->state;
    pthread_mutex_unlock(&worker->mutex);
    return now;
}

static void *run_thread(void *argument)
{
    struct worker *worker = argument;

    worker->error = worker->prepare(worker->context, worker->index);
    if (worker->error < 0) {
        set_state(worker, NOT_STARTED);
        return NULL;
    }
    set_state(worker, READY);
    worker->work(worker->context, worker->index);
    return NULL;
}

static int start_worker(struct worker *worker, pthread_t *ret_thread)
{
    pthread_mutex_init(&worker->mutex, NULL);
    pthread_cond_init(&worker->changed, NULL);
    int result = pthread_create(ret_thread, NULL, run_thread, worker);
    if (result != 0) {
        return -result;
    }
    if (wait_while(worker, STARTING) == NOT_STARTED) {
        pthread_join(*ret_thread, NULL);
        return worker->error;
    }
    return 0;
}

int start_workers(size_t count, int (*prepare)(void *context, size_t index),
                  void (*work)(void *context, size_t index), void *context, pthread_t *ret_threads)
{
    struct worker *workers = calloc(count, sizeof *workers);

    if (workers == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        workers[i] =
            (struct worker){.prepare = prepare, .work = work, .context = context, .index = i};
        int result = start_worker(&workers[i], &ret_threads[i]);
        if (result < 0) {
            for (size_t k = 0; k < i; k++) {
                pthread_join(ret_threads[k], NULL);
            }
            free(workers);
            return result;
        }
    }
    return 0;
}
