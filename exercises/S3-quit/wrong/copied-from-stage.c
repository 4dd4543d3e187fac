/* caught-by: a_post_after_stop_is_refused */
/* The worker pool of stage 4: it ends once, by its owner, who sees to it that nobody submits. */
#include "crew.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct crew {
    pthread_mutex_t mutex;
    pthread_cond_t work;
    pthread_t *threads;
    size_t thread_count;
    struct crew_task *first;
    struct crew_task **last;
    bool ending;
};

static void *run_worker(void *argument)
{
    struct crew *crew = argument;

    pthread_mutex_lock(&crew->mutex);
    for (;;) {
        while (crew->first == NULL && !crew->ending) {
            pthread_cond_wait(&crew->work, &crew->mutex);
        }
        if (crew->first == NULL) {
            break;
        }
        struct crew_task *task = crew->first;
        crew->first = task->next;
        if (crew->first == NULL) {
            crew->last = &crew->first;
        }
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
    crew->threads = calloc(threads, sizeof *crew->threads);
    if (crew->threads == NULL) {
        free(crew);
        return -ENOMEM;
    }
    crew->last = &crew->first;
    pthread_mutex_init(&crew->mutex, NULL);
    pthread_cond_init(&crew->work, NULL);
    for (size_t i = 0; i < threads; i++) {
        int error = pthread_create(&crew->threads[i], NULL, run_worker, crew);
        if (error != 0) {
            crew_destroy(crew);
            return -error;
        }
        crew->thread_count++;
    }
    *ret_crew = crew;
    return 0;
}

int crew_post(struct crew *crew, struct crew_task *task)
{
    task->next = NULL;
    pthread_mutex_lock(&crew->mutex);
    *crew->last = task;
    crew->last = &task->next;
    pthread_cond_signal(&crew->work);
    pthread_mutex_unlock(&crew->mutex);
    return 0;
}

int crew_stop(struct crew *crew)
{
    pthread_mutex_lock(&crew->mutex);
    crew->ending = true;
    pthread_cond_broadcast(&crew->work);
    pthread_mutex_unlock(&crew->mutex);
    for (size_t i = 0; i < crew->thread_count; i++) {
        pthread_join(crew->threads[i], NULL);
    }
    crew->thread_count = 0;
    return 0;
}

void crew_destroy(struct crew *crew)
{
    if (crew == NULL) {
        return;
    }
    crew_stop(crew);
    pthread_cond_destroy(&crew->work);
    pthread_mutex_destroy(&crew->mutex);
    free(crew->threads);
    free(crew);
}
