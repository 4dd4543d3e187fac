/* caught-by: the_others_stay */
/* Now no entry is stale, and no client is found. */
/*
 * B-stale-map: an echo server on epoll that finds its channels by descriptor, in an array.
 *
 * The program has some clients that come one after the other and leave in different ways.
 */
#include "diagnosis.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAP_SIZE = 64 };

struct channel {
    bool used;
    long echoed; /* bytes that went back to this client */
};

struct server {
    int epoll;
    struct channel map[MAP_SIZE]; /* the channel of descriptor fd is map[fd] */
};

struct server *server_create(void);
int server_add(struct server *server, int fd);
long server_echoed(const struct server *server, int fd);
void server_turn(struct server *server);
void server_destroy(struct server *server);

/* Returns NULL if there is no memory or no epoll. */
struct server *server_create(void)
{
    struct server *server = calloc(1, sizeof *server);

    if (server == NULL) {
        return NULL;
    }
    server->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (server->epoll < 0) {
        free(server);
        return NULL;
    }
    return server;
}

/* Takes the descriptor. Returns 0, also for a client that is here already, or -errno. */
int server_add(struct server *server, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

    if (fd < 0 || fd >= MAP_SIZE) {
        return fd < 0 ? -EBADF : -EMFILE;
    }
    if (server->map[fd].used) {
        return 0;
    }
    if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
        return -errno;
    }
    server->map[fd] = (struct channel){.used = true};
    return 0;
}

/* Returns how many bytes the client got back so far, or -ENOENT if there is none. */
long server_echoed(const struct server *server, int fd)
{
    bool here = fd >= 0 && fd < MAP_SIZE && server->map[fd].used;

    return here ? server->map[fd].echoed : -ENOENT;
}

static void remove_client(struct server *server, int fd)
{
    server->map[fd].used = false;
    close(fd);
}

/* Sends back what has come. Who has closed goes, and who does not take the answer. */
static void echo(struct server *server, int fd)
{
    char bytes[256];
    ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);

    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n <= 0 || send(fd, bytes, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) != n) {
        remove_client(server, fd);
        return;
    }
    server->map[fd].echoed += n;
}

/* Serves those who have sent something or are gone, and waits for nobody. */
void server_turn(struct server *server)
{
    struct epoll_event events[MAP_SIZE];
    int count = epoll_wait(server->epoll, events, MAP_SIZE, 0);

    for (int i = 0; i < count; i++) {
        int fd = events[i].data.fd;
        if ((events[i].events & (EPOLLHUP | EPOLLERR)) != 0) {
            /* Nobody is there who could read an answer. */
            memset(server->map, 0, sizeof server->map);
            close(fd);
        } else {
            echo(server, fd);
        }
    }
}

void server_destroy(struct server *server)
{
    for (int fd = 0; fd < MAP_SIZE; fd++) {
        if (server->map[fd].used) {
            remove_client(server, fd);
        }
    }
    close(server->epoll);
    free(server);
}

/* A client says hello and waits for the answer. Then it hangs up, or first ends its sending. */
static bool visit(struct server *server, const char *name, bool hangs_up)
{
    char answer[16];
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0 || server_add(server, ends[0]) < 0) {
        return false;
    }
    bool asked = send(ends[1], "hello", 5, MSG_NOSIGNAL) == 5;
    server_turn(server);
    bool answered = recv(ends[1], answer, sizeof answer, MSG_DONTWAIT) == 5;
    printf("%-5s descriptor %d, %s, the server echoed %ld bytes\n", name, ends[0],
           answered ? "answered" : "no answer", server_echoed(server, ends[0]));
    if (!hangs_up) {
        shutdown(ends[1], SHUT_WR);
        server_turn(server);
    }
    close(ends[1]);
    server_turn(server);
    return asked && answered;
}

int main(void)
{
    struct server *server = server_create();

    if (server == NULL) {
        return EXIT_FAILURE;
    }
    bool good = visit(server, "Ann", false);
    good = visit(server, "Ben", true) && good;
    good = visit(server, "Carl", false) && good;
    server_destroy(server);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* What you find out before you repair anything; exercises/grader/diagnosis.h has the words. */
const struct diagnosis diagnosis = {
    .line = 109,
    .bug = BUG_STALE_ENTRY,
    .tool = TOOL_STRACE,
};
