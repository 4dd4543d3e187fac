/*
 * read_input: reads all that a socket has, and tells why there is no more.
 *
 * What S1-eof asks for; README.md has the contract.
 */
#ifndef READ_INPUT_H
#define READ_INPUT_H

#include <stddef.h>

enum input_state {
    INPUT_FULL,            /* the buffer is; whether there is more, nobody knows yet */
    INPUT_NOTHING_FOR_NOW, /* the peer lives, and has not sent more so far */
    INPUT_ENDED,           /* the peer will never send more; it may still read */
    INPUT_FAILED,          /* the connection is gone */
};

struct input {
    size_t length; /* bytes read into the buffer */
    enum input_state state;
    int error; /* INPUT_FAILED: a positive errno; else 0 */
};

/* Reads from `fd`, a non-blocking socket, until one of the four is certain. */
struct input read_input(int fd, char *bytes, size_t capacity);

#endif
