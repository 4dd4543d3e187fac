/* fails-at: tasks_run_once_on_the_crews_threads */
/*
 * S3-quit: a crew of threads that can be stopped from everywhere.
 *
 * exercises/S3-quit/README.md has the contract, crew.h beside it the types.
 */
#include "crew.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct crew {
    pthread_mutex_t mutex;
    /* TODO: the threads, the tasks that wait, and how far the end has come. */
};

int crew_create(size_t threads, struct crew **ret_crew)
{
    struct crew *crew = calloc(1, sizeof *crew);

    if (crew == NULL) {
        return -ENOMEM;
    }
    pthread_mutex_init(&crew->mutex, NULL);
    /* TODO: start the threads. If one cannot be had, the others have to end again. */
    (void)threads;
    *ret_crew = crew;
    return 0;
}

int crew_post(struct crew *crew, struct crew_task *task)
{
    (void)crew;
    (void)task;
    return -ESHUTDOWN;
}

int crew_stop(struct crew *crew)
{
    /* TODO: who waits, who joins, and who must do neither? */
    (void)crew;
    return 0;
}

void crew_destroy(struct crew *crew)
{
    if (crew != NULL) {
        crew_stop(crew);
        pthread_mutex_destroy(&crew->mutex);
        free(crew);
    }
}
