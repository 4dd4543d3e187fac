/*
 * acceptor: the channel of a listening socket; hands out accepted descriptors.
 *
 * Embedded in the server, on the thread of its loop. When descriptors or memory run out (EMFILE,
 * ENFILE, ENOBUFS, ENOMEM) the connection stays in the kernel's queue and the socket stays
 * readable: a naive server spins. This one turns its interest off and tries again after 100 ms, by
 * a timer whose descriptor it has from the start.
 */
#ifndef ACCEPTOR_H
#define ACCEPTOR_H

#include "timer.h"

struct acceptor;

struct acceptor_callbacks {
    /* A new connection. The callee owns fd: it adopts or closes it. */
    void (*on_connection)(struct acceptor *acceptor, int fd);
    /*
     * Accepting pauses (error: why, positive) or, with error 0, goes on. Called on a change only.
     */
    void (*on_pause)(struct acceptor *acceptor, int error);
};

struct acceptor {
    struct channel channel;
    struct timer retry;
    struct event_loop *loop;
    const struct acceptor_callbacks *callbacks;
    unsigned failures; /* of accept, one after the other */
    bool paused;
};

/* Owns listen_fd if it succeeds. Returns 0 or -errno. */
int acceptor_init(struct acceptor *acceptor, struct event_loop *loop, int listen_fd,
                  const struct acceptor_callbacks *callbacks);

/*
 * Accepts what is in the kernel's queue, so that nobody who got through is turned away, and closes
 * the listening socket. To be called once, not from inside on_connection; it is also how an
 * acceptor ends.
 */
void acceptor_finish(struct acceptor *acceptor);

#endif
