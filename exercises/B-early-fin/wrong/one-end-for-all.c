/* caught-by: connections_have_nothing_in_common */
/* A new connection begins afresh, and takes the end of the others with it. */
/*
 * B-early-fin: the sending side of a server's connection. What the socket does not take at once is
 * kept, and goes out when the event loop says that the socket is writable.
 *
 * There is one bug in it. exercises/B-early-fin/README.md says what to do about it.
 */
#include "diagnosis.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection {
    int fd;       /* owned; it does not block */
    char *output; /* what the socket has not taken yet; from the heap */
    size_t length;
};

static bool finished; /* nobody may send any more */

struct connection *connection_create(int fd);
int connection_send(struct connection *connection, const void *data, size_t length);
int connection_on_writable(struct connection *connection);
bool connection_wants_writable(const struct connection *connection);
int connection_finish(struct connection *connection);
void connection_destroy(struct connection *connection);

struct connection *connection_create(int fd)
{
    struct connection *connection = calloc(1, sizeof *connection);

    if (connection != NULL) {
        connection->fd = fd;
        finished = false;
    }
    return connection;
}

void connection_destroy(struct connection *connection)
{
    close(connection->fd);
    free(connection->output);
    free(connection);
}

int connection_send(struct connection *connection, const void *data, size_t length)
{
    if (finished) {
        return -EPIPE;
    }
    char *longer = realloc(connection->output, connection->length + length + 1);
    if (longer == NULL) {
        return -ENOMEM;
    }
    memcpy(longer + connection->length, data, length);
    connection->output = longer;
    connection->length += length;
    return connection_on_writable(connection);
}

/* The end is for the client to read behind the last byte, so it has to wait for that byte here. */
static int end_when_empty(const struct connection *connection)
{
    if (!finished || connection->length > 0) {
        return 0;
    }
    return shutdown(connection->fd, SHUT_WR) < 0 ? -errno : 0;
}

/* The socket takes what it has room for; the rest moves to the front. */
int connection_on_writable(struct connection *connection)
{
    if (connection->length == 0) {
        return 0;
    }
    ssize_t sent = send(connection->fd, connection->output, connection->length, MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
        return 0;
    }
    if (sent < 0) {
        connection->length = 0; /* nobody will ever take it */
        return -errno;
    }
    connection->length -= (size_t)sent;
    memmove(connection->output, connection->output + sent, connection->length);
    return end_when_empty(connection);
}

bool connection_wants_writable(const struct connection *connection)
{
    return connection->length > 0;
}

int connection_finish(struct connection *connection)
{
    if (finished) {
        return 0;
    }
    finished = true;
    return end_when_empty(connection);
}

/* Serves one client, which reads slowly. Returns how many bytes it gets until the end. */
static size_t serve(struct connection *connection, int client, const char *answer, size_t length)
{
    char piece[16 * 1024];
    size_t total = 0;
    ssize_t count;

    connection_send(connection, answer, length);
    connection_finish(connection);
    while ((count = recv(client, piece, sizeof piece, MSG_DONTWAIT)) > 0) {
        total += (size_t)count;
        if (connection_wants_writable(connection)) {
            connection_on_writable(connection);
        }
    }
    return total;
}

int main(void)
{
    enum { LENGTH = 1000 * 1000 };
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) < 0) {
        perror("socketpair");
        return EXIT_FAILURE;
    }
    char *answer = calloc(1, LENGTH);
    struct connection *connection = connection_create(ends[1]);
    if (answer == NULL || connection == NULL) {
        return EXIT_FAILURE;
    }
    size_t got = serve(connection, ends[0], answer, LENGTH);
    printf("of %d bytes the client got %zu\n", LENGTH, got);
    connection_destroy(connection);
    close(ends[0]);
    free(answer);
    return got == LENGTH ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Your diagnosis. The line is that of this file as it was given. */
const struct diagnosis diagnosis = {
    .line = 93,
    .bug = BUG_ENDS_TOO_EARLY,
    .tool = TOOL_NETWORK,
};
