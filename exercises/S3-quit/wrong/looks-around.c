/* caught-by: stop_wakes_those_who_wait */
/* Waits a hundredth of a second at most, in case that a signal was lost. */
#include "crew.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

struct crew {
    pthread_t *threads; /* only for the creator and for the one who joins */
    size_t thread_count;

    pthread_mutex_t mutex;
    pthread_cond_t changed; /* a task has come, the end has begun, or all are joined */
    /* Guarded by the mutex: */
    struct crew_task *first;
    struct crew_task **last;
    bool stopping;
    bool joining;
    bool joined;
};

/* The crew that this thread belongs to, or NULL. */
static _Thread_local struct crew *own_crew;

/* Called with the mutex held. Returns NULL when there is nothing to do any more. */
static struct crew_task *wait_for_task(struct crew *crew)
{
    while (crew->first == NULL && !crew->stopping) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec = (until.tv_nsec + 10000000) % 1000000000;
        until.tv_sec += until.tv_nsec < 10000000 ? 1 : 0;
        pthread_cond_timedwait(&crew->changed, &crew->mutex, &until);
    }
    struct crew_task *task = crew->first;
    if (task != NULL) {
        crew->first = task->next;
        if (crew->first == NULL) {
            crew->last = &crew->first;
        }
    }
    return task;
}

static void *work(void *argument)
{
    struct crew *crew = argument;
    struct crew_task *task;

    own_crew = crew;
    pthread_mutex_lock(&crew->mutex);
    while ((task = wait_for_task(crew)) != NULL) {
        pthread_mutex_unlock(&crew->mutex);
        task->run(task);
        pthread_mutex_lock(&crew->mutex);
    }
    pthread_mutex_unlock(&crew->mutex);
    return NULL;
}

int crew_create(size_t threads, struct crew **ret_crew)
{
    struct crew *crew = calloc(1, sizeof *crew);

    if (crew == NULL) {
        return -ENOMEM;
    }
    crew->last = &crew->first;
    pthread_mutex_init(&crew->mutex, NULL);
    pthread_cond_init(&crew->changed, NULL);
    crew->threads = calloc(threads, sizeof *crew->threads);
    int error = crew->threads == NULL ? ENOMEM : 0;
    while (error == 0 && crew->thread_count < threads) {
        error = pthread_create(&crew->threads[crew->thread_count], NULL, work, crew);
        crew->thread_count += error == 0;
    }
    if (error != 0) {
        crew_destroy(crew);
        return -error;
    }
    *ret_crew = crew;
    return 0;
}

int crew_post(struct crew *crew, struct crew_task *task)
{
    pthread_mutex_lock(&crew->mutex);
    bool stopping = crew->stopping;
    if (!stopping) {
        task->next = NULL;
        *crew->last = task;
        crew->last = &task->next;
        pthread_cond_signal(&crew->changed);
    }
    pthread_mutex_unlock(&crew->mutex);
    return stopping ? -ESHUTDOWN : 0;
}

/* Called with the mutex held, which it releases while it waits for the threads. */
static void join_all(struct crew *crew)
{
    crew->joining = true;
    pthread_mutex_unlock(&crew->mutex);
    for (size_t i = 0; i < crew->thread_count; i++) {
        pthread_join(crew->threads[i], NULL);
    }
    pthread_mutex_lock(&crew->mutex);
    crew->joined = true;
    pthread_cond_broadcast(&crew->changed);
}

int crew_stop(struct crew *crew)
{
    bool from_task = own_crew == crew;

    pthread_mutex_lock(&crew->mutex);
    crew->stopping = true;
    pthread_cond_broadcast(&crew->changed);
    if (!from_task && !crew->joining) {
        join_all(crew);
    }
    while (!from_task && !crew->joined) {
        pthread_cond_wait(&crew->changed, &crew->mutex);
    }
    pthread_mutex_unlock(&crew->mutex);
    return from_task ? -EINPROGRESS : 0;
}

void crew_destroy(struct crew *crew)
{
    if (crew == NULL) {
        return;
    }
    crew_stop(crew);
    pthread_cond_destroy(&crew->changed);
    pthread_mutex_destroy(&crew->mutex);
    free(crew->threads);
    free(crew);
}
