/* caught-by: bytes_are_read_until_there_are_none */
/* Goes on until the buffer is full or the peer ends: the whole loop waits for one client. */
#include "read_input.h"

#include <errno.h>
#include <sys/socket.h>

struct input read_input(int fd, char *bytes, size_t capacity)
{
    struct input input = {.state = INPUT_FULL};

    while (input.length < capacity) {
        ssize_t n = recv(fd, bytes + input.length, capacity - input.length, 0);

        if (n > 0) {
            input.length += (size_t)n;
        } else if (n == 0) {
            input.state = INPUT_ENDED;
            break;
        } else if (errno != EINTR && errno != EAGAIN) {
            input.state = INPUT_FAILED;
            input.error = errno;
            break;
        }
    }
    return input;
}
