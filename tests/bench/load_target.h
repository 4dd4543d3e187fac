/*
 * load_target: the server's address, and sockets that connect to it.
 */
#ifndef LOAD_TARGET_H
#define LOAD_TARGET_H

#include <sys/socket.h>

struct load_target {
    struct sockaddr_storage address;
    socklen_t length;
};

/* Returns 0 or -errno; -ENOENT where the name is unknown. */
int load_target_find(struct load_target *ret_target, const char *host, long port);

/*
 * Begins to connect, and does not wait: a non-blocking descriptor can be given to a connection
 * table meanwhile. Returns the descriptor, owned by the caller, or -errno; -EADDRNOTAVAIL: no local
 * port is free.
 */
int load_target_open(const struct load_target *target);

/* Waits until it is connected, at most `timeout_ms`. Returns 0 or -errno. */
int load_target_await(int fd, int timeout_ms);

#endif
