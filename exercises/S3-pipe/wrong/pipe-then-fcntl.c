/* caught-by: the_ends_have_their_flags_from_the_start */
/* pipe() as in the books, and the flags afterwards: a child that starts in between has the ends. */
#include "wakeup.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { BYTES_AT_ONCE = 4096 };

static int open_pipe(int *ret_read_fd, int *ret_write_fd)
{
    int ends[2];

    if (pipe(ends) < 0) {
        return -errno;
    }
    for (int i = 0; i < 2; i++) {
        if (fcntl(ends[i], F_SETFL, O_NONBLOCK) < 0 || fcntl(ends[i], F_SETFD, FD_CLOEXEC) < 0) {
            int result = -errno;
            close(ends[0]);
            close(ends[1]);
            return result;
        }
    }
    *ret_read_fd = ends[0];
    *ret_write_fd = ends[1];
    return 0;
}

static int wake_pipe(int write_fd)
{
    ssize_t n;

    do {
        n = write(write_fd, "", 1);
    } while (n < 0 && errno == EINTR);
    return n >= 0 || errno == EAGAIN ? 0 : -errno;
}

static void clear_pipe(int read_fd)
{
    char bytes[BYTES_AT_ONCE];
    ssize_t n;

    do {
        n = read(read_fd, bytes, sizeof bytes);
    } while (n > 0 || (n < 0 && errno == EINTR));
}

const struct wakeup pipe_wakeup = {
    .name = "pipe",
    .open = open_pipe,
    .wake = wake_pipe,
    .clear = clear_pipe,
};
