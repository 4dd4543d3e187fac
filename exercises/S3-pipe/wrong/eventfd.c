/* caught-by: the_ends_are_those_of_a_pipe */
/* Stage 3's eventfd: one number given twice, and no pipe. */
#include "wakeup.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int write_all_or_full(int fd, const void *bytes, size_t length)
{
    ssize_t n;

    do {
        n = write(fd, bytes, length);
    } while (n < 0 && errno == EINTR);
    return n >= 0 || errno == EAGAIN ? 0 : -errno;
}

static int open_eventfd(int *ret_read_fd, int *ret_write_fd)
{
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

    if (fd < 0) {
        return -errno;
    }
    *ret_read_fd = fd;
    *ret_write_fd = fd;
    return 0;
}

static int wake_eventfd(int write_fd)
{
    uint64_t one = 1;

    return write_all_or_full(write_fd, &one, sizeof one);
}

static void clear_eventfd(int read_fd)
{
    uint64_t value;

    ssize_t n = read(read_fd, &value, sizeof value);
    (void)n;
}

const struct wakeup pipe_wakeup = {
    .name = "pipe",
    .open = open_eventfd,
    .wake = wake_eventfd,
    .clear = clear_eventfd,
};
