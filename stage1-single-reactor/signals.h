/*
 * signals: SIGINT, SIGTERM and SIGHUP as a channel, by signalfd(2).
 *
 * A signal handler may call almost nothing (signal-safety(7)); a channel's callback may call
 * anything. The price: signals_block has to run before any thread exists, since threads inherit the
 * mask, and Ctrl-C in gdb ends the server instead of stopping it (attach with gdb -p).
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include "event_loop.h"

struct signals {
    struct channel channel;
    struct event_loop *loop;
    void (*on_signal)(struct signals *signals, int number);
};

/*
 * Blocks the three, ignores SIGPIPE (sendfile has no MSG_NOSIGNAL). Thread: main, before any other.
 */
void signals_block(void);

/* Returns 0 or -errno. */
int signals_init(struct signals *signals, struct event_loop *loop,
                 void (*on_signal)(struct signals *signals, int number));
void signals_release(struct signals *signals);

/*
 * Undoes signals_block, for the end: when nobody watches any more, a signal must still be able to
 * end the process. Thread: main.
 */
void signals_unblock(void);

#endif
