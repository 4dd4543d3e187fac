/* caught-by: all_listen_on_the_port_that_was_found */
/* The stages' net_listen, once for each loop: nothing in it lets two sockets share a port. */
#include "listeners.h"

#include "net.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

int listeners_open(const struct sockaddr *address, socklen_t length, size_t count, int ret_fds[])
{
    struct sockaddr_in bound;
    socklen_t size = sizeof bound;
    int fds[LISTENERS_MOST];

    if (count == 0 || count > LISTENERS_MOST || length < sizeof bound) {
        return -EINVAL;
    }
    memcpy(&bound, address, sizeof bound);
    for (size_t i = 0; i < count; i++) {
        fds[i] = net_listen("127.0.0.1", ntohs(bound.sin_port));
        if (fds[i] < 0) {
            int error = fds[i];
            while (i > 0) {
                close(fds[--i]);
            }
            return error;
        }
        getsockname(fds[i], (struct sockaddr *)&bound, &size);
    }
    memcpy(ret_fds, fds, count * sizeof fds[0]);
    return 0;
}
