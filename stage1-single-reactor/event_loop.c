#include "event_loop.h"

#include "channel_map.h"
#include "log.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/* More ready descriptors than this are reported by the next wait. */
enum { BATCH_CAPACITY = 256 };

struct event_loop {
    const struct event_dispatcher *dispatcher;
    void *dispatcher_state;
    pthread_t owner;
    struct channel_map map;
    struct deferred *deferred_head;
    struct deferred **deferred_tail;
    bool quit;
    struct event_loop_counters counters;
};

int event_loop_create(const struct event_dispatcher *dispatcher, struct event_loop **ret_loop)
{
    struct event_loop *loop = calloc(1, sizeof *loop);

    if (loop == NULL) {
        return -ENOMEM;
    }
    loop->dispatcher = dispatcher;
    loop->owner = pthread_self();
    loop->deferred_tail = &loop->deferred_head;
    int result = dispatcher->create(&loop->dispatcher_state);
    if (result < 0) {
        free(loop);
        return result;
    }
    *ret_loop = loop;
    return 0;
}

void event_loop_destroy(struct event_loop *loop)
{
    if (loop == NULL) {
        return;
    }
    event_loop_run_deferred(loop);
    loop->dispatcher->destroy(loop->dispatcher_state);
    channel_map_release(&loop->map);
    free(loop);
}

bool event_loop_is_owner(const struct event_loop *loop)
{
    return pthread_equal(loop->owner, pthread_self()) != 0;
}

const char *event_loop_dispatcher_name(const struct event_loop *loop)
{
    return loop->dispatcher->name;
}

const struct event_loop_counters *event_loop_counters(const struct event_loop *loop)
{
    return &loop->counters;
}

int event_loop_add_channel(struct event_loop *loop, struct channel *channel, unsigned events)
{
    assert(event_loop_is_owner(loop));
    int result = channel_map_insert(&loop->map, channel);
    if (result < 0) {
        return result;
    }
    result = loop->dispatcher->add(loop->dispatcher_state, channel->fd, events);
    if (result < 0) {
        channel_map_erase(&loop->map, channel->fd);
        return result;
    }
    channel->events = events;
    return 0;
}

int event_loop_update_channel(struct event_loop *loop, struct channel *channel, unsigned events)
{
    assert(event_loop_is_owner(loop));
    assert(channel_map_find(&loop->map, channel->fd) == channel);
    if (events == channel->events) {
        return 0;
    }
    int result = loop->dispatcher->update(loop->dispatcher_state, channel->fd, events);
    if (result == 0) {
        channel->events = events;
    }
    return result;
}

static void take_out(struct event_loop *loop, struct channel *channel)
{
    assert(event_loop_is_owner(loop));
    assert(channel_map_find(&loop->map, channel->fd) == channel);
    channel_map_erase(&loop->map, channel->fd);
    channel->events = 0;
}

void event_loop_remove_channel(struct event_loop *loop, struct channel *channel)
{
    take_out(loop, channel);
    int result = loop->dispatcher->remove(loop->dispatcher_state, channel->fd);
    if (result < 0) {
        /* Only a descriptor that was closed first comes here; there is nothing left to undo. */
        log_debug("removing fd %d: error %d", channel->fd, -result);
    }
}

void event_loop_forget_channel(struct event_loop *loop, struct channel *channel)
{
    if (loop->dispatcher->forget == NULL) {
        event_loop_remove_channel(loop, channel);
        return;
    }
    take_out(loop, channel);
    loop->dispatcher->forget(loop->dispatcher_state, channel->fd);
}

void event_loop_defer(struct event_loop *loop, struct deferred *deferred)
{
    assert(event_loop_is_owner(loop));
    assert(!deferred->queued);
    deferred->queued = true;
    deferred->next = NULL;
    *loop->deferred_tail = deferred;
    loop->deferred_tail = &deferred->next;
}

/*
 * Runs what is on the list now. What that defers goes on a new list: I/O has its turn in between.
 */
static void run_deferred_once(struct event_loop *loop)
{
    struct deferred *deferred = loop->deferred_head;

    loop->deferred_head = NULL;
    loop->deferred_tail = &loop->deferred_head;
    while (deferred != NULL) {
        /* Read before the call: the work may free its owner, and the node with it. */
        struct deferred *next = deferred->next;
        deferred->queued = false;
        deferred->run(deferred);
        deferred = next;
    }
}

void event_loop_run_deferred(struct event_loop *loop)
{
    assert(event_loop_is_owner(loop));
    while (loop->deferred_head != NULL) {
        run_deferred_once(loop);
    }
}

/*
 * The channel to call for an event, or NULL if the event is out of date: an earlier callback of the
 * same batch may have removed the channel, closed the descriptor, and even had the kernel hand out
 * the same number again for a new channel. Asked anew before every single callback.
 */
static struct channel *still_wanted(struct event_loop *loop, const struct ready_event *event,
                                    unsigned kind)
{
    struct channel *channel = channel_map_find(&loop->map, event->fd);

    if (channel == NULL || channel_map_generation(&loop->map, event->fd) != event->generation ||
        (event->events & channel->events & kind) == 0) {
        return NULL;
    }
    return channel;
}

static void call_channels(struct event_loop *loop, const struct ready_event *event)
{
    struct channel *channel = still_wanted(loop, event, EVENT_READ);

    if (channel != NULL) {
        log_debug("event: fd %d readable", event->fd);
        channel->on_read(channel);
    }
    channel = still_wanted(loop, event, EVENT_WRITE);
    if (channel != NULL) {
        log_debug("event: fd %d writable", event->fd);
        channel->on_write(channel);
    }
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

int event_loop_run(struct event_loop *loop)
{
    struct ready_event batch[BATCH_CAPACITY];
    int count = 0;

    assert(event_loop_is_owner(loop));
    uint64_t before_wait = now_ns();
    while (!loop->quit && count >= 0) {
        int timeout_ms = loop->deferred_head != NULL ? 0 : -1;
        count = loop->dispatcher->wait(loop->dispatcher_state, timeout_ms, batch, BATCH_CAPACITY);
        uint64_t after_wait = now_ns();
        for (int i = 0; i < count; i++) {
            batch[i].generation = channel_map_generation(&loop->map, batch[i].fd);
        }
        for (int i = 0; i < count; i++) {
            call_channels(loop, &batch[i]);
        }
        run_deferred_once(loop);

        uint64_t end = now_ns();
        counter_add(&loop->counters.iterations, 1);
        counter_add(&loop->counters.events, count > 0 ? (uint64_t)count : 0);
        counter_add(&loop->counters.waiting_ns, after_wait - before_wait);
        counter_add(&loop->counters.busy_ns, end - after_wait);
        before_wait = end;
    }
    event_loop_run_deferred(loop);
    return count < 0 ? count : 0;
}

void event_loop_quit(struct event_loop *loop)
{
    assert(event_loop_is_owner(loop));
    loop->quit = true;
}
