/*
 * check_kernel: the kernel of one connection, played by the grader.
 *
 * recv and send (and read, write) of kernel.fd are answered here, and the dispatcher of the event
 * loop as well. Whenever the loop is about to wait, it is known how many bytes the answer holds,
 * and so which interest is right: that is judged in every turn of every check. Other descriptors
 * go to the real kernel.
 */
#ifndef CHECK_KERNEL_H
#define CHECK_KERNEL_H

#include "event_dispatcher.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HIGH = 10000, LOW = 2000 };

/* All zero is a connection on which nothing has happened; -1 for fd: none. */
struct kernel {
    int fd;
    size_t arrived; /* bytes that recv can give */
    size_t window;  /* bytes that send takes */
    bool end;       /* behind the arrived bytes */
    bool spurious;  /* readable is reported once, though nothing is there */
    int recv_error; /* an errno; EINTR comes once */
    int send_error;
    uint64_t in; /* bytes that recv has given, and that send has taken */
    uint64_t out;
    bool registered;
    unsigned interest;
    unsigned reported; /* by the last wait */
    bool congested;    /* as the contract defines it */
    size_t most;       /* the most and the fewest bytes that have waited since the last wait */
    size_t fewest;
    bool interrupted; /* the last send */
    bool end_seen;
    int error_seen;
    unsigned turns;
    int refusal; /* what add returns */
    int ends;    /* calls of on_end, and the error of the last */
    int error;
};
extern struct kernel kernel;

/* Where it would sleep, event_loop_run returns with -ECANCELED. */
extern const struct event_dispatcher kernel_dispatcher;

/* How many bytes the answer holds: recv has given them, send has not taken them. */
size_t kernel_waiting(void);

#endif
