/*
 * check_kernel: how the answer waits.
 *
 * ppoll and the other calls that wait are defined in check_kernel.c. They note what they were given
 * and ask the real kernel, unless the check has put down an answer for the next ppoll.
 */
#ifndef CHECK_KERNEL_H
#define CHECK_KERNEL_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum { KERNEL_MOST_POLLED = 4096 };

extern struct kernel_seen {
    int ppolls;
    const char *other; /* the name of another call that waited; NULL: none */

    /* Of the last ppoll. */
    struct pollfd polled[KERNEL_MOST_POLLED];
    size_t count;
    bool has_timeout;
    struct timespec timeout;
    bool has_mask;
    sigset_t mask;
    bool interrupted; /* it ended by EINTR */
} kernel_seen;

/* The next ppoll does not wait: it says that nobody is ready, or fails with the errno. */
void kernel_answer(int error);

#endif
