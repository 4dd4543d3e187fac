/* fails-at: tasks_run_in_the_order_of_the_posts */
/*
 * S3-swap-drain: a list of tasks that any thread adds to and one thread runs, turn by turn.
 *
 * exercises/S3-swap-drain/README.md has the whole contract.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* Leave the declarations as they are: the grader has the same ones. */
struct task {
    struct task *next;
    void (*run)(struct task *task);
    void (*drop)(struct task *task);
};

struct task_list;

int task_list_create(struct task_list **ret_list);
int task_list_post(struct task_list *list, struct task *task);
size_t task_list_run(struct task_list *list);
void task_list_close(struct task_list *list);
void task_list_destroy(struct task_list *list);

/* What is inside is up to you. */
struct task_list {
    pthread_mutex_t mutex;
    struct task *head;
    bool closed;
};

int task_list_create(struct task_list **ret_list)
{
    struct task_list *list = calloc(1, sizeof *list);

    if (list == NULL) {
        return -ENOMEM;
    }
    pthread_mutex_init(&list->mutex, NULL);
    *ret_list = list;
    return 0;
}

int task_list_post(struct task_list *list, struct task *task)
{
    /* TODO: append the task, under the mutex. Is the list closed? */
    (void)list;
    (void)task;
    return 0;
}

size_t task_list_run(struct task_list *list)
{
    /* TODO: one turn. Which tasks belong to it, and who holds the mutex while they run? */
    (void)list;
    return 0;
}

void task_list_close(struct task_list *list)
{
    /* TODO: every task that has not run is dropped. Where may they be, if a task closes the list? */
    (void)list;
}

void task_list_destroy(struct task_list *list)
{
    task_list_close(list);
    pthread_mutex_destroy(&list->mutex);
    free(list);
}
