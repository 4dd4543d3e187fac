/* caught-by: a_hundred_workers_are_no_more_trouble */
/* Room for sixteen workers, as many as the machine has CPUs. */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

int start_workers(size_t count, int (*prepare)(void *context, size_t index),
                  void (*work)(void *context, size_t index), void *context, pthread_t *ret_threads);

enum { MOST = 16 };

enum verdict { UNDECIDED, GO, GIVE_UP };

struct group;

struct seat {
    struct group *group;
    size_t index;
};

struct group {
    int (*prepare)(void *context, size_t index);
    void (*work)(void *context, size_t index);
    void *context;

    pthread_mutex_t mutex;
    pthread_cond_t changed;
    /* Guarded by the mutex: */
    size_t reported; /* workers whose prepare has returned */
    size_t users;    /* threads that may still use this struct, the starter included */
    int error;       /* the first one */
    enum verdict verdict;

    struct seat seats[MOST];
};

static void leave(struct group *group)
{
    pthread_mutex_lock(&group->mutex);
    bool last = --group->users == 0;
    pthread_mutex_unlock(&group->mutex);
    if (last) {
        pthread_cond_destroy(&group->changed);
        pthread_mutex_destroy(&group->mutex);
        free(group);
    }
}

/* Says how the worker's prepare ended, and waits for the verdict on all. */
static enum verdict report(struct group *group, int result)
{
    pthread_mutex_lock(&group->mutex);
    group->reported++;
    if (result < 0 && group->error == 0) {
        group->error = result;
    }
    pthread_cond_broadcast(&group->changed);
    while (group->verdict == UNDECIDED) {
        pthread_cond_wait(&group->changed, &group->mutex);
    }
    enum verdict verdict = group->verdict;
    pthread_mutex_unlock(&group->mutex);
    return verdict;
}

static void *run_worker(void *argument)
{
    const struct seat *seat = argument;
    struct group *group = seat->group;
    void (*work)(void *context, size_t index) = group->work;
    void *context = group->context;
    size_t index = seat->index;

    enum verdict verdict = report(group, group->prepare(context, index));
    leave(group);
    if (verdict == GO) {
        work(context, index);
    }
    return NULL;
}

static int create_worker(struct group *group, size_t index, pthread_t *ret_thread)
{
    struct seat *seat = &group->seats[index];

    *seat = (struct seat){group, index};
    pthread_mutex_lock(&group->mutex);
    group->users++;
    pthread_mutex_unlock(&group->mutex);
    int error = pthread_create(ret_thread, NULL, run_worker, seat);
    if (error != 0) {
        leave(group);
    }
    return -error; /* pthread_create returns the error, errno says nothing */
}

/* Waits until all workers that were started have reported, and decides. Returns 0 or the error. */
static int decide(struct group *group, size_t started, int error)
{
    pthread_mutex_lock(&group->mutex);
    while (group->reported < started) {
        pthread_cond_wait(&group->changed, &group->mutex);
    }
    if (error == 0) {
        error = group->error;
    }
    group->verdict = error == 0 ? GO : GIVE_UP;
    pthread_cond_broadcast(&group->changed);
    pthread_mutex_unlock(&group->mutex);
    return error;
}

int start_workers(size_t count, int (*prepare)(void *context, size_t index),
                  void (*work)(void *context, size_t index), void *context, pthread_t *ret_threads)
{
    struct group *group = count <= MOST ? calloc(1, sizeof *group) : NULL;
    size_t started = 0;
    int error = 0;

    if (group == NULL) {
        return -ENOMEM;
    }
    group->prepare = prepare;
    group->work = work;
    group->context = context;
    group->users = 1;
    pthread_mutex_init(&group->mutex, NULL);
    pthread_cond_init(&group->changed, NULL);
    while (error == 0 && started < count) {
        error = create_worker(group, started, &ret_threads[started]);
        started += error == 0 ? 1 : 0;
    }
    error = decide(group, started, error);
    for (size_t i = 0; error != 0 && i < started; i++) {
        pthread_join(ret_threads[i], NULL);
    }
    leave(group);
    return error;
}
