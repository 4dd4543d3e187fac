/* caught-by: a_turn_inside_of_a_turn_runs_nothing */
/* Stage 3's drain: a turn inside of a turn takes a new batch, and the old one is forgotten. */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

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

struct task_list {
    pthread_mutex_t mutex;
    /* Guarded by the mutex: */
    struct task *head;
    struct task **tail;
    bool closed;

    struct task *draining; /* the owner's thread only */
};

int task_list_create(struct task_list **ret_list)
{
    struct task_list *list = calloc(1, sizeof *list);

    if (list == NULL) {
        return -ENOMEM;
    }
    pthread_mutex_init(&list->mutex, NULL);
    list->tail = &list->head;
    *ret_list = list;
    return 0;
}

int task_list_post(struct task_list *list, struct task *task)
{
    task->next = NULL;
    pthread_mutex_lock(&list->mutex);
    bool closed = list->closed;
    if (!closed) {
        *list->tail = task;
        list->tail = &task->next;
    }
    pthread_mutex_unlock(&list->mutex);
    return closed ? -ESHUTDOWN : 0;
}

static struct task *take_all(struct task_list *list, bool close)
{
    pthread_mutex_lock(&list->mutex);
    struct task *tasks = list->head;
    list->head = NULL;
    list->tail = &list->head;
    list->closed = list->closed || close;
    pthread_mutex_unlock(&list->mutex);
    return tasks;
}

size_t task_list_run(struct task_list *list)
{
    size_t count = 0;

    list->draining = take_all(list, false);
    while (list->draining != NULL) {
        struct task *task = list->draining;
        list->draining = task->next;
        count++;
        task->run(task);
    }
    return count;
}

static void drop_all(struct task *task)
{
    while (task != NULL) {
        struct task *next = task->next;
        task->drop(task);
        task = next;
    }
}

void task_list_close(struct task_list *list)
{
    struct task *waiting = take_all(list, true);
    struct task *draining = list->draining;

    list->draining = NULL;
    drop_all(draining);
    drop_all(waiting);
}

void task_list_destroy(struct task_list *list)
{
    task_list_close(list);
    pthread_mutex_destroy(&list->mutex);
    free(list);
}
