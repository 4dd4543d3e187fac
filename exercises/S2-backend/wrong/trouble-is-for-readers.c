/* caught-by: trouble_alone_is_read_and_write */
/*
 * A hang-up is something to read; who only writes is told nothing that he has asked for, again
 * and again.
 */
#include "event_dispatcher.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

extern const struct event_dispatcher ppoll_dispatcher;

enum { SMALLEST_CAPACITY = 64 };

static const size_t NOWHERE = SIZE_MAX;

struct ppoll_state {
    struct pollfd *polled;
    size_t count;
    size_t *place;   /* by descriptor: its place in `polled`, or NOWHERE */
    size_t capacity; /* of both: no more can be polled than there are descriptors */
    size_t cursor;   /* where the next scan starts */
};

static int ppoll_create(void **ret_state)
{
    struct ppoll_state *state = calloc(1, sizeof *state);

    if (state == NULL) {
        return -ENOMEM;
    }
    *ret_state = state;
    return 0;
}

static void ppoll_destroy(void *opaque)
{
    struct ppoll_state *state = opaque;

    if (state != NULL) {
        free(state->polled);
        free(state->place);
        free(state);
    }
}

/* Makes room for all descriptors below `wanted`. Returns 0 or -ENOMEM. */
static int reserve(struct ppoll_state *state, size_t wanted)
{
    size_t capacity = state->capacity > 0 ? state->capacity : SMALLEST_CAPACITY;

    while (capacity < wanted) {
        capacity *= 2;
    }
    if (capacity == state->capacity) {
        return 0;
    }
    struct pollfd *polled = reallocarray(state->polled, capacity, sizeof *polled);
    if (polled == NULL) {
        return -ENOMEM;
    }
    state->polled = polled;
    size_t *place = reallocarray(state->place, capacity, sizeof *place);
    if (place == NULL) {
        return -ENOMEM;
    }
    state->place = place;
    for (size_t fd = state->capacity; fd < capacity; fd++) {
        place[fd] = NOWHERE;
    }
    state->capacity = capacity;
    return 0;
}

static int ppoll_remove(void *opaque, int fd)
{
    struct ppoll_state *state = opaque;
    size_t hole = state->place[fd];

    if (hole != NOWHERE) {
        /* The last one fills the hole. It may be the same one: so NOWHERE comes after. */
        struct pollfd last = state->polled[--state->count];
        state->polled[hole] = last;
        state->place[last.fd] = hole;
        state->place[fd] = NOWHERE;
    }
    return 0;
}

static int ppoll_update(void *opaque, int fd, unsigned events)
{
    struct ppoll_state *state = opaque;

    if (events == 0) {
        return ppoll_remove(state, fd);
    }
    if (state->place[fd] == NOWHERE) {
        state->place[fd] = state->count++;
    }
    state->polled[state->place[fd]] = (struct pollfd){
        .fd = fd,
        .events =
            (short)((events & EVENT_READ ? POLLIN : 0) | (events & EVENT_WRITE ? POLLOUT : 0)),
    };
    return 0;
}

static int ppoll_add(void *opaque, int fd, unsigned events)
{
    int result = reserve(opaque, (size_t)fd + 1);

    return result < 0 ? result : ppoll_update(opaque, fd, events);
}

/* As ppoll, with the thread's own mask, but without SIGUSR1. */
static int wait_for(struct ppoll_state *state, int timeout_ms)
{
    struct timespec timeout = {.tv_sec = timeout_ms / 1000,
                               .tv_nsec = timeout_ms % 1000 * 1000000L};
    sigset_t mask;

    /* Asked each time: the server blocks more signals after it has created its loop. */
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    sigdelset(&mask, SIGUSR1);
    return ppoll(state->polled, state->count, timeout_ms < 0 ? NULL : &timeout, &mask);
}

static unsigned from_poll(short revents)
{
    bool trouble = (revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;

    return (trouble || revents & POLLIN ? EVENT_READ : 0U) | (revents & POLLOUT ? EVENT_WRITE : 0U);
}

static int ppoll_wait(void *opaque, int timeout_ms, struct ready_event *ret, size_t capacity)
{
    struct ppoll_state *state = opaque;
    int ready = wait_for(state, timeout_ms);
    size_t reported = 0;

    if (ready < 0) {
        return errno == EINTR ? 0 : -errno;
    }
    for (size_t step = 0; ready > 0 && reported < capacity && step < state->count; step++) {
        if (state->cursor >= state->count) {
            state->cursor = 0;
        }
        const struct pollfd *entry = &state->polled[state->cursor++];
        if (entry->revents != 0) {
            ret[reported++] =
                (struct ready_event){.fd = entry->fd, .events = from_poll(entry->revents)};
            ready--;
        }
    }
    return (int)reported;
}

const struct event_dispatcher ppoll_dispatcher = {
    .name = "ppoll",
    .create = ppoll_create,
    .destroy = ppoll_destroy,
    .add = ppoll_add,
    .update = ppoll_update,
    .remove = ppoll_remove,
    .wait = ppoll_wait,
};
