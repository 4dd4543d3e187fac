/*
 * patient_echo: a connection that sends back what it gets, as fast as the peer takes it.
 *
 * What S1-backpressure asks for; README.md has the contract. On the thread of its loop.
 */
#ifndef PATIENT_ECHO_H
#define PATIENT_ECHO_H

#include "event_loop.h"

#include <stddef.h>

/* One recv may ask for so many bytes. */
enum { PATIENT_ECHO_READ_MOST = 4096 };

/* In bytes that were received and not yet taken by the kernel; low is less than high. */
struct pressure_limits {
    size_t high; /* above this, reading stops, */
    size_t low;  /* and at this or less it goes on */
};

struct patient_echo;

/*
 * Watches fd, a non-blocking stream socket, with a channel of its own. `fd` is borrowed, `limits`
 * are copied. on_end is called once, with 0 or a positive errno, when the connection is at its end.
 * Returns 0, -ENOMEM or what the loop said.
 */
int patient_echo_create(struct event_loop *loop, int fd, const struct pressure_limits *limits,
                        void (*on_end)(void *context, int error), void *context,
                        struct patient_echo **ret_echo);

/* Before or after on_end, not from inside a callback. Does not close fd. NULL is allowed. */
void patient_echo_destroy(struct patient_echo *echo);

#endif
