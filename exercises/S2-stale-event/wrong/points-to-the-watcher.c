/* caught-by: a_removed_watcher_is_not_called */
/* The kernel carries the address of the watcher: no table at all, and no idea who has gone. */
#include "small_loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { BATCH = 64 };

struct small_loop {
    int epoll_fd;
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
    free(loop);
}

int small_loop_add(struct small_loop *loop, struct watcher *watcher, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watcher};

    return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, watcher->fd, &event) < 0 ? -errno : 0;
}

void small_loop_remove(struct small_loop *loop, struct watcher *watcher)
{
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watcher->fd, NULL);
}

int small_loop_turn(struct small_loop *loop, int timeout_ms)
{
    struct epoll_event events[BATCH];
    int ready = epoll_wait(loop->epoll_fd, events, BATCH, timeout_ms);

    if (ready < 0) {
        return errno == EINTR ? 0 : -errno;
    }
    for (int i = 0; i < ready; i++) {
        struct watcher *watcher = events[i].data.ptr;
        watcher->on_ready(watcher, events[i].events);
    }
    return ready;
}
