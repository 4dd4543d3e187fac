/* caught-by: two_loops_clear_at_the_same_time, under thread */
/* Nobody looks at the bytes, so that one place for them will do for all loops. */
#include "wakeup.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { BYTES_AT_ONCE = 4096 };

/* The flags come with the ends: a fork and exec in another thread must find no end without them. */
static int open_pipe(int *ret_read_fd, int *ret_write_fd)
{
    int ends[2];

    if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0) {
        return -errno;
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
    /* EAGAIN: the pipe is full of bytes that say what this one would have said. */
    return n >= 0 || errno == EAGAIN ? 0 : -errno;
}

/* Only EAGAIN says that it is empty, and 0 that nobody can write any more; a short read does not. */
static void clear_pipe(int read_fd)
{
    static char bytes[BYTES_AT_ONCE];
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
