/* ./lab run S3-swap-drain */
/*
 * Three turns. A slow task waits for four threads that post; none of them waits for the task. And a
 * heartbeat posts itself again: the next turn has it, not this one.
 */
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>

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

enum { POSTERS = 4, TASKS = 1000 };

static struct task_list *list;
static struct task tasks[POSTERS][TASKS];
static struct task heartbeat;
static struct task slow;

static void beat(struct task *task)
{
    printf("  heartbeat: posts itself again\n");
    task_list_post(list, task);
}

static void drop_beat(struct task *task)
{
    (void)task;
    printf("  heartbeat: dropped\n");
}

static void do_nothing(struct task *task)
{
    (void)task;
}

static void *post_all(void *argument)
{
    struct task *own = argument;

    for (int i = 0; i < TASKS; i++) {
        own[i] = (struct task){.run = do_nothing, .drop = do_nothing};
        task_list_post(list, &own[i]);
    }
    return NULL;
}

static void wait_for_posters(struct task *task)
{
    pthread_t posters[POSTERS];
    int started = 0;

    (void)task;
    printf("  slow task: waits for %d threads that post %d tasks each\n", POSTERS, TASKS);
    while (started < POSTERS &&
           pthread_create(&posters[started], NULL, post_all, tasks[started]) == 0) {
        started++;
    }
    for (int i = 0; i < started; i++) {
        pthread_join(posters[i], NULL);
    }
    printf("  slow task: they are done, and I still run\n");
}

int main(void)
{
    if (task_list_create(&list) < 0) {
        return 1;
    }
    heartbeat = (struct task){.run = beat, .drop = drop_beat};
    slow = (struct task){.run = wait_for_posters, .drop = do_nothing};
    task_list_post(list, &heartbeat);
    task_list_post(list, &slow);
    for (int turn = 1; turn <= 3; turn++) {
        printf("turn %d\n", turn);
        printf("  %zu tasks\n", task_list_run(list));
    }
    printf("the end\n");
    task_list_destroy(list);
    return 0;
}
