/* fails-at: the_rest_is_remembered */
/*
 * S2-edge-triggered: read all there is, in fair shares.
 *
 * exercises/S2-edge-triggered/README.md has the whole contract. This reader reads once for each
 * report, as one does with level-triggered epoll. An edge is reported once.
 */
#include "edge_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 64, PIECE = 16384 };

struct edge_reader {
    int epoll_fd;
    size_t budget;
    char piece[PIECE];
};

int edge_reader_create(size_t budget, struct edge_reader **ret_reader)
{
    struct edge_reader *reader = calloc(1, sizeof *reader);

    if (reader == NULL) {
        return -ENOMEM;
    }
    reader->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (reader->epoll_fd < 0) {
        int error = errno;
        free(reader);
        return -error;
    }
    reader->budget = budget;
    *ret_reader = reader;
    return 0;
}

void edge_reader_destroy(struct edge_reader *reader)
{
    close(reader->epoll_fd);
    free(reader);
}

int edge_reader_add(struct edge_reader *reader, struct source *source)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = source};

    return epoll_ctl(reader->epoll_fd, EPOLL_CTL_ADD, source->fd, &event) < 0 ? -errno : 0;
}

static void end(struct edge_reader *reader, struct source *source, int error)
{
    /* Before the call: afterwards there may be no source, and the number may be somebody else's. */
    epoll_ctl(reader->epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);
    source->on_end(source, error);
}

/* TODO: once is too little. What may be left in the socket, and who remembers it? */
static void serve(struct edge_reader *reader, struct source *source)
{
    size_t wanted = reader->budget < PIECE ? reader->budget : PIECE;
    ssize_t got = recv(source->fd, reader->piece, wanted, 0);

    if (got > 0) {
        source->on_bytes(source, reader->piece, (size_t)got);
    } else if (got == 0) {
        end(reader, source, 0);
    } else if (errno != EAGAIN && errno != EINTR) {
        end(reader, source, errno);
    }
}

int edge_reader_turn(struct edge_reader *reader, int timeout_ms)
{
    struct epoll_event events[BATCH];
    int ready = epoll_wait(reader->epoll_fd, events, BATCH, timeout_ms);

    if (ready < 0) {
        return errno == EINTR ? 0 : -errno;
    }
    for (int i = 0; i < ready; i++) {
        serve(reader, events[i].data.ptr);
    }
    return 0;
}
