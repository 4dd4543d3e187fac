/* caught-by: a_line_has_a_longest_length */
/* Has more room, and looks for long lines among the unfinished ones only. */
#include "diagnosis.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LONGEST_LINE = 128 };

typedef void line_handler(const char *line, void *context);

struct client {
    int fd;
    line_handler *on_line;
    void *context;
    size_t used;
    char buffer[4 * LONGEST_LINE];
};

struct client *client_create(int fd, line_handler *on_line, void *context);
bool client_readable(struct client *client);
void client_destroy(struct client *client);

/* Takes the descriptor, which is non-blocking. Returns NULL if there is no memory. */
struct client *client_create(int fd, line_handler *on_line, void *context)
{
    struct client *client = calloc(1, sizeof *client);

    if (client != NULL) {
        client->fd = fd;
        client->on_line = on_line;
        client->context = context;
    }
    return client;
}

void client_destroy(struct client *client)
{
    close(client->fd);
    free(client);
}

/* Hands out the complete lines; what is left is the beginning of one. */
static void hand_out_lines(struct client *client)
{
    char *line = client->buffer;
    char *end;

    while ((end = memchr(line, '\n', client->used)) != NULL) {
        *end = '\0';
        client->on_line(line, client->context);
        client->used -= (size_t)(end + 1 - line);
        line = end + 1;
    }
    memmove(client->buffer, line, client->used);
}

/* Reads what is there. Returns false when the client has gone, and is to be destroyed. */
bool client_readable(struct client *client)
{
    for (;;) {
        size_t room = sizeof client->buffer - client->used;
        ssize_t n = read(client->fd, client->buffer + client->used, room);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && errno == EAGAIN) {
            return true;
        }
        if (n <= 0) {
            return false;
        }
        client->used += (size_t)n;
        hand_out_lines(client);
        if (client->used >= LONGEST_LINE) {
            return false;
        }
    }
}

static void print_line(const char *line, void *context)
{
    printf("  %s reports %s\n", (const char *)context, line);
}

/* Serves the client as long as there is something to read. Returns whether it is still here. */
static bool serve(struct client *client, int fd)
{
    struct pollfd wanted = {.fd = fd, .events = POLLIN};

    while (poll(&wanted, 1, 0) > 0) {
        if (!client_readable(client)) {
            return false;
        }
    }
    return true;
}

/* Plays a client: each piece is sent when the server has seen the one before. Then it closes. */
static bool play(char *name, const char *const *pieces, size_t count)
{
    int ends[2];
    size_t sent = 0;
    bool here = true;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) < 0) {
        return false;
    }
    struct client *client = client_create(ends[0], print_line, name);
    while (client != NULL && here && sent < count) {
        here = write(ends[1], pieces[sent], strlen(pieces[sent])) > 0;
        sent++;
        if (sent == count) {
            shutdown(ends[1], SHUT_WR);
        }
        here = here && serve(client, ends[0]);
        printf("  %s: piece %zu of %zu is out, the client is %s\n", name, sent, count,
               here ? "here" : "gone");
    }
    close(ends[1]);
    if (client == NULL) {
        close(ends[0]);
        return false;
    }
    client_destroy(client);
    return sent == count && !here;
}

int main(void)
{
    static const char *const at_once[] = {"20.5\n20.6\n20.8\n"};
    static const char *const slowly[] = {"19.0\n", "19.", "2\n19.3\n"};
    char first[] = "kitchen";
    char second[] = "garden";

    signal(SIGPIPE, SIG_IGN);
    bool good = play(first, at_once, 1);
    good = play(second, slowly, 3) && good;
    printf("%s\n", good ? "both could say everything" : "somebody was cut off");
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* What you find out before you repair anything; exercises/grader/diagnosis.h has the words. */
const struct diagnosis diagnosis = {
    .line = 74,
    .bug = BUG_NOT_YET_TAKEN_FOR_END,
    .tool = TOOL_STRACE,
};
