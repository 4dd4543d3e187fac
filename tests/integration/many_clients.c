#include "many_clients.h"

#include "client.h"
#include "integration.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DRIP_MS = 50, QUICK_DRIP_MS = 5 };

void many_clients_connect(struct many_clients *clients, const struct server_process *server,
                          const struct many_clients_role *roles, size_t count)
{
    ck_assert_uint_le(count, MANY_CLIENTS_MAX);
    clients->roles = roles;
    clients->count = count;
    for (size_t i = 0; i < count; i++) {
        int at_once = 1; /* else the kernel makes one delivery of several drips */
        clients->fds[i] = client_connect(server);
        setsockopt(clients->fds[i], IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
        client_send_all(clients->fds[i], roles[i].beginning, strlen(roles[i].beginning));
    }
}

static void keep_tail(char *tail, const char *bytes, size_t length)
{
    size_t old = strlen(tail);
    size_t kept = length >= MANY_CLIENTS_TAIL ? 0 : MANY_CLIENTS_TAIL - length;

    kept = kept < old ? kept : old;
    length = length < MANY_CLIENTS_TAIL ? length : MANY_CLIENTS_TAIL;
    memmove(tail, tail + old - kept, kept);
    memcpy(tail + kept, bytes, length);
    tail[kept + length] = '\0';
}

/* Reads all that is there. Returns whether the end was among it. */
static bool read_all(struct many_clients *clients, size_t i)
{
    static char bytes[64 * 1024];
    ssize_t n;

    while ((n = recv(clients->fds[i], bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
        size_t length = (size_t)n < MANY_CLIENTS_TAIL ? (size_t)n : MANY_CLIENTS_TAIL;
        keep_tail(clients->tails[i], bytes + (size_t)n - length, length);
    }
    ck_assert_msg(n == 0 || errno == EAGAIN, "after '%s': %s, before that came: %s",
                  clients->roles[i].beginning, strerror(errno), clients->tails[i]);
    return n == 0;
}

/* Returns whether the server's side still takes bytes. */
static bool drip(const struct many_clients *clients, size_t i)
{
    const char *byte = clients->roles[i].drip;

    return byte != NULL &&
           (send(clients->fds[i], byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1 || errno == EAGAIN);
}

static void expect_tail(const struct many_clients *clients, size_t i)
{
    const char *expected = clients->roles[i].expected;
    bool right = *expected == '\0' ? clients->tails[i][0] == '\0'
                                   : strstr(clients->tails[i], expected) != NULL;

    ck_assert_msg(right, "after '%s': expected '%s', got '%s'", clients->roles[i].beginning,
                  expected, clients->tails[i]);
}

/* Waits for one of those that have not ended, but not longer than up to the next drip. */
static void await_any(const struct many_clients *clients)
{
    struct pollfd polled[MANY_CLIENTS_MAX];

    for (size_t i = 0; i < clients->count; i++) {
        polled[i] =
            (struct pollfd){.fd = clients->ended[i] ? -1 : clients->fds[i], .events = POLLIN};
    }
    poll(polled, clients->count, DRIP_MS);
}

void many_clients_go_on(struct many_clients *clients)
{
    int64_t deadline = now_ms() + patience_ms();

    for (size_t left = clients->count; left > 0;) {
        ck_assert_msg(now_ms() < deadline, "%zu clients have not seen the end", left);
        await_any(clients);
        left = 0;
        for (size_t i = 0; i < clients->count; i++) {
            if (!clients->ended[i]) {
                drip(clients, i);
                clients->ended[i] = read_all(clients, i);
            }
            left += !clients->ended[i];
        }
    }
    for (size_t i = 0; i < clients->count; i++) {
        expect_tail(clients, i);
    }
}

size_t many_clients_drip(const struct many_clients *clients)
{
    size_t taken = 0;

    poll(NULL, 0, QUICK_DRIP_MS);
    for (size_t i = 0; i < clients->count; i++) {
        taken += drip(clients, i);
    }
    return taken;
}

void many_clients_leave(const struct many_clients *clients)
{
    clients_reset(clients->fds, clients->count);
}
