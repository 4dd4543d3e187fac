/* caught-by: the_ends_are_those_of_a_pipe */
/* Stage 3's socketpair under a new name. */
#include "wakeup.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static int open_socketpair(int *ret_read_fd, int *ret_write_fd)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) < 0) {
        return -errno;
    }
    *ret_read_fd = ends[0];
    *ret_write_fd = ends[1];
    return 0;
}

static int write_all_or_full(int fd, const void *bytes, size_t length)
{
    ssize_t n;

    do {
        n = write(fd, bytes, length);
    } while (n < 0 && errno == EINTR);
    return n >= 0 || errno == EAGAIN ? 0 : -errno;
}

static int wake_socketpair(int write_fd)
{
    return write_all_or_full(write_fd, "!", 1);
}

static void clear_socketpair(int read_fd)
{
    char bytes[64];

    while (read(read_fd, bytes, sizeof bytes) == sizeof bytes) {
    }
}

const struct wakeup pipe_wakeup = {
    .name = "pipe",
    .open = open_socketpair,
    .wake = wake_socketpair,
    .clear = clear_socketpair,
};
