#include "acceptor.h"

#include "container_of.h"
#include "log.h"
#include "net.h"

#include <errno.h>
#include <unistd.h>

enum { RETRY_MS = 100, LASTING_FAILURES = 64, LAST_ONES = 4096 };

static bool out_of_resources(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void pause_accepting(struct acceptor *acceptor, int error)
{
    /* Cannot fail: taking interest away needs no memory. */
    event_loop_update_channel(acceptor->loop, &acceptor->channel, 0);
    timer_start(&acceptor->retry, RETRY_MS);
    if (!acceptor->paused) {
        acceptor->paused = true;
        acceptor->callbacks->on_pause(acceptor, error);
    }
}

static void resume_accepting(struct acceptor *acceptor)
{
    if (acceptor->paused) {
        acceptor->paused = false;
        acceptor->callbacks->on_pause(acceptor, 0);
    }
}

/* Accepts one connection. Returns false if the queue was seen empty, or accepting pauses. */
static bool accept_one(struct acceptor *acceptor)
{
    int fd = net_accept(acceptor->channel.fd);

    if (fd == -EAGAIN) {
        return false;
    }
    if (fd >= 0) {
        log_debug("new connection: fd %d accepted", fd);
        acceptor->failures = 0;
        resume_accepting(acceptor);
        acceptor->callbacks->on_connection(acceptor, fd);
        return true;
    }
    /*
     * What is not for want of resources (ECONNABORTED, a network error, accept(2)) is about that
     * one connection, unless it never ends: then waiting is better than spinning.
     */
    if (out_of_resources(-fd) || ++acceptor->failures == LASTING_FAILURES) {
        acceptor->failures = 0;
        pause_accepting(acceptor, -fd);
        return false;
    }
    return true;
}

/*
 * One connection a turn; if there are more, the next wait says so at once. To go on until EAGAIN
 * looks thriftier and is not: Linux makes the new socket before it looks into the queue, so an
 * accept that finds it empty costs as much as twenty waits.
 */
static void on_read(struct channel *channel)
{
    accept_one(container_of(channel, struct acceptor, channel));
}

static void on_retry(struct timer *timer)
{
    struct acceptor *acceptor = container_of(timer, struct acceptor, retry);

    /* If the interest cannot be set, for want of memory, the timer goes on and tries again. */
    if (event_loop_update_channel(acceptor->loop, &acceptor->channel, EVENT_READ) == 0) {
        timer_stop(timer);
    }
}

int acceptor_init(struct acceptor *acceptor, struct event_loop *loop, int listen_fd,
                  const struct acceptor_callbacks *callbacks)
{
    *acceptor = (struct acceptor){
        .channel = {.fd = listen_fd, .on_read = on_read},
        .loop = loop,
        .callbacks = callbacks,
    };
    int result = timer_init(&acceptor->retry, loop, on_retry);
    if (result < 0) {
        return result;
    }
    result = event_loop_add_channel(loop, &acceptor->channel, EVENT_READ);
    if (result < 0) {
        timer_release(&acceptor->retry);
    }
    return result;
}

void acceptor_finish(struct acceptor *acceptor)
{
    /* Bounded by a full backlog: who goes on connecting meanwhile must not keep us here. */
    for (int i = 0; i < LAST_ONES && accept_one(acceptor); i++) {
    }
    event_loop_remove_channel(acceptor->loop, &acceptor->channel);
    timer_release(&acceptor->retry);
    close(acceptor->channel.fd);
}
