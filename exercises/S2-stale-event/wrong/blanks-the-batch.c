/* caught-by: an_event_may_come_late */
/* remove goes over the rest of the batch and blanks the events of the number, like libuv. */
#include "small_loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { BATCH = 64, SMALLEST_CAPACITY = 64 };

static const uint64_t NOBODY = UINT64_MAX;

struct small_loop {
    int epoll_fd;
    struct watcher **watchers; /* by descriptor; NULL: nobody */
    size_t capacity;
    struct epoll_event batch[BATCH];
    int count; /* of the batch; 0 outside of a turn */
};

int small_loop_create(struct small_loop **ret_loop)
{
    struct small_loop *loop = calloc(1, sizeof *loop);

    if (loop == NULL) {
        return -ENOMEM;
    }
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll_fd < 0) {
        int error = errno;
        free(loop);
        return -error;
    }
    *ret_loop = loop;
    return 0;
}

void small_loop_destroy(struct small_loop *loop)
{
    close(loop->epoll_fd);
    free(loop->watchers);
    free(loop);
}

static int reserve(struct small_loop *loop, size_t wanted)
{
    size_t capacity = loop->capacity > 0 ? loop->capacity : SMALLEST_CAPACITY;

    while (capacity < wanted) {
        capacity *= 2;
    }
    if (capacity == loop->capacity) {
        return 0;
    }
    struct watcher **watchers = reallocarray(loop->watchers, capacity, sizeof *watchers);
    if (watchers == NULL) {
        return -ENOMEM;
    }
    memset(watchers + loop->capacity, 0, (capacity - loop->capacity) * sizeof *watchers);
    loop->watchers = watchers;
    loop->capacity = capacity;
    return 0;
}

int small_loop_add(struct small_loop *loop, struct watcher *watcher, uint32_t events)
{
    int result = reserve(loop, (size_t)watcher->fd + 1);

    if (result < 0) {
        return result;
    }
    struct epoll_event event = {.events = events, .data.u64 = (uint64_t)watcher->fd};
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, watcher->fd, &event) < 0) {
        return -errno;
    }
    loop->watchers[watcher->fd] = watcher;
    return 0;
}

void small_loop_remove(struct small_loop *loop, struct watcher *watcher)
{
    loop->watchers[watcher->fd] = NULL;
    for (int i = 0; i < loop->count; i++) {
        if (loop->batch[i].data.u64 == (uint64_t)watcher->fd) {
            loop->batch[i].data.u64 = NOBODY;
        }
    }
    /* Fails for a descriptor that was closed already: then there is nothing left to take out. */
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watcher->fd, NULL);
}

int small_loop_turn(struct small_loop *loop, int timeout_ms)
{
    int ready = epoll_wait(loop->epoll_fd, loop->batch, BATCH, timeout_ms);
    int calls = 0;

    if (ready < 0) {
        return errno == EINTR ? 0 : -errno;
    }
    loop->count = ready;
    for (int i = 0; i < ready; i++) {
        struct epoll_event event = loop->batch[i];
        if (event.data.u64 == NOBODY || loop->watchers[event.data.u64] == NULL) {
            continue;
        }
        struct watcher *watcher = loop->watchers[event.data.u64];
        watcher->on_ready(watcher, event.events);
        calls++;
    }
    loop->count = 0;
    return calls;
}
