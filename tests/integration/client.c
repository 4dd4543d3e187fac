#include "client.h"

#include "integration.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int client_connect_with_buffers(const struct server_process *server, int receive, int send)
{
    int fd = socket(server->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_msg(fd >= 0, "socket: %s", strerror(errno));
    if (receive > 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive, sizeof receive);
    }
    if (send > 0) {
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send, sizeof send);
    }
    int result = connect(fd, (const struct sockaddr *)&server->address, server->address_length);
    ck_assert_msg(result == 0, "connect to port %u: %s", server->port, strerror(errno));
    return fd;
}

int client_connect(const struct server_process *server)
{
    return client_connect_with_buffers(server, 0, 0);
}

void client_widen(int fd)
{
    int usual = 1 << 20;

    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &usual, sizeof usual);
}

void client_await(int fd, short events, const char *what)
{
    struct pollfd client = {.fd = fd, .events = events};

    ck_assert_msg(poll(&client, 1, patience_ms()) == 1, "waited %d ms in vain: %s", patience_ms(),
                  what);
}

bool client_readable(int fd)
{
    struct pollfd client = {.fd = fd, .events = POLLIN};

    return poll(&client, 1, 0) == 1;
}

void client_send_all(int fd, const void *bytes, size_t length)
{
    const char *from = bytes;

    while (length > 0) {
        client_await(fd, POLLOUT, "the server takes more bytes");
        ssize_t n = send(fd, from, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        ck_assert_msg(n >= 0 || errno == EAGAIN, "send, %zu bytes to go: %s", length,
                      strerror(errno));
        if (n > 0) {
            from += n;
            length -= (size_t)n;
        }
    }
}

void client_receive_exactly(int fd, void *into, size_t length)
{
    for (size_t received = 0; received < length;) {
        client_await(fd, POLLIN, "the server answers");
        ssize_t n = recv(fd, (char *)into + received, length - received, MSG_DONTWAIT);
        ck_assert_msg(n > 0, "received %zu of %zu bytes, then %s", received, length,
                      n == 0 ? "the end" : strerror(errno));
        received += (size_t)n;
    }
}

void client_finish_sending(int fd)
{
    ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
}

void client_expect_end(int fd)
{
    char byte;

    client_await(fd, POLLIN, "the server closes the connection");
    ssize_t n = recv(fd, &byte, 1, MSG_DONTWAIT);
    ck_assert_msg(n == 0, "instead of the end came %s", n > 0 ? "more bytes" : strerror(errno));
    close(fd);
}

void client_read_to_end(int fd)
{
    char bytes[64 * 1024];
    ssize_t n;

    do {
        client_await(fd, POLLIN, "more bytes, or their end");
        n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    } while (n > 0);
    ck_assert_msg(n == 0, "instead of the end came %s", strerror(errno));
    close(fd);
}

void client_reset(int fd)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
}

void client_round_trip(int fd)
{
    static char sent;
    char received;

    sent++;
    client_send_all(fd, &sent, 1);
    client_receive_exactly(fd, &received, 1);
    ck_assert_int_eq(received, sent);
}

void clients_reset(const int fds[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        client_reset(fds[i]);
    }
}
