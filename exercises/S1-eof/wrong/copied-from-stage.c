/* caught-by: bytes_are_read_until_there_are_none */
/* One recv a turn, as the connection of stage 1 does: right with poll, which asks again. */
#include "read_input.h"

#include <errno.h>
#include <sys/socket.h>

struct input read_input(int fd, char *bytes, size_t capacity)
{
    struct input input = {.state = INPUT_FULL};

    ssize_t n = capacity > 0 ? recv(fd, bytes, capacity, 0) : 1;

    if (capacity == 0) {
        return input;
    }
    if (n > 0) {
        input.length = (size_t)n;
        input.state = input.length == capacity ? INPUT_FULL : INPUT_NOTHING_FOR_NOW;
    } else if (n == 0) {
        input.state = INPUT_ENDED;
    } else if (errno != EAGAIN && errno != EINTR) {
        input.state = INPUT_FAILED;
        input.error = errno;
    } else {
        input.state = INPUT_NOTHING_FOR_NOW;
    }
    return input;
}
