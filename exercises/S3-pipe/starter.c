/* fails-at: the_ends_are_those_of_a_pipe */
/*
 * S3-pipe: a third way to wake a loop, for ./lab run S3-pipe --wakeup=pipe.
 *
 * exercises/S3-pipe/README.md has the whole contract.
 */
#include "wakeup.h"

#include <errno.h>
#include <unistd.h>

static int open_pipe(int *ret_read_fd, int *ret_write_fd)
{
    /* TODO: make the pipe. Which of the two is the end to read from? And what if there is none? */
    *ret_read_fd = -1;
    *ret_write_fd = -1;
    return 0;
}

static int wake_pipe(int write_fd)
{
    /* TODO: write a byte. What may write(2) return but 1, and which of it is a failure? */
    (void)write_fd;
    return 0;
}

static void clear_pipe(int read_fd)
{
    /* TODO: read until nothing is left. How do you know? */
    (void)read_fd;
}

const struct wakeup pipe_wakeup = {
    .name = "pipe",
    .open = open_pipe,
    .wake = wake_pipe,
    .clear = clear_pipe,
};
