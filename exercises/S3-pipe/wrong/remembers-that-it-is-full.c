/* caught-by: a_new_pair_does_not_know_who_had_its_numbers */
/* Notes which pipe is full, to save the write; the ends have numbers that follow each other. */
#include "wakeup.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
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

enum { MOST = 1024 };

static atomic_bool full[MOST]; /* by the number of the reading end */

static int wake_pipe(int write_fd)
{
    ssize_t n;

    if (write_fd > 0 && write_fd <= MOST && full[write_fd - 1]) {
        return 0;
    }
    do {
        n = write(write_fd, "", 1);
    } while (n < 0 && errno == EINTR);
    /* EAGAIN: the pipe is full of bytes that say what this one would have said. */
    if (n < 0 && errno == EAGAIN) {
        full[write_fd - 1] = true;
        return 0;
    }
    return n >= 0 ? 0 : -errno;
}

/* Only EAGAIN says that it is empty, and 0 that nobody can write any more; a short read does not. */
static void clear_pipe(int read_fd)
{
    char bytes[BYTES_AT_ONCE];
    ssize_t n;

    if (read_fd < MOST) {
        full[read_fd] = false;
    }
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
