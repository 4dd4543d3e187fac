/* caught-by: it_waits_with_ppoll */
/* Stage 1's poll_dispatcher under another name. */
#include "event_dispatcher.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

enum { SMALLEST_CAPACITY = 64 };

/* A dense array for poll, and for each descriptor where in that array it is. */
struct poll_state {
    struct pollfd *polled;
    size_t count;
    size_t capacity;
    size_t *position; /* by descriptor */
    size_t position_capacity;
    size_t cursor; /* where the next scan starts */
};

/* poll skips negative descriptors: so is one kept whose interest is 0. ~fd works for 0 as well. */
static int watched(int fd, unsigned events)
{
    return events != 0 ? fd : ~fd;
}

static short to_poll(unsigned events)
{
    return (short)((events & EVENT_READ ? POLLIN : 0) | (events & EVENT_WRITE ? POLLOUT : 0));
}

static unsigned from_poll(short revents)
{
    if (revents & (POLLERR | POLLHUP | POLLNVAL)) {
        return EVENT_READ | EVENT_WRITE;
    }
    return (revents & POLLIN ? EVENT_READ : 0U) | (revents & POLLOUT ? EVENT_WRITE : 0U);
}

static int poll_create(void **ret_state)
{
    struct poll_state *state = calloc(1, sizeof *state);

    if (state == NULL) {
        return -ENOMEM;
    }
    *ret_state = state;
    return 0;
}

static void poll_destroy(void *opaque)
{
    struct poll_state *state = opaque;

    if (state != NULL) {
        free(state->polled);
        free(state->position);
        free(state);
    }
}

/* Makes `array` hold at least `wanted` elements; leaves it as it is when memory is short. */
static int reserve(void **array, size_t *capacity, size_t wanted, size_t element_size)
{
    if (wanted <= *capacity) {
        return 0;
    }
    size_t larger = *capacity > 0 ? *capacity * 2 : SMALLEST_CAPACITY;
    if (larger < wanted) {
        larger = wanted;
    }
    void *memory = reallocarray(*array, larger, element_size);
    if (memory == NULL) {
        return -ENOMEM;
    }
    *array = memory;
    *capacity = larger;
    return 0;
}

static int poll_add(void *opaque, int fd, unsigned events)
{
    struct poll_state *state = opaque;
    void *polled = state->polled;
    void *position = state->position;

    int result = reserve(&polled, &state->capacity, state->count + 1, sizeof *state->polled);
    state->polled = polled;
    if (result == 0) {
        result =
            reserve(&position, &state->position_capacity, (size_t)fd + 1, sizeof *state->position);
        state->position = position;
    }
    if (result < 0) {
        return result;
    }
    state->polled[state->count] =
        (struct pollfd){.fd = watched(fd, events), .events = to_poll(events)};
    state->position[fd] = state->count++;
    return 0;
}

static int poll_update(void *opaque, int fd, unsigned events)
{
    struct poll_state *state = opaque;
    struct pollfd *entry = &state->polled[state->position[fd]];

    entry->fd = watched(fd, events);
    entry->events = to_poll(events);
    return 0;
}

static int poll_remove(void *opaque, int fd)
{
    struct poll_state *state = opaque;
    size_t hole = state->position[fd];
    struct pollfd last = state->polled[--state->count];

    /* The last entry fills the hole: the array stays dense and nothing is shifted. */
    state->polled[hole] = last;
    state->position[last.fd >= 0 ? last.fd : ~last.fd] = hole;
    return 0;
}

static int poll_wait(void *opaque, int timeout_ms, struct ready_event *ret, size_t capacity)
{
    struct poll_state *state = opaque;
    int ready = poll(state->polled, state->count, timeout_ms);
    size_t reported = 0;

    if (ready < 0) {
        return errno == EINTR ? 0 : -errno;
    }
    for (size_t step = 0; ready > 0 && reported < capacity && step < state->count; step++) {
        if (state->cursor >= state->count) {
            state->cursor = 0;
        }
        struct pollfd *entry = &state->polled[state->cursor++];
        if (entry->fd >= 0 && entry->revents != 0) {
            ret[reported++] =
                (struct ready_event){.fd = entry->fd, .events = from_poll(entry->revents)};
            ready--;
        }
    }
    return (int)reported;
}

extern const struct event_dispatcher ppoll_dispatcher;

const struct event_dispatcher ppoll_dispatcher = {
    .name = "ppoll",
    .create = poll_create,
    .destroy = poll_destroy,
    .add = poll_add,
    .update = poll_update,
    .remove = poll_remove,
    .wait = poll_wait,
};
