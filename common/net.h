/*
 * net: listening sockets, accepted sockets and addresses as text; IPv4 and IPv6 alike.
 *
 * Every descriptor is born non-blocking and close-on-exec: setting the flags afterwards leaves a
 * moment in which another thread's fork takes the descriptor along.
 */
#ifndef NET_H
#define NET_H

#include <stdint.h>
#include <sys/socket.h>

enum { NET_ADDRESS_TEXT = 96 }; /* enough for "[IPv6%interface]:port" and its NUL */

/*
 * Opens a listening socket on `host` (a name or a numeric address) and `port` (0: any free one).
 * Returns the descriptor, owned by the caller, or -errno; -ENOENT where the name is unknown.
 */
int net_listen(const char *host, uint16_t port);

/*
 * Accepts one connection, with TCP_NODELAY set (an answer leaves at once). Returns the descriptor,
 * owned by the caller, or -errno: -EAGAIN when the queue is empty.
 */
int net_accept(int listen_fd);

/* Writes the local address of `fd` as "127.0.0.1:8080" or "[::1]:8080". Returns 0 or -errno. */
int net_local_address(int fd, char ret_text[static NET_ADDRESS_TEXT]);

/*
 * The peer's address without its port, as text to be freed; also of a peer that has reset the
 * connection. Returns NULL if memory is short.
 */
char *net_peer_host(int fd);

#endif
