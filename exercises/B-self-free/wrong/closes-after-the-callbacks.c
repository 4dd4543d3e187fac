/* caught-by: another_connection_can_be_closed_too */
/* While any callback runs nothing is closed: the turn does it at its end. The other one stays open as long. */
/*
 * B-self-free: connections that hand each line to a callback, which may close the connection.
 *
 * The program plays a client that says "quit", and something more behind it.
 */
#include "diagnosis.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER_SIZE = 256 };

struct connection;

struct connection_handlers {
    void (*on_line)(struct connection *connection, const char *line, void *context);
    void (*on_close)(void *context);
};

struct connection {
    char buffer[BUFFER_SIZE];
    size_t used;
    int fd;
    const struct connection_handlers *handlers;
    void *context;
    struct connection *next;
    bool closed;
};

static int callbacks;
static struct connection *to_be_closed;

struct connection *connection_create(int fd, const struct connection_handlers *handlers,
                                     void *context);
void connection_readable(struct connection *connection);
void connection_close(struct connection *connection);

/* Takes the descriptor. Returns NULL if there is no memory. */
struct connection *connection_create(int fd, const struct connection_handlers *handlers,
                                     void *context)
{
    struct connection *connection = calloc(1, sizeof *connection);

    if (connection != NULL) {
        connection->fd = fd;
        connection->handlers = handlers;
        connection->context = context;
    }
    return connection;
}

/* Ends the connection. Its owner learns it from on_close, and forgets the pointer. */
void connection_close(struct connection *connection)
{
    if (!connection->closed) {
        connection->closed = true;
        connection->handlers->on_close(connection->context);
    }
    if (callbacks > 0) {
        connection->next = to_be_closed;
        to_be_closed = connection;
        return;
    }
    close(connection->fd);
    free(connection);
}

/* Hands each complete line to the callback; the rest stays, until more comes. */
static void hand_out_lines(struct connection *connection)
{
    char *end;

    callbacks++;
    while (!connection->closed &&
           (end = memchr(connection->buffer, '\n', connection->used)) != NULL) {
        size_t taken = (size_t)(end + 1 - connection->buffer);
        *end = '\0';
        connection->handlers->on_line(connection, connection->buffer, connection->context);
        connection->used -= taken;
        memmove(connection->buffer, connection->buffer + taken, connection->used);
    }
    callbacks--;
    while (to_be_closed != NULL) {
        struct connection *gone = to_be_closed;
        to_be_closed = gone->next;
        connection_close(gone);
    }
}

/* Reads once and hands out what is complete. At the end or an error the connection closes. */
void connection_readable(struct connection *connection)
{
    size_t room = sizeof connection->buffer - connection->used;
    ssize_t n = 0;

    /* A line that fills the buffer is too long, and ends the connection as well. */
    if (room > 0) {
        n = recv(connection->fd, connection->buffer + connection->used, room, MSG_DONTWAIT);
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n <= 0) {
        connection_close(connection);
        return;
    }
    connection->used += (size_t)n;
    hand_out_lines(connection);
}

/* What the server knows of one client. */
struct session {
    struct connection *connection; /* NULL: closed */
    int lines;
};

static void handle_line(struct connection *connection, const char *line, void *context)
{
    struct session *session = context;

    session->lines++;
    printf("  line %d: %s\n", session->lines, line);
    if (strcmp(line, "quit") == 0) {
        connection_close(connection);
    }
}

static void handle_close(void *context)
{
    struct session *session = context;

    printf("  closed\n");
    session->connection = NULL;
}

/* Returns how many lines the server has taken from a client who says this. */
static int serve(const char *words)
{
    static const struct connection_handlers handlers = {handle_line, handle_close};
    struct session session = {0};
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0) {
        return -1;
    }
    session.connection = connection_create(ends[0], &handlers, &session);
    if (session.connection == NULL) {
        close(ends[0]);
    } else if (send(ends[1], words, strlen(words), MSG_NOSIGNAL) > 0) {
        connection_readable(session.connection);
    }
    close(ends[1]);
    while (session.connection != NULL) {
        connection_readable(session.connection);
    }
    return session.lines;
}

int main(void)
{
    printf("a client says hello and leaves:\n");
    int first = serve("hello\n");
    printf("a client says hello, quit, and one thing more:\n");
    int second = serve("hello\nquit\nlate\n");
    return first == 1 && second == 2 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* What you find out before you repair anything; exercises/grader/diagnosis.h has the words. */
const struct diagnosis diagnosis = {
    .line = 68,
    .bug = BUG_USE_AFTER_FREE,
    .tool = TOOL_ADDRESS_SANITIZER,
};
