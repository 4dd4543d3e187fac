#include "select_dispatcher.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/select.h>

/* select overwrites the sets it is given, so the wanted ones are copied for every call. */
struct select_state {
    fd_set wanted_read;
    fd_set wanted_write;
    int highest; /* the highest descriptor that is watched; -1: none */
    int cursor;  /* where the next scan starts */
};

static int select_create(void **ret_state)
{
    struct select_state *state = calloc(1, sizeof *state);

    if (state == NULL) {
        return -ENOMEM;
    }
    state->highest = -1;
    *ret_state = state;
    return 0;
}

static void select_destroy(void *state)
{
    free(state);
}

static int select_update(void *opaque, int fd, unsigned events)
{
    struct select_state *state = opaque;

    FD_CLR(fd, &state->wanted_read);
    FD_CLR(fd, &state->wanted_write);
    if (events & EVENT_READ) {
        FD_SET(fd, &state->wanted_read);
    }
    if (events & EVENT_WRITE) {
        FD_SET(fd, &state->wanted_write);
    }
    if (events != 0 && fd > state->highest) {
        state->highest = fd;
    }
    /* Sinks to the highest that is watched: what select costs grows with it. */
    while (state->highest >= 0 && !FD_ISSET(state->highest, &state->wanted_read) &&
           !FD_ISSET(state->highest, &state->wanted_write)) {
        state->highest--;
    }
    return 0;
}

static int select_add(void *state, int fd, unsigned events)
{
    /* FD_SET beyond the set writes past its end: a classic way to corrupt a server's memory. */
    if (fd >= FD_SETSIZE) {
        return -ERANGE;
    }
    return select_update(state, fd, events);
}

static int select_remove(void *state, int fd)
{
    return select_update(state, fd, 0);
}

static int select_wait(void *opaque, int timeout_ms, struct ready_event *ret, size_t capacity)
{
    struct select_state *state = opaque;
    fd_set ready_read = state->wanted_read;
    fd_set ready_write = state->wanted_write;
    struct timeval timeout = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
    int size = state->highest + 1;
    int ready = select(size, &ready_read, &ready_write, NULL, timeout_ms < 0 ? NULL : &timeout);
    size_t reported = 0;

    if (ready < 0) {
        return errno == EINTR ? 0 : -errno;
    }
    for (int step = 0; ready > 0 && reported < capacity && step < size; step++) {
        if (state->cursor >= size) {
            state->cursor = 0;
        }
        int fd = state->cursor++;
        /* select reports an error as readable and writable by itself (select_tut(2)). */
        unsigned events = (FD_ISSET(fd, &ready_read) ? EVENT_READ : 0U) |
                          (FD_ISSET(fd, &ready_write) ? EVENT_WRITE : 0U);
        if (events != 0) {
            ret[reported++] = (struct ready_event){.fd = fd, .events = events};
        }
    }
    return (int)reported;
}

const struct event_dispatcher select_dispatcher = {
    .name = "select",
    .create = select_create,
    .destroy = select_destroy,
    .add = select_add,
    .update = select_update,
    .remove = select_remove,
    .wait = select_wait,
};
