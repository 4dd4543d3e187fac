/* caught-by: a_short_read_is_not_the_last */
/* Fewer bytes than wanted: the socket is empty, so the read that says EAGAIN can be spared. */
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
    struct source *head; /* those who may have something to read; each is in it once */
    struct source **tail;
    char piece[PIECE];
};

static void enqueue(struct edge_reader *reader, struct source *source)
{
    /* A source that is still remembered may get a new edge; it gets no second place for that. */
    if (!source->queued) {
        source->queued = true;
        source->next = NULL;
        *reader->tail = source;
        reader->tail = &source->next;
    }
}

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
    reader->tail = &reader->head;
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

/* Reads what the budget allows. Returns whether there may be more; false after an end. */
static bool serve(struct edge_reader *reader, struct source *source)
{
    size_t left = reader->budget;

    while (left > 0) {
        size_t wanted = left < PIECE ? left : PIECE;
        ssize_t got = recv(source->fd, reader->piece, wanted, 0);
        if (got > 0) {
            left -= (size_t)got;
            source->on_bytes(source, reader->piece, (size_t)got);
            if ((size_t)got < wanted) {
                return false;
            }
        } else if (got == 0) {
            end(reader, source, 0);
            return false;
        } else if (errno == EAGAIN) {
            return false;
        } else if (errno != EINTR) {
            end(reader, source, errno);
            return false;
        }
    }
    return true;
}

static void serve_all(struct edge_reader *reader)
{
    struct source *source = reader->head;

    reader->head = NULL;
    reader->tail = &reader->head;
    while (source != NULL) {
        struct source *next = source->next; /* read now: serve may be its end */
        source->queued = false;
        if (serve(reader, source)) {
            enqueue(reader, source);
        }
        source = next;
    }
}

int edge_reader_turn(struct edge_reader *reader, int timeout_ms)
{
    struct epoll_event events[BATCH];
    /* Asked also while there is something left: newcomers must not wait until all is read. */
    int ready = epoll_wait(reader->epoll_fd, events, BATCH, reader->head != NULL ? 0 : timeout_ms);

    if (ready < 0 && errno != EINTR) {
        return -errno;
    }
    for (int i = 0; i < ready; i++) {
        enqueue(reader, events[i].data.ptr);
    }
    serve_all(reader);
    return 0;
}
