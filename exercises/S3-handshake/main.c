/* ./lab run S3-handshake */
/*
 * Four workers that need different times to make their loops; then four of which one cannot.
 */
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

int start_workers(size_t count, int (*prepare)(void *context, size_t index),
                  void (*work)(void *context, size_t index), void *context, pthread_t *ret_threads);

enum { COUNT = 4 };

struct pool {
    size_t fails; /* the worker whose loop cannot be made; COUNT: none */
    int epoll_fds[COUNT];
};

static int make_loop(void *context, size_t index)
{
    struct pool *pool = context;

    usleep((unsigned)(50000 * (COUNT - index)));
    pool->epoll_fds[index] = index == pool->fails ? -1 : epoll_create1(EPOLL_CLOEXEC);
    printf("worker %zu: %s\n", index, pool->epoll_fds[index] < 0 ? "no loop" : "has its loop");
    return pool->epoll_fds[index] < 0 ? -EMFILE : 0;
}

static void run_loop(void *context, size_t index)
{
    const struct pool *pool = context;
    size_t next = (index + 1) % COUNT;

    /* Every worker may use every loop: they are all there. */
    printf("worker %zu: runs, and sees the loop of worker %zu: %s\n", index, next,
           pool->epoll_fds[next] < 0 ? "no" : "yes");
}

static void start(size_t fails)
{
    struct pool pool = {.fails = fails, .epoll_fds = {-1, -1, -1, -1}};
    pthread_t threads[COUNT];

    int result = start_workers(COUNT, make_loop, run_loop, &pool, threads);
    printf("start_workers returned %d (%s)\n", result, strerror(-result));
    for (int i = 0; i < COUNT; i++) {
        if (result == 0) {
            pthread_join(threads[i], NULL);
        }
        if (pool.epoll_fds[i] >= 0) {
            close(pool.epoll_fds[i]);
        }
    }
}

int main(void)
{
    start(COUNT);
    printf("--- once more; worker 1 fails\n");
    start(1);
    return 0;
}
