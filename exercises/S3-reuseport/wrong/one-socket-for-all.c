/* caught-by: each_is_a_socket_of_its_own */
/* One listening socket under several numbers: one queue, for which all loops wake up. */
#include "listeners.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Returns a listening socket, or -errno. */
static int open_one(const struct sockaddr *address, socklen_t length)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;

    if (fd < 0) {
        return -errno;
    }
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0 &&
        bind(fd, address, length) == 0 && listen(fd, SOMAXCONN) == 0) {
        return fd;
    }
    int error = errno;
    close(fd);
    return -error;
}

int listeners_open(const struct sockaddr *address, socklen_t length, size_t count, int ret_fds[])
{
    int fds[LISTENERS_MOST];

    if (count == 0 || count > LISTENERS_MOST) {
        return -EINVAL;
    }
    fds[0] = open_one(address, length);
    if (fds[0] < 0) {
        return fds[0];
    }
    for (size_t i = 1; i < count; i++) {
        fds[i] = fcntl(fds[0], F_DUPFD_CLOEXEC, 0);
        if (fds[i] < 0) {
            int error = errno;
            while (i > 0) {
                close(fds[--i]);
            }
            return -error;
        }
    }
    for (size_t i = 0; i < count; i++) {
        ret_fds[i] = fds[i];
    }
    return 0;
}
