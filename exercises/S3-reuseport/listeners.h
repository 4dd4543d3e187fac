/*
 * listeners: one listening socket for each loop, all on the same port. The contract is in README.md;
 * do not change this file.
 */
#ifndef LISTENERS_H
#define LISTENERS_H

#include <stddef.h>
#include <sys/socket.h>

enum { LISTENERS_MOST = 256 };

/*
 * Opens `count` sockets that listen on `address`, one for each loop. Returns 0; the descriptors are
 * in ret_fds and the caller's. Or returns -errno, and nothing is open.
 */
int listeners_open(const struct sockaddr *address, socklen_t length, size_t count, int ret_fds[]);

#endif
