/*
 * channel: a descriptor, what we want to know about it, and whom to call.
 *
 * Everything in this course is a channel: the listening socket, a connection, the wakeup, a timer
 * (timerfd), signals (signalfd). That is why each stage can be added without a change to the loop.
 *
 * Embedded in its owner; the callback finds the owner with container_of. It borrows the descriptor
 * and never closes it. While it is registered with a loop it belongs to the loop's thread, and only
 * the loop writes `events`. Callbacks may be called when nothing is there (a spurious readiness):
 * they must take EAGAIN for an answer.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include "event_dispatcher.h"

struct channel {
    int fd;
    unsigned events; /* present interest: EVENT_READ, EVENT_WRITE, both or 0 */
    void (*on_read)(struct channel *channel);
    void (*on_write)(struct channel *channel); /* may be NULL if WRITE is never asked for */
};

#endif
