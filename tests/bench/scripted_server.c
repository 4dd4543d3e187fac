#include "scripted_server.h"

#include <check.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_MOST = 4096 };

static void *run(void *argument)
{
    struct scripted_server *server = argument;
    int fd;

    /* The shutdown of the listening socket ends it. */
    while ((fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        atomic_fetch_add(&server->connections, 1);
        server->play(server, fd);
        close(fd);
    }
    return NULL;
}

void scripted_server_start(struct scripted_server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int one = 1;

    server->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(server->listen_fd, 0);
    /* Accepted sockets inherit it. */
    ck_assert_int_eq(setsockopt(server->listen_fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one), 0);
    ck_assert_int_eq(bind(server->listen_fd, (struct sockaddr *)&address, length), 0);
    ck_assert_int_eq(listen(server->listen_fd, SCRIPTED_THREADS), 0);
    ck_assert_int_eq(getsockname(server->listen_fd, (struct sockaddr *)&address, &length), 0);
    server->port = ntohs(address.sin_port);
    for (int i = 0; i < SCRIPTED_THREADS; i++) {
        ck_assert_int_eq(pthread_create(&server->threads[i], NULL, run, server), 0);
    }
}

void scripted_server_stop(struct scripted_server *server)
{
    shutdown(server->listen_fd, SHUT_RDWR);
    for (int i = 0; i < SCRIPTED_THREADS; i++) {
        pthread_join(server->threads[i], NULL);
    }
    close(server->listen_fd);
}

/* Byte by byte: the next request may be in the same segment. */
bool scripted_read_request(struct scripted_server *server, int fd)
{
    char text[REQUEST_MOST];
    size_t length = 0;

    while (length < sizeof text && recv(fd, text + length, 1, 0) == 1) {
        length++;
        if (length >= 4 && memcmp(text + length - 4, "\r\n\r\n", 4) == 0) {
            atomic_fetch_add(&server->requests, 1);
            return true;
        }
    }
    return false;
}

bool scripted_send(int fd, const void *bytes, size_t length)
{
    const char *next = bytes;

    while (length > 0) {
        ssize_t n = send(fd, next, length, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        next += n;
        length -= (size_t)n;
    }
    return true;
}

void scripted_await_end(int fd)
{
    char bytes[4096];

    while (recv(fd, bytes, sizeof bytes, 0) > 0) {
    }
}
