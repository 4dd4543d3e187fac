/* caught-by: a_task_may_close_the_list */
/* The batch is a local variable: a task that closes the list closes what the turn does not have. */
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

    bool running; /* the owner's thread only */
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

    if (list->running) {
        return 0;
    }
    list->running = true;
    struct task *batch = take_all(list, false);
    while (batch != NULL) {
        struct task *task = batch;
        batch = task->next;
        count++;
        task->run(task);
    }
    list->running = false;
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
    drop_all(take_all(list, true));
}

void task_list_destroy(struct task_list *list)
{
    task_list_close(list);
    pthread_mutex_destroy(&list->mutex);
    free(list);
}
