/* caught-by: a_client_that_leaves_gives_its_descriptor_back */
/* The client sees the end, the connection is over, and the number stays taken. */
/*
 * B-leak: an echo server on poll; its channels are the clients that it has now.
 *
 *     program [CLIENTS]    how many come one after the other; then it waits for Enter
 */
#include "diagnosis.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_CHANNELS = 16, BUFFER_SIZE = 4096, USUAL_CLIENTS = 100, MOST_DESCRIPTORS = 32 };

struct channel {
    int fd;
    char *buffer;
};

struct server {
    struct channel *channels[MOST_CHANNELS];
    size_t count;
};

struct server *server_create(void);
int server_add(struct server *server, int fd);
size_t server_count(const struct server *server);
void server_turn(struct server *server);
void server_destroy(struct server *server);

struct server *server_create(void)
{
    return calloc(1, sizeof(struct server));
}

size_t server_count(const struct server *server)
{
    return server->count;
}

/* Takes the descriptor, if it returns 0 and not -EMFILE or -ENOMEM. */
int server_add(struct server *server, int fd)
{
    if (server->count == MOST_CHANNELS) {
        return -EMFILE;
    }
    struct channel *channel = malloc(sizeof *channel);
    char *buffer = malloc(BUFFER_SIZE);
    if (channel == NULL || buffer == NULL) {
        free(channel);
        free(buffer);
        return -ENOMEM;
    }
    channel->fd = fd;
    channel->buffer = buffer;
    server->channels[server->count] = channel;
    server->count++;
    return 0;
}

static void release_channel(struct channel *channel)
{
    shutdown(channel->fd, SHUT_RDWR);
    free(channel->buffer);
    free(channel);
}

/* The last channel takes the place of the one that leaves. */
static void remove_channel(struct server *server, size_t index)
{
    release_channel(server->channels[index]);
    server->count--;
    server->channels[index] = server->channels[server->count];
}

/* Sends back what has come. Returns false if the client is to go: it left, or does not read. */
static bool echo(struct channel *channel)
{
    ssize_t n = recv(channel->fd, channel->buffer, BUFFER_SIZE, MSG_DONTWAIT);

    if (n < 0) {
        return errno == EAGAIN || errno == EINTR;
    }
    return n > 0 && send(channel->fd, channel->buffer, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) == n;
}

/* Serves those who have sent something, and waits for nobody. */
void server_turn(struct server *server)
{
    struct pollfd fds[MOST_CHANNELS];
    size_t count = server->count;

    for (size_t i = 0; i < count; i++) {
        fds[i] = (struct pollfd){.fd = server->channels[i]->fd, .events = POLLIN};
    }
    if (poll(fds, count, 0) <= 0) {
        return;
    }
    /* From the last to the first: the one who moves up has been served. */
    for (size_t i = count; i-- > 0;) {
        if (fds[i].revents != 0 && !echo(server->channels[i])) {
            remove_channel(server, i);
        }
    }
}

void server_destroy(struct server *server)
{
    for (size_t i = 0; i < server->count; i++) {
        release_channel(server->channels[i]);
    }
    free(server);
}

/* A client connects, says a word, hears it, and leaves. Returns 0 or -errno. */
static int one_client(struct server *server)
{
    char word[8];
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0) {
        return -errno;
    }
    int result = server_add(server, ends[0]);
    if (result < 0) {
        close(ends[0]);
    } else {
        bool said = send(ends[1], "hello", 5, MSG_NOSIGNAL) == 5;
        server_turn(server);
        bool heard = recv(ends[1], word, sizeof word, MSG_DONTWAIT) == 5;
        result = said && heard ? 0 : -EIO;
    }
    close(ends[1]);
    server_turn(server);
    return result;
}

int main(int argc, char **argv)
{
    /* A few descriptors, so that nobody has to wait for the thousandth client. */
    struct rlimit limit = {MOST_DESCRIPTORS, MOST_DESCRIPTORS};
    int clients = argc > 1 ? atoi(argv[1]) : USUAL_CLIENTS;
    int result = 0;

    setrlimit(RLIMIT_NOFILE, &limit);
    struct server *server = server_create();
    if (server == NULL) {
        return EXIT_FAILURE;
    }
    for (int i = 1; i <= clients && result == 0; i++) {
        result = one_client(server);
        if (result < 0) {
            printf("client %d of %d: %s\n", i, clients, strerror(-result));
        }
    }
    printf("the server has %zu clients now\n", server_count(server));
    if (argc > 1) {
        printf("process %d waits for Enter\n", (int)getpid());
        getchar();
    }
    server_destroy(server);
    return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* What you find out before you repair anything; exercises/grader/diagnosis.h has the words. */
const struct diagnosis diagnosis = {
    .line = 67,
    .bug = BUG_LEAK,
    .tool = TOOL_PROC_FD,
};
