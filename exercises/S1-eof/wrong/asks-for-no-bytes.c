/* caught-by: a_full_buffer_is_no_end */
/* Asks on when the buffer is full: for 0 bytes recv answers 0, and that looks like the end. */
#include "read_input.h"

#include <errno.h>
#include <sys/socket.h>

struct input read_input(int fd, char *bytes, size_t capacity)
{
    struct input input = {.state = INPUT_FULL};

    for (;;) {
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
