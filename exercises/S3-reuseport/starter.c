/* fails-at: all_listen_on_the_port_that_was_found */
/*
 * S3-reuseport: one listening socket for each loop, all on the same port, or none at all.
 *
 * exercises/S3-reuseport/README.md has the contract.
 */
#include "listeners.h"

#include <errno.h>
#include <unistd.h>

int listeners_open(const struct sockaddr *address, socklen_t length, size_t count, int ret_fds[])
{
    /*
     * TODO: open `count` sockets with SO_REUSEPORT. If the port is 0, the first one finds out which
     * port it is for all. Then think of the third of four failing: who closes what, which errno is
     * returned, and what do clients see?
     */
    (void)address;
    (void)length;
    (void)count;
    (void)ret_fds;
    return -ENOSYS;
}
