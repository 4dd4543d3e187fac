/* caught-by: a_client_that_is_gone_is_an_error, crashes */
/* The flag looks as if it were about something else. */
/*
 * B-half-request: a connection of a small HTTP server. It collects what arrives, finds the requests
 * in it, and answers each with the path that was asked for.
 *
 * There is one bug in it. exercises/B-half-request/README.md says what to do about it.
 */
#include "diagnosis.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LONGEST_REQUEST = 1024 };

struct connection {
    int fd;        /* owned; it does not block */
    size_t length; /* bytes of input that are not answered yet */
    char input[LONGEST_REQUEST];
};

struct connection *connection_create(int fd);
int connection_on_readable(struct connection *connection);
void connection_destroy(struct connection *connection);

struct connection *connection_create(int fd)
{
    struct connection *connection = malloc(sizeof *connection);

    if (connection != NULL) {
        connection->fd = fd;
        connection->length = 0;
    }
    return connection;
}

void connection_destroy(struct connection *connection)
{
    close(connection->fd);
    free(connection);
}

/* Returns the size of the request at the start of the input, or 0: its end is not there. */
static size_t request_size(const struct connection *connection)
{
    for (size_t end = 4; end <= connection->length; end++) {
        if (memcmp(connection->input + end - 4, "\r\n\r\n", 4) == 0) {
            return end;
        }
    }
    return 0;
}

/* Answers one request. Returns 0 or -errno; a client that leaves no room for answers is given up. */
static int answer_request(const struct connection *connection, size_t size)
{
    char text[LONGEST_REQUEST + 100];
    const char *path = connection->input + strlen("GET ");
    const char *end = memchr(path, ' ', size - strlen("GET "));

    if (memcmp(connection->input, "GET ", 4) != 0 || end == NULL) {
        return -EBADMSG;
    }
    int length = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%.*s",
                          (int)(end - path), (int)(end - path), path);
    ssize_t sent = send(connection->fd, text, (size_t)length, MSG_DONTWAIT);
    if (sent < 0) {
        return -errno;
    }
    return sent == length ? 0 : -EAGAIN;
}

/* Answers the complete requests that are in the input. Returns 0 or -errno. */
static int answer_requests(struct connection *connection)
{
    size_t size;

    while ((size = request_size(connection)) > 0) {
        int result = answer_request(connection, size);
        if (result < 0) {
            return result;
        }
        connection->length -= size;
        memmove(connection->input, connection->input + size, connection->length);
    }
    return connection->length < LONGEST_REQUEST ? 0 : -EMSGSIZE;
}

int connection_on_readable(struct connection *connection)
{
    ssize_t count;

    /* What is in the input says nothing of what will come: only the kernel knows if more is there. */
    do {
        count = recv(connection->fd, connection->input + connection->length,
                     LONGEST_REQUEST - connection->length, MSG_DONTWAIT);
        if (count == 0) {
            return 0;
        }
        if (count < 0 && errno != EAGAIN && errno != EINTR) {
            return -errno;
        }
        if (count > 0) {
            connection->length += (size_t)count;
        }
        int result = answer_requests(connection);
        if (result < 0) {
            return result;
        }
    } while (count > 0);
    return 1;
}

/* The client sends this piece; the server does all it can; the client looks what has come. */
static void exchange(int client, int server, struct connection *connection, const char *piece)
{
    struct pollfd readable = {.fd = server, .events = POLLIN};
    char answers[1024];

    printf("the client sends %2zu bytes, ", strlen(piece));
    fflush(stdout);
    send(client, piece, strlen(piece), MSG_NOSIGNAL);
    while (poll(&readable, 1, 0) > 0 && connection_on_readable(connection) > 0) {
    }
    ssize_t count = recv(client, answers, sizeof answers, MSG_DONTWAIT);
    printf("and gets %zd\n", count < 0 ? 0 : count);
}

int main(void)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) < 0) {
        perror("socketpair");
        return EXIT_FAILURE;
    }
    struct connection *connection = connection_create(ends[1]);
    if (connection == NULL) {
        return EXIT_FAILURE;
    }
    exchange(ends[0], ends[1], connection, "GET /one HTTP/1.1\r\n\r\n");
    exchange(ends[0], ends[1], connection, "GET /two HT");
    exchange(ends[0], ends[1], connection, "TP/1.1\r\n\r\n");
    connection_destroy(connection);
    close(ends[0]);
    return EXIT_SUCCESS;
}

/* Your diagnosis. The line is that of this file as it was given. */
const struct diagnosis diagnosis = {
    .line = 110,
    .bug = BUG_SPIN,
    .tool = TOOL_TOP,
};
