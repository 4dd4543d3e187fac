/* caught-by: errno_counts_only_after_minus_one */
/* Looks at errno after any answer that brings no bytes, also after 0, which does not set it. */
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
        } else if (errno == EAGAIN) {
            input.state = INPUT_NOTHING_FOR_NOW;
            break;
        } else if (n == 0) {
            input.state = INPUT_ENDED;
            break;
        } else if (errno != EINTR) {
            input.state = INPUT_FAILED;
            input.error = errno;
            break;
        }
    }
    return input;
}
