/* fails-at: it_waits_with_ppoll */
/*
 * S2-backend: an event_dispatcher of your own, on ppoll(2).
 *
 * exercises/S2-backend/README.md has the whole contract; event_dispatcher.h in stage 1 says what
 * each function has to do.
 */
#include "event_dispatcher.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>

extern const struct event_dispatcher ppoll_dispatcher;

struct ppoll_state {
    struct pollfd *polled; /* TODO: what else do you need to find a descriptor, and to be fair? */
    size_t count;
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
        free(state);
    }
}

static int ppoll_add(void *opaque, int fd, unsigned events)
{
    /* TODO */
    (void)opaque, (void)fd, (void)events;
    return 0;
}

static int ppoll_update(void *opaque, int fd, unsigned events)
{
    /* TODO */
    (void)opaque, (void)fd, (void)events;
    return 0;
}

static int ppoll_remove(void *opaque, int fd)
{
    /* TODO */
    (void)opaque, (void)fd;
    return 0;
}

static int ppoll_wait(void *opaque, int timeout_ms, struct ready_event *ret, size_t capacity)
{
    /* TODO: ppoll, with a mask that lets SIGUSR1 in; then report, and go on where you stopped. */
    (void)opaque, (void)timeout_ms, (void)ret, (void)capacity;
    return 0;
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
