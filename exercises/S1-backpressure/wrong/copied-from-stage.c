/* caught-by: what_the_kernel_does_not_take_waits */
/* The echo of stage 1: one send, and tcp_connection would keep the rest. Here nobody does. */
#include "patient_echo.h"

#include "container_of.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

struct patient_echo {
    struct channel channel;
    struct event_loop *loop;
    void (*on_end)(void *context, int error);
    void *context;
    bool ended;
};

static void end(struct patient_echo *echo, int error)
{
    event_loop_remove_channel(echo->loop, &echo->channel);
    echo->ended = true;
    echo->on_end(echo->context, error);
}

static void on_read(struct channel *channel)
{
    struct patient_echo *echo = container_of(channel, struct patient_echo, channel);
    char bytes[PATIENT_ECHO_READ_MOST];
    ssize_t n = recv(channel->fd, bytes, sizeof bytes, 0);

    if (n > 0) {
        n = send(channel->fd, bytes, (size_t)n, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            end(echo, errno);
        }
    } else if (n == 0) {
        end(echo, 0);
    } else if (errno != EAGAIN && errno != EINTR) {
        end(echo, errno);
    }
}

int patient_echo_create(struct event_loop *loop, int fd, const struct pressure_limits *limits,
                        void (*on_end)(void *context, int error), void *context,
                        struct patient_echo **ret_echo)
{
    struct patient_echo *echo = calloc(1, sizeof *echo);

    (void)limits;
    if (echo == NULL) {
        return -ENOMEM;
    }
    *echo = (struct patient_echo){
        .channel = {.fd = fd, .on_read = on_read},
        .loop = loop,
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
    if (echo != NULL && !echo->ended) {
        event_loop_remove_channel(echo->loop, &echo->channel);
    }
    free(echo);
}
