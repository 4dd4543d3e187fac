/* caught-by: bytes_are_read_until_there_are_none */
/* The answer is kept in a size_t: -1 is the largest number of bytes there is, and never below 0. */
#include "read_input.h"

#include <errno.h>
#include <sys/socket.h>

struct input read_input(int fd, char *bytes, size_t capacity)
{
    struct input input = {.state = INPUT_FULL};

    while (input.length < capacity) {
        size_t n = (size_t)recv(fd, bytes + input.length, capacity - input.length, 0);

        if (n > 0) {
            input.length += n;
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
