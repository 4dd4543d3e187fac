/* caught-by: an_error_after_the_end_is_an_error */
/* The peer has said all that he had to say, so the end is a good one, whatever comes afterwards. */
#include "patient_echo.h"

#include "buffer.h"
#include "container_of.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

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

static void end(struct patient_echo *echo, int error)
{
    event_loop_remove_channel(echo->loop, &echo->channel);
    echo->ended = true;
    echo->on_end(echo->context, error);
}

/* Offers the kernel what waits. Returns 0, also if it takes a part or nothing, or an errno. */
static int flush(struct patient_echo *echo)
{
    while (echo->output.length > 0) {
        /* ssize_t: in a size_t, the -1 of EAGAIN would count as success. */
        ssize_t n =
            send(echo->channel.fd, buffer_data(&echo->output), echo->output.length, MSG_NOSIGNAL);
        if (n >= 0) {
            buffer_consume(&echo->output, (size_t)n);
        } else if (errno == EAGAIN) {
            return 0;
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

/* After every callback: what does the state ask for next? */
static void settle(struct patient_echo *echo, int error)
{
    if (error == 0) {
        error = flush(echo);
    }
    if (error != 0 || (echo->eof && echo->output.length == 0)) {
        end(echo, echo->eof ? 0 : error);
        return;
    }
    /* Two marks, not one: with one mark the interest would change with every few bytes. */
    if (echo->output.length > echo->limits.high) {
        echo->congested = true;
    } else if (echo->output.length <= echo->limits.low) {
        echo->congested = false;
    }
    unsigned events = 0;
    if (!echo->eof && !echo->congested) {
        events |= EVENT_READ;
    }
    /* Only while something waits: a socket is nearly always writable, and the loop would spin. */
    if (echo->output.length > 0) {
        events |= EVENT_WRITE;
    }
    int result = event_loop_update_channel(echo->loop, &echo->channel, events);
    if (result < 0) {
        end(echo, -result);
    }
}

/* Receives once. Returns 0 or an errno. */
static int receive(struct patient_echo *echo)
{
    char *room = buffer_reserve(&echo->output, PATIENT_ECHO_READ_MOST);

    if (room == NULL) {
        return ENOMEM;
    }
    ssize_t n = recv(echo->channel.fd, room, PATIENT_ECHO_READ_MOST, 0);
    if (n > 0) {
        buffer_commit(&echo->output, (size_t)n);
    } else if (n == 0) {
        echo->eof = true;
    } else if (errno != EAGAIN && errno != EINTR) {
        return errno;
    }
    return 0;
}

static void on_read(struct channel *channel)
{
    struct patient_echo *echo = container_of(channel, struct patient_echo, channel);

    settle(echo, receive(echo));
}

static void on_write(struct channel *channel)
{
    settle(container_of(channel, struct patient_echo, channel), 0);
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
