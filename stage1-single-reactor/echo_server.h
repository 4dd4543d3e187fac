/*
 * echo_server: everything of one reactor put together. Acceptor, signals and connections are
 * channels of one loop, on one thread. Stage 2 runs this very function with another dispatcher.
 */
#ifndef ECHO_SERVER_H
#define ECHO_SERVER_H

#include "event_dispatcher.h"
#include "server_options.h"

/*
 * Listens, announces the address, serves until SIGINT or SIGTERM, ends in order. Thread: main.
 * Returns the exit status: 0, or 1 after saying in one line what went wrong.
 */
int echo_server_run(const char *program, const struct event_dispatcher *dispatcher,
                    const struct server_options *options);

#endif
