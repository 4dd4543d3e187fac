/* caught-by: bytes_are_read_until_there_are_none */
/*
 * Asks poll before each recv whether there is something: twice the calls, and recv would have
 * said it.
 */
#include "read_input.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

struct input read_input(int fd, char *bytes, size_t capacity)
{
    struct input input = {.state = INPUT_FULL};

    /* The loop ends before it would ask for 0 bytes: the answer 0 would look like the end. */
    while (input.length < capacity) {
        struct pollfd wanted = {.fd = fd, .events = POLLIN};
        if (poll(&wanted, 1, 0) == 0) {
            input.state = INPUT_NOTHING_FOR_NOW;
            break;
        }
        /* Signed: a size_t would turn -1 into the largest number of bytes there is. */
        ssize_t n = recv(fd, bytes + input.length, capacity - input.length, 0);

        if (n > 0) {
            input.length += (size_t)n;
        } else if (n == 0) {
            input.state = INPUT_ENDED;
            break;
        } else if (errno == EAGAIN) {
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
