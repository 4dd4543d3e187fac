#include "acceptor.h"

#include "container_of.h"
#include "log.h"
#include "net.h"

#include <errno.h>
#include <unistd.h>

enum { LARGEST_BATCH = 16, LAST_BATCHES = 256, RETRY_MS = 100, LASTING_FAILURES = 64 };

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

/*
 * Accepts at most `limit` connections. Returns whether the queue was seen empty, or accepting
 * paused.
 */
static bool accept_some(struct acceptor *acceptor, unsigned limit)
{
    for (unsigned i = 0; i < limit; i++) {
        int fd = net_accept(acceptor->channel.fd);
        if (fd >= 0) {
            log_debug("new connection: fd %d accepted", fd);
            acceptor->failures = 0;
            resume_accepting(acceptor);
            acceptor->callbacks->on_connection(acceptor, fd);
        } else if (fd == -EAGAIN) {
            return true;
        } else if (out_of_resources(-fd) || ++acceptor->failures == LASTING_FAILURES) {
            acceptor->failures = 0;
            pause_accepting(acceptor, -fd);
            return true;
        }
        /*
         * Anything else (ECONNABORTED, a network error, accept(2)) is about that one connection,
         * unless it never ends: then waiting is better than spinning.
         */
    }
    return false;
}

/*
 * One connection a turn is the rule: a lone accept then costs one system call and no second one
 * that only says EAGAIN. A storm shows by the socket being ready in two iterations running; then
 * the batch doubles.
 */
static void on_read(struct channel *channel)
{
    struct acceptor *acceptor = container_of(channel, struct acceptor, channel);
    uint64_t iteration = counter_read(&event_loop_counters(acceptor->loop)->iterations);

    if (iteration != acceptor->last_iteration + 1) {
        acceptor->batch = 1;
    } else if (acceptor->batch < LARGEST_BATCH) {
        acceptor->batch *= 2;
    }
    acceptor->last_iteration = iteration;
    if (accept_some(acceptor, acceptor->batch)) {
        acceptor->batch = 1;
    }
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
        .batch = 1,
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
    /*
     * Bounded: as many as a full backlog. Who goes on connecting meanwhile must not keep us here.
     */
    for (int i = 0; i < LAST_BATCHES && !accept_some(acceptor, LARGEST_BATCH); i++) {
    }
    event_loop_remove_channel(acceptor->loop, &acceptor->channel);
    timer_release(&acceptor->retry);
    close(acceptor->channel.fd);
}
