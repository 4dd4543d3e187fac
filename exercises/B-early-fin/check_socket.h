/*
 * check_socket: the client and the socket of the program that is graded.
 */
#ifndef CHECK_SOCKET_H
#define CHECK_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

struct connection;
struct connection *connection_create(int fd);
int connection_send(struct connection *connection, const void *data, size_t length);
int connection_on_writable(struct connection *connection);
bool connection_wants_writable(const struct connection *connection);
int connection_finish(struct connection *connection);
void connection_destroy(struct connection *connection);

enum { ROOM = 50000 }; /* bytes that the socket takes and the client has not read yet */

extern const char NO_WAIT[];

struct scene {
    int client;
    int server; /* belongs to the connection */
    struct connection *connection;
    size_t in_flight; /* bytes sent, and not yet read by the client */
    size_t received;  /* bytes read by the client */
    bool in_call;     /* of the program; only then the calls are looked at */
    int in_vain;      /* calls of send that found no room, since the function was called */
};

extern struct scene scene;

#endif
