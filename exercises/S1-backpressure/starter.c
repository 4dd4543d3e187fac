/* fails-at: what_comes_goes_back */
/*
 * S1-backpressure: a connection that sends back what it gets, as fast as the peer takes it.
 *
 * exercises/S1-backpressure/README.md has the whole contract; patient_echo.h the declarations.
 */
#include "patient_echo.h"

#include "buffer.h"
#include "container_of.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h> /* recv, send */

struct patient_echo {
    struct channel channel;
    struct event_loop *loop;
    struct pressure_limits limits;
    void (*on_end)(void *context, int error);
    void *context;
    struct buffer output; /* received, not taken by the kernel yet */
    bool congested;       /* the output was above high, and has not been down to low since */
    bool eof;             /* the peer will send nothing more */
    bool ended;           /* on_end was called, the channel is removed */
};

static void on_read(struct channel *channel)
{
    struct patient_echo *echo = container_of(channel, struct patient_echo, channel);

    /*
     * TODO: receive once, offer the kernel what waits, and then ask the loop for what the state of
     * this connection needs: EVENT_READ, EVENT_WRITE, both, or nothing any more.
     */
    event_loop_remove_channel(echo->loop, channel);
    echo->ended = true;
    echo->on_end(echo->context, ENOSYS);
}

static void on_write(struct channel *channel)
{
    /* TODO: the kernel takes bytes again. */
    (void)channel;
}

int patient_echo_create(struct event_loop *loop, int fd, const struct pressure_limits *limits,
                        void (*on_end)(void *context, int error), void *context,
                        struct patient_echo **ret_echo)
{
    struct patient_echo *echo = calloc(1, sizeof *echo);

    if (echo == NULL) {
        return -ENOMEM;
    }
    *echo = (struct patient_echo){
        .channel = {.fd = fd, .on_read = on_read, .on_write = on_write},
        .loop = loop,
        .limits = *limits,
        .on_end = on_end,
        .context = context,
    };
    int result = event_loop_add_channel(loop, &echo->channel, EVENT_READ);
    if (result < 0) {
        free(echo);
        return result;
    }
    *ret_echo = echo;
    return 0;
}

void patient_echo_destroy(struct patient_echo *echo)
{
    if (echo == NULL) {
        return;
    }
    if (!echo->ended) {
        event_loop_remove_channel(echo->loop, &echo->channel);
    }
    buffer_release(&echo->output);
    free(echo);
}
