/* caught-by: two_loops_know_nothing_of_each_other */
/* One byte is enough for many posts, if somebody notes that it is under way. */
#include "diagnosis.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct task {
    void (*run)(void *argument);
    void *argument;
    struct task *next;
};

struct loop {
    int sleeper; /* the loop's end of the socketpair */
    int waker;   /* the end of those who post */
    pthread_mutex_t mutex;
    struct task *first; /* these three are guarded by the mutex */
    struct task **end;
    bool quit;
};

/* A byte has been written that nobody has read yet. */
static atomic_bool awake;

struct loop *loop_create(void);
int loop_post(struct loop *loop, void (*run)(void *argument), void *argument);
void loop_quit(struct loop *loop);
void loop_run(struct loop *loop);
void loop_destroy(struct loop *loop);

static int open_wakeup(struct loop *loop)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0) {
        return -errno;
    }
    loop->sleeper = ends[0];
    loop->waker = ends[1];
    return 0;
}

/* Where there is no room for one byte more, there are bytes that the loop has not read yet: it will
 * wake up anyway, and then run all tasks that it finds. */
static void wake(const struct loop *loop)
{
    char byte = 0;

    while (write(loop->waker, &byte, 1) < 0 && errno == EINTR) {
    }
}

struct loop *loop_create(void)
{
    struct loop *loop = calloc(1, sizeof *loop);

    if (loop == NULL || open_wakeup(loop) < 0) {
        free(loop);
        return NULL;
    }
    pthread_mutex_init(&loop->mutex, NULL);
    loop->end = &loop->first;
    return loop;
}

void loop_destroy(struct loop *loop)
{
    while (loop->first != NULL) {
        struct task *task = loop->first;
        loop->first = task->next;
        free(task);
    }
    pthread_mutex_destroy(&loop->mutex);
    close(loop->sleeper);
    close(loop->waker);
    free(loop);
}

int loop_post(struct loop *loop, void (*run)(void *argument), void *argument)
{
    struct task *task = malloc(sizeof *task);

    if (task == NULL) {
        return -ENOMEM;
    }
    *task = (struct task){run, argument, NULL};
    pthread_mutex_lock(&loop->mutex);
    *loop->end = task;
    loop->end = &task->next;
    pthread_mutex_unlock(&loop->mutex);
    if (!atomic_exchange(&awake, true)) {
        wake(loop);
    }
    return 0;
}

void loop_quit(struct loop *loop)
{
    pthread_mutex_lock(&loop->mutex);
    loop->quit = true;
    pthread_mutex_unlock(&loop->mutex);
    wake(loop);
}

/* Runs what has been posted so far; what the tasks post comes next time. Returns false to quit. */
static bool run_tasks(struct loop *loop)
{
    pthread_mutex_lock(&loop->mutex);
    struct task *task = loop->first;
    bool quit = loop->quit;
    loop->first = NULL;
    loop->end = &loop->first;
    pthread_mutex_unlock(&loop->mutex);
    for (struct task *next; task != NULL; task = next) {
        next = task->next;
        task->run(task->argument);
        free(task);
    }
    return !quit;
}

void loop_run(struct loop *loop)
{
    struct pollfd readable = {.fd = loop->sleeper, .events = POLLIN};
    char bytes[64];

    do {
        if (poll(&readable, 1, -1) > 0) {
            recv(loop->sleeper, bytes, sizeof bytes, 0);
        }
        atomic_store(&awake, false);
    } while (run_tasks(loop));
}

/* What main shows: a task that cuts its work into a thousand small ones. */
enum { PARTS = 1000 };
static struct loop *main_loop;
static int done;

static void do_part(void *argument)
{
    (void)argument;
    if (++done == PARTS) {
        loop_quit(main_loop);
    }
}

static void divide_work(void *argument)
{
    (void)argument;
    for (int i = 1; i <= PARTS; i++) {
        loop_post(main_loop, do_part, NULL);
        if (i % 100 == 0) {
            printf("%d parts posted\n", i);
        }
    }
}

int main(void)
{
    main_loop = loop_create();
    if (main_loop == NULL) {
        return EXIT_FAILURE;
    }
    loop_post(main_loop, divide_work, NULL);
    loop_run(main_loop);
    printf("%d of %d parts done\n", done, PARTS);
    loop_destroy(main_loop);
    return EXIT_SUCCESS;
}

/* Your diagnosis. The line is that of this file as it was given. */
const struct diagnosis diagnosis = {
    .line = 55,
    .bug = BUG_DEADLOCK,
    .tool = TOOL_GDB,
};
