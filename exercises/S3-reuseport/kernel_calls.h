/*
 * kernel_calls: stands between the answer and the kernel.
 *
 * The calls that make and end a socket are functions of this file. They are passed on, but noted,
 * and one of them can be made to fail. Only what happens between watch_begin and watch_end counts.
 */
#ifndef KERNEL_CALLS_H
#define KERNEL_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum call { CALL_SOCKET, CALL_SETSOCKOPT, CALL_BIND, CALL_GETSOCKNAME, CALL_LISTEN, CALL_KINDS };

enum { MOST_CALLS = 2048 };

extern const char *const call_names[CALL_KINDS];

struct seen {
    size_t counts[CALL_KINDS]; /* of setsockopt, only SO_REUSEPORT */
    size_t total;
    enum call calls[MOST_CALLS]; /* in order */
    bool failed;                 /* the call that was to fail came, and failed */
    bool born_bare;              /* a socket without SOCK_NONBLOCK or SOCK_CLOEXEC */
    int smallest_backlog;
    int wrong_close; /* how often something was closed that was not open, or not the answer's */
    size_t open;     /* sockets that were opened and not closed */
};

/* Before watch_begin: the n-th call (from 1 on) of this kind is to fail with this errno. */
void fail_call(enum call kind, size_t nth, int error);

/* Before watch_begin: IPv6 sockets are pretended, also where the machine has none. */
void pretend_ipv6(void);

void watch_begin(void);

/* What was seen; and everything is as usual again. */
const struct seen *watch_end(void);

/* How many descriptors this process has open. */
size_t count_open(void);

#endif
