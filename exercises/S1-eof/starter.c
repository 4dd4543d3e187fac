/* fails-at: bytes_are_read_until_there_are_none */
/*
 * S1-eof: reads all that a socket has, and tells why there is no more.
 *
 * exercises/S1-eof/README.md has the whole contract; read_input.h the declarations.
 */
#include "read_input.h"

#include <errno.h>
#include <sys/socket.h>

struct input read_input(int fd, char *bytes, size_t capacity)
{
    struct input input = {.state = INPUT_FULL};

    /*
     * TODO: call recv until one of the four states is certain. What does each answer of recv mean:
     * more than 0, 0, and -1 with which errno?
     */
    (void)fd;
    (void)bytes;
    (void)capacity;
    return input;
}
