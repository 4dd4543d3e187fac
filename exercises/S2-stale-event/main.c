/* ./lab run S2-stale-event */
/* Who is called for a byte to Ann, when Ann's descriptor has meanwhile become Bob's? */
#include "small_loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct client {
    struct watcher watcher;
    const char *name;
    int peer;
};

static void on_ready(struct watcher *watcher, uint32_t events)
{
    struct client *client = (struct client *)watcher; /* its first member */
    char byte;
    ssize_t got = recv(watcher->fd, &byte, 1, MSG_DONTWAIT);

    printf("  %s is called (events %#x), and recv gives %s\n", client->name, events,
           got == 1 ? "a byte" : "EAGAIN: it was not for this client");
}

static void connect_client(struct client *client, const char *name)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        perror("socketpair");
        exit(1);
    }
    *client = (struct client){.watcher = {pair[0], on_ready}, .name = name, .peer = pair[1]};
}

static void say_hello(const struct client *client)
{
    printf("a byte is sent to %s\n", client->name);
    send(client->peer, "x", 1, MSG_NOSIGNAL);
}

int main(void)
{
    struct small_loop *loop;
    struct client ann, bob;

    if (small_loop_create(&loop) < 0) {
        return 1;
    }
    connect_client(&ann, "Ann");
    small_loop_add(loop, &ann.watcher, EPOLLIN);
    int copy = dup(ann.watcher.fd);
    close(ann.watcher.fd);
    small_loop_remove(loop, &ann.watcher);
    printf("Ann's descriptor %d is closed, but a copy of it, %d, lives on\n", ann.watcher.fd, copy);

    connect_client(&bob, "Bob");
    small_loop_add(loop, &bob.watcher, EPOLLIN);
    printf("Bob has come; his descriptor is %d\n", bob.watcher.fd);

    say_hello(&ann);
    printf("  the loop makes a turn: %d calls\n", small_loop_turn(loop, 0));
    say_hello(&bob);
    printf("  the loop makes a turn: %d calls\n", small_loop_turn(loop, 0));
    small_loop_destroy(loop);
    return 0;
}
