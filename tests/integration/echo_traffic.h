/*
 * echo_traffic: clients that send a known stream of bytes in chunks of random size and check that
 * exactly it comes back. Both directions run at once, as poll allows; one process drives them all.
 *
 * No stream is kept in memory: each byte follows from the client's seed and the byte's position.
 */
#ifndef ECHO_TRAFFIC_H
#define ECHO_TRAFFIC_H

#include "server_process.h"

#include <stdint.h>

struct echo_client {
    int fd;
    uint64_t stream_seed;
    uint64_t chunk_state;
    size_t total; /* how much to send; may be raised or lowered on the way */
    size_t sent;
    size_t received;
};

/* Takes over a connected descriptor; the caller still closes it. */
void echo_client_init(struct echo_client *client, int fd, uint64_t seed, size_t total);

/* Sends a chunk without waiting. Returns whether the kernel took any of it. */
bool echo_client_send_some(struct echo_client *client);

/* Runs until the clients together have received `enough` bytes, or each its total. */
void echo_clients_run_until(struct echo_client clients[], size_t count, size_t enough);

/* Nobody sends any more: each total becomes what was sent. */
void echo_clients_stop_sending(struct echo_client clients[], size_t count);

/* Runs until every client has sent and received its total. */
void echo_clients_run(struct echo_client clients[], size_t count);

/*
 * Sends and does not read, until the total is out or the server takes no more although it goes on
 * serving `others` (connected descriptors, at least one on each loop). What was sent becomes the
 * client's total.
 */
void echo_client_send_unread(struct echo_client *client, const int others[], size_t count);

/*
 * The same without a total: until the server takes no more. Fails the test if it takes 128 MiB:
 * sockets hold much less.
 */
void echo_client_send_until_stopped(struct echo_client *client, const int others[], size_t count);

#endif
