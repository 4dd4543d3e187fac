/* caught-by: other_errors_are_failures */
/*
 * Takes every error that might pass for nothing for now: the connection is broken, and nobody is
 * told.
 */
#include "read_input.h"

#include <errno.h>
#include <sys/socket.h>

struct input read_input(int fd, char *bytes, size_t capacity)
{
    struct input input = {.state = INPUT_FULL};

    /* The loop ends before it would ask for 0 bytes: the answer 0 would look like the end. */
    while (input.length < capacity) {
        /* Signed: a size_t would turn -1 into the largest number of bytes there is. */
        ssize_t n = recv(fd, bytes + input.length, capacity - input.length, 0);

        if (n > 0) {
            input.length += (size_t)n;
        } else if (n == 0) {
            input.state = INPUT_ENDED;
            break;
        } else if (errno == EAGAIN || errno == ENOMEM || errno == ENOBUFS || errno == EINPROGRESS) {
            input.state = INPUT_NOTHING_FOR_NOW;
            break;
        } else if (errno != EINTR) {
            input.state = INPUT_FAILED;
            input.error = errno;
            break;
        }
    }
    return input;
}
