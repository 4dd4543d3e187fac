/* caught-by: bytes_are_read_until_there_are_none */
/* Whatever is not more than 0 ends the input: a client that pauses is thrown out. */
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
        } else {
            input.state = INPUT_ENDED;
            break;
        }
    }
    return input;
}
