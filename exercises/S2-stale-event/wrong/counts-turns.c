/* caught-by: a_file_that_somebody_else_keeps_open */
/*
 * The ticket is the descriptor and the number of the turn: two who come in one turn have the
 * same.
 */
#include "small_loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { BATCH = 64, SMALLEST_CAPACITY = 64 };

struct slot {
    struct watcher *watcher; /* NULL: nobody */
    uint32_t generation;     /* of the present or the last registration */
};

struct small_loop {
    int epoll_fd;
    struct slot *slots; /* by descriptor; moves when a callback adds a higher one */
    size_t capacity;
    uint32_t turns;
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
    free(loop->slots);
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
    struct slot *slots = reallocarray(loop->slots, capacity, sizeof *slots);
    if (slots == NULL) {
        return -ENOMEM;
    }
    memset(slots + loop->capacity, 0, (capacity - loop->capacity) * sizeof *slots);
    loop->slots = slots;
    loop->capacity = capacity;
    return 0;
}

static uint64_t ticket_of(int fd, uint32_t generation)
{
    return (uint64_t)generation << 32 | (uint32_t)fd;
}

/* Returns who holds the ticket, or NULL: the registration it was made for is over. */
static struct watcher *holder_of(const struct small_loop *loop, uint64_t ticket)
{
    const struct slot *slot = &loop->slots[(uint32_t)ticket];

    return slot->generation == ticket >> 32 ? slot->watcher : NULL;
}

int small_loop_add(struct small_loop *loop, struct watcher *watcher, uint32_t events)
{
    int result = reserve(loop, (size_t)watcher->fd + 1);

    if (result < 0) {
        return result;
    }
    struct slot *slot = &loop->slots[watcher->fd];
    slot->generation = loop->turns;
    struct epoll_event event = {
        .events = events,
        .data.u64 = ticket_of(watcher->fd, slot->generation),
    };
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, watcher->fd, &event) < 0) {
        return -errno;
    }
    slot->watcher = watcher;
    return 0;
}

void small_loop_remove(struct small_loop *loop, struct watcher *watcher)
{
    loop->slots[watcher->fd].watcher = NULL;
    /* Fails for a descriptor that was closed already: then there is nothing left to take out. */
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watcher->fd, NULL);
}

int small_loop_turn(struct small_loop *loop, int timeout_ms)
{
    loop->turns++;
    struct epoll_event events[BATCH];
    int ready = epoll_wait(loop->epoll_fd, events, BATCH, timeout_ms);
    int calls = 0;

    if (ready < 0) {
        return errno == EINTR ? 0 : -errno;
    }
    for (int i = 0; i < ready; i++) {
        /* Asked for each event anew: the callback before may have changed everything. */
        struct watcher *watcher = holder_of(loop, events[i].data.u64);
        if (watcher != NULL) {
            watcher->on_ready(watcher, events[i].events);
            calls++;
        }
    }
    return calls;
}
