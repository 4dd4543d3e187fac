/* caught-by: the_ends_have_their_flags_from_the_start */
/* 'The loop reads what I write, so it never fills up.' A loop that is busy does not read. */
#include "wakeup.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { BYTES_AT_ONCE = 4096 };

static int open_pipe(int *ret_read_fd, int *ret_write_fd)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0) {
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
