#include "epoll_dispatcher.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { SMALLEST_CAPACITY = 64, WAIT_CAPACITY = 256 };

struct epoll_state {
    int epoll_fd;
    bool *in_kernel; /* by descriptor: is it in the kernel's set? With interest 0 it is not. */
    size_t capacity;
};

static int epoll_create_state(void **ret_state)
{
    struct epoll_state *state = calloc(1, sizeof *state);

    if (state == NULL) {
        return -ENOMEM;
    }
    state->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (state->epoll_fd < 0) {
        int error = errno;
        free(state);
        return -error;
    }
    *ret_state = state;
    return 0;
}

static void epoll_destroy(void *opaque)
{
    struct epoll_state *state = opaque;

    if (state != NULL) {
        close(state->epoll_fd);
        free(state->in_kernel);
        free(state);
    }
}

static int grow(struct epoll_state *state, size_t wanted)
{
    size_t capacity = state->capacity > 0 ? state->capacity * 2 : SMALLEST_CAPACITY;

    if (capacity < wanted) {
        capacity = wanted;
    }
    bool *in_kernel = realloc(state->in_kernel, capacity * sizeof *in_kernel);
    if (in_kernel == NULL) {
        return -ENOMEM;
    }
    memset(in_kernel + state->capacity, 0, (capacity - state->capacity) * sizeof *in_kernel);
    state->in_kernel = in_kernel;
    state->capacity = capacity;
    return 0;
}

/*
 * epoll reports errors and hang-ups whether asked to or not. A descriptor of interest 0 must
 * therefore leave the kernel's set, or a reset peer would make the loop spin.
 */
static int epoll_update(void *opaque, int fd, unsigned events)
{
    struct epoll_state *state = opaque;
    struct epoll_event event = {
        .events = (events & EVENT_READ ? EPOLLIN : 0U) | (events & EVENT_WRITE ? EPOLLOUT : 0U),
        .data.fd = fd,
    };
    int operation = EPOLL_CTL_MOD;

    if (events == 0) {
        if (!state->in_kernel[fd]) {
            return 0;
        }
        operation = EPOLL_CTL_DEL;
    } else if (!state->in_kernel[fd]) {
        operation = EPOLL_CTL_ADD;
    }
    if (epoll_ctl(state->epoll_fd, operation, fd, &event) < 0) {
        return -errno;
    }
    state->in_kernel[fd] = events != 0;
    return 0;
}

static int epoll_add(void *opaque, int fd, unsigned events)
{
    struct epoll_state *state = opaque;

    if ((size_t)fd >= state->capacity && grow(state, (size_t)fd + 1) < 0) {
        return -ENOMEM;
    }
    return epoll_update(state, fd, events);
}

static int epoll_remove(void *opaque, int fd)
{
    struct epoll_state *state = opaque;
    int result = epoll_update(state, fd, 0);

    /* Whatever the kernel says (EBADF if closed too early): the number may come again. */
    state->in_kernel[fd] = false;
    return result;
}

/* Closing the last descriptor of a socket takes it out of every epoll set (epoll(7), Q6). */
static void epoll_forget(void *opaque, int fd)
{
    struct epoll_state *state = opaque;

    state->in_kernel[fd] = false;
}

static int epoll_wait_ready(void *opaque, int timeout_ms, struct ready_event *ret, size_t capacity)
{
    struct epoll_state *state = opaque;
    struct epoll_event events[WAIT_CAPACITY];
    int wanted = capacity < WAIT_CAPACITY ? (int)capacity : WAIT_CAPACITY;
    /* The kernel rotates its ready list, so a small capacity starves nobody. */
    int ready = epoll_wait(state->epoll_fd, events, wanted, timeout_ms);

    if (ready < 0) {
        return errno == EINTR ? 0 : -errno;
    }
    for (int i = 0; i < ready; i++) {
        unsigned reported = events[i].events;
        bool trouble = (reported & (EPOLLERR | EPOLLHUP)) != 0;
        ret[i] = (struct ready_event){
            .fd = events[i].data.fd,
            .events = (trouble || reported & EPOLLIN ? EVENT_READ : 0U) |
                      (trouble || reported & EPOLLOUT ? EVENT_WRITE : 0U),
        };
    }
    return ready;
}

const struct event_dispatcher epoll_dispatcher = {
    .name = "epoll",
    .create = epoll_create_state,
    .destroy = epoll_destroy,
    .add = epoll_add,
    .update = epoll_update,
    .remove = epoll_remove,
    .forget = epoll_forget,
    .wait = epoll_wait_ready,
};
