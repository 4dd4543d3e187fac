/* fails-at: a_number_used_again_inside_a_batch_hears_nothing_old */
/*
 * S2-stale-event: nobody gets an event that was reported for somebody else.
 *
 * exercises/S2-stale-event/README.md has the whole contract. This loop works as long as no number
 * comes back: an event carries a descriptor, and whoever has the descriptor now is called.
 */
#include "small_loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { BATCH = 64, SMALLEST_CAPACITY = 64 };

struct small_loop {
    int epoll_fd;
    struct watcher **watchers; /* by descriptor; NULL: nobody */
    size_t capacity;
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
    /* TODO: what could the kernel carry for us, so that an event tells for whom it was made? */
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
    /* Fails for a descriptor that was closed already: then there is nothing left to take out. */
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watcher->fd, NULL);
}

int small_loop_turn(struct small_loop *loop, int timeout_ms)
{
    struct epoll_event events[BATCH];
    int ready = epoll_wait(loop->epoll_fd, events, BATCH, timeout_ms);
    int calls = 0;

    if (ready < 0) {
        return errno == EINTR ? 0 : -errno;
    }
    for (int i = 0; i < ready; i++) {
        struct watcher *watcher = loop->watchers[events[i].data.u64];
        if (watcher != NULL) {
            watcher->on_ready(watcher, events[i].events);
            calls++;
        }
    }
    return calls;
}
