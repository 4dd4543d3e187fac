/* ./lab run S3-quit */
/*
 * A crew of four, four threads that post without end, and a task that says: enough. Then the main
 * thread and two more stop it as well, and everybody learns when it is over.
 */
#include "crew.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 4, POSTERS = 4, STOPPERS = 2, ENOUGH = 10000 };

static struct crew *crew;
static atomic_int accepted;
static atomic_int refused;
static atomic_int ran;

static void say(const char *who, int result)
{
    printf("%-18s crew_stop: %s, %d tasks have run\n", who, result < 0 ? strerror(-result) : "over",
           atomic_load(&ran));
}

static void run_task(struct crew_task *task)
{
    free(task);
    if (atomic_fetch_add(&ran, 1) + 1 == ENOUGH) {
        say("a task of the crew", crew_stop(crew));
    }
}

static void *post_until_refused(void *unused)
{
    for (;;) {
        struct crew_task *task = malloc(sizeof *task);
        if (task == NULL) {
            return unused;
        }
        task->run = run_task;
        if (crew_post(crew, task) < 0) {
            free(task);
            atomic_fetch_add(&refused, 1);
            return NULL;
        }
        atomic_fetch_add(&accepted, 1);
    }
}

static void *stop(void *name)
{
    say(name, crew_stop(crew));
    return NULL;
}

int main(void)
{
    static char *const names[] = {"one thread", "another thread"};
    pthread_t posters[POSTERS];
    pthread_t others[STOPPERS];

    if (crew_create(THREADS, &crew) < 0) {
        return 1;
    }
    for (int i = 0; i < POSTERS; i++) {
        pthread_create(&posters[i], NULL, post_until_refused, NULL);
    }
    for (int i = 0; i < POSTERS; i++) {
        pthread_join(posters[i], NULL);
    }
    for (int i = 0; i < STOPPERS; i++) {
        pthread_create(&others[i], NULL, stop, names[i]);
    }
    stop("the main thread");
    for (int i = 0; i < STOPPERS; i++) {
        pthread_join(others[i], NULL);
    }
    crew_destroy(crew);
    printf("accepted %d, refused %d, run %d\n", atomic_load(&accepted), atomic_load(&refused),
           atomic_load(&ran));
    return 0;
}
