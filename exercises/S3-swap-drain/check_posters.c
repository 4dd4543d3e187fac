/*
 * The grader of S3-swap-drain, part two: threads that post while the owner runs and closes. What
 * the thread sanitizer has to say, it says here.
 */
#include "check_posters.h"

#include "check_tasks.h"
#include "grader.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

enum { POSTERS = 4, TASKS = 500 };

static const char ALL[] = "each task that post took is run or dropped, once, in the order in which "
                          "its thread posted it (contract, 2 and 7)";

struct numbered {
    struct task task;
    int poster;
    int number;
};

static struct numbered tasks[POSTERS][TASKS];
static sem_t gate;
static atomic_int taken;    /* by post */
static atomic_int finished; /* threads that have posted all they had */

/* The owner's thread only: */
static int run_count;
static int drop_count;
static int last_number[POSTERS];

static void note_number(const struct numbered *numbered)
{
    int *last = &last_number[numbered->poster];

    grader_expect(numbered->number > *last, ALL, "thread %d: task %d came after task %d",
                  numbered->poster, numbered->number, *last);
    *last = numbered->number;
}

static void run_numbered(struct task *task)
{
    run_count++;
    note_number((struct numbered *)task);
}

static void drop_numbered(struct task *task)
{
    drop_count++;
    note_number((struct numbered *)task);
}

static void *post_all(void *argument)
{
    struct numbered *own = argument;

    sem_wait(&gate);
    for (int i = 0; i < TASKS; i++) {
        if (task_list_post(list, &own[i].task) == 0) {
            atomic_fetch_add_explicit(&taken, 1, memory_order_relaxed);
        }
    }
    atomic_fetch_add_explicit(&finished, 1, memory_order_relaxed);
    return NULL;
}

/* Relaxed, like all here: what orders the threads is to be the answer's. */
static bool all_finished(void)
{
    return atomic_load_explicit(&finished, memory_order_relaxed) == POSTERS;
}

static void start_posters(pthread_t *posters)
{
    sem_init(&gate, 0, 0);
    for (int i = 0; i < POSTERS; i++) {
        last_number[i] = -1;
        for (int k = 0; k < TASKS; k++) {
            tasks[i][k] = (struct numbered){
                .task = {.run = run_numbered, .drop = drop_numbered},
                .poster = i,
                .number = k,
            };
        }
        int error = pthread_create(&posters[i], NULL, post_all, tasks[i]);
        ck_assert_msg(error == 0, "pthread_create: %s", strerror(error));
    }
    for (int i = 0; i < POSTERS; i++) {
        sem_post(&gate);
    }
}

static void join_posters(const pthread_t *posters)
{
    for (int i = 0; i < POSTERS; i++) {
        pthread_join(posters[i], NULL);
    }
    sem_destroy(&gate);
}

START_TEST(many_threads_post_and_nothing_is_lost)
{
    pthread_t posters[POSTERS];
    size_t ran = 0;

    grader_step("%d threads post %d tasks each, while turn follows turn", POSTERS, TASKS);
    start_posters(posters);
    do {
        ran += task_list_run(list);
        sched_yield();
    } while (!all_finished());
    join_posters(posters);
    grader_step("all have posted; one turn more");
    ran += task_list_run(list);
    grader_expect(run_count == POSTERS * TASKS, ALL, "expected %d tasks run, got %d",
                  POSTERS * TASKS, run_count);
    grader_expect(ran == (size_t)run_count, ALL, "the turns returned %zu in all, and %d ran", ran,
                  run_count);
}
END_TEST

START_TEST(closing_while_others_post_loses_nothing)
{
    pthread_t posters[POSTERS];

    grader_step("%d threads post %d tasks each; the list is closed after the first turn that ran "
                "any",
                POSTERS, TASKS);
    start_posters(posters);
    while (task_list_run(list) == 0 && !all_finished()) {
        sched_yield();
    }
    task_list_close(list);
    join_posters(posters);
    int all = atomic_load(&taken);
    grader_expect(run_count + drop_count == all, ALL,
                  "%d posts returned 0; %d tasks ran, %d were dropped", all, run_count, drop_count);
}
END_TEST

void add_poster_checks(void)
{
    grader_group("many threads", lists_create, lists_destroy);
    grader_add(many_threads_post_and_nothing_is_lost);
    grader_add(closing_while_others_post_loses_nothing);
}
