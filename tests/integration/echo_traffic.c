#include "echo_traffic.h"

#include "client.h"
#include "integration.h"
#include "proc_status.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { CHUNK_MAX_BITS = 16, CHUNK_MAX = 1 << CHUNK_MAX_BITS };

/* More than the kernel's socket buffers hold, both ways, on any usual system. */
enum { NEVER_SO_MUCH = 128 << 20, ROUND_TRIPS = 100 };

/* The bytes of a stream from `position` on: eight from each number that follows from the seed. */
static void stream_bytes(uint64_t seed, size_t position, unsigned char *into, size_t length)
{
    for (size_t i = 0; i < length; i++, position++) {
        uint64_t state = seed + position / 8;
        into[i] = (unsigned char)(random_next(&state) >> (position % 8 * 8));
    }
}

/* From one byte to 64 KiB, every order of magnitude alike. */
static size_t chunk_size(struct echo_client *client)
{
    uint64_t random = random_next(&client->chunk_state);
    uint64_t largest = 1U << random % (CHUNK_MAX_BITS + 1);

    return 1 + (random >> 32) % largest;
}

void echo_client_init(struct echo_client *client, int fd, uint64_t seed, size_t total)
{
    *client = (struct echo_client){
        .fd = fd, .stream_seed = seed, .chunk_state = seed ^ 0xc0ffee, .total = total};
}

bool echo_client_send_some(struct echo_client *client)
{
    unsigned char chunk[CHUNK_MAX];
    size_t size = chunk_size(client);
    size_t left = client->total - client->sent;

    if (size > left) {
        size = left;
    }
    stream_bytes(client->stream_seed, client->sent, chunk, size);
    ssize_t n = send(client->fd, chunk, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    ck_assert_msg(n >= 0 || errno == EAGAIN, "sent %zu of %zu bytes, got %zu back, then: %s",
                  client->sent, client->total, client->received, strerror(errno));
    client->sent += n > 0 ? (size_t)n : 0;
    return n > 0;
}

static void check_chunk(const struct echo_client *client, const unsigned char *chunk, size_t size)
{
    unsigned char expected[CHUNK_MAX];
    size_t same = 0;

    stream_bytes(client->stream_seed, client->received, expected, size);
    if (memcmp(chunk, expected, size) == 0) {
        return;
    }
    while (chunk[same] == expected[same]) {
        same++;
    }
    ck_abort_msg("byte %zu of %zu came back as 0x%02x, not 0x%02x (stream seed %" PRIu64 ")",
                 client->received + same, client->total, chunk[same], expected[same],
                 client->stream_seed);
}

/* Returns how many bytes came. */
static size_t receive_some(struct echo_client *client)
{
    unsigned char chunk[CHUNK_MAX];
    ssize_t n = recv(client->fd, chunk, chunk_size(client), MSG_DONTWAIT);

    if (n < 0 && errno == EAGAIN) {
        return 0;
    }
    ck_assert_msg(n > 0, "sent %zu of %zu bytes, got %zu back, then %s", client->sent,
                  client->total, client->received, n == 0 ? "the end" : strerror(errno));
    check_chunk(client, chunk, (size_t)n);
    client->received += (size_t)n;
    ck_assert_msg(client->received <= client->sent, "more came back than was sent");
    return (size_t)n;
}

/* A client that has it all is left out: poll skips negative descriptors. */
static struct pollfd wishes(const struct echo_client *client)
{
    bool more = client->sent < client->total;
    bool owed = client->received < client->total;

    return (struct pollfd){
        .fd = more || owed ? client->fd : -1,
        .events = (short)((more ? POLLOUT : 0) | (owed ? POLLIN : 0)),
    };
}

static size_t received_by_all(const struct echo_client clients[], size_t count)
{
    size_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        sum += clients[i].received;
    }
    return sum;
}

void echo_clients_run_until(struct echo_client clients[], size_t count, size_t enough)
{
    struct pollfd *polled = calloc(count, sizeof *polled);
    size_t received = received_by_all(clients, count);
    size_t total = 0;

    ck_assert_ptr_nonnull(polled);
    for (size_t i = 0; i < count; i++) {
        total += clients[i].total;
    }
    while (received < enough && received < total) {
        for (size_t i = 0; i < count; i++) {
            polled[i] = wishes(&clients[i]);
        }
        ck_assert_msg(poll(polled, count, patience_ms()) > 0,
                      "nothing moved for %d ms; %zu of %zu bytes of %zu clients have come back",
                      patience_ms(), received, total, count);
        for (size_t i = 0; i < count; i++) {
            if (polled[i].revents & ~POLLOUT) {
                received += receive_some(&clients[i]);
            }
            if (polled[i].revents & POLLOUT) {
                echo_client_send_some(&clients[i]);
            }
        }
    }
    free(polled);
}

void echo_clients_run(struct echo_client clients[], size_t count)
{
    echo_clients_run_until(clients, count, SIZE_MAX);
}

void echo_clients_stop_sending(struct echo_client clients[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        clients[i].total = clients[i].sent;
    }
}

static unsigned port_of(const struct sockaddr_in *address)
{
    return ntohs(address->sin_port);
}

/* What the server has received from the client and leaves unread. */
static size_t unread_by_server(const struct echo_client *client)
{
    struct sockaddr_in own;
    struct sockaddr_in peer;
    socklen_t length = sizeof own;

    ck_assert_int_eq(getsockname(client->fd, (struct sockaddr *)&own, &length), 0);
    ck_assert_int_eq(getpeername(client->fd, (struct sockaddr *)&peer, &length), 0);
    return proc_tcp_unread(port_of(&peer), port_of(&own));
}

/*
 * That a send fails proves nothing: TCP has pauses of its own. But a server whose loops have been
 * round many times, and which still has bytes of this client to read, does not want them.
 */
void echo_client_send_unread(struct echo_client *client, const int others[], size_t count)
{
    bool stopped = false;

    while (client->sent < client->total && !stopped) {
        while (client->sent < client->total && echo_client_send_some(client)) {
        }
        for (int i = 0; i < ROUND_TRIPS; i++) {
            client_round_trip(others[(size_t)i % count]);
        }
        stopped = unread_by_server(client) > 0;
    }
    client->total = client->sent;
}

void echo_client_send_until_stopped(struct echo_client *client, const int others[], size_t count)
{
    client->total = NEVER_SO_MUCH;
    echo_client_send_unread(client, others, count);
    ck_assert_msg(client->sent < NEVER_SO_MUCH,
                  "the server took %zu bytes from a client that reads none", client->sent);
}
