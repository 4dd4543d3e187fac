/*
 * tcp_server: main reactor, acceptor and thread pool put together; start, run, end in order.
 *
 * The application is a table of connection callbacks and, if it has state per loop, hooks. Stage 3
 * gives it the echo of stage 1, stage 4 an HTTP service.
 */
#ifndef TCP_SERVER_H
#define TCP_SERVER_H

#include "server_options.h"
#include "thread_pool.h"

struct tcp_server_config {
    const char *program; /* for messages */
    const char *scheme;  /* around the address in the line that announces it: "http://" or "" */
    const char *suffix;  /* "/" or "" */
    const struct server_options *options;
    const struct selection_policy *policy;
    size_t thread_count; /* 0: everything on the main reactor */
    struct reactor_config reactor;
};

/*
 * Listens, starts the threads, announces the address, serves until SIGINT or SIGTERM, and ends in
 * order: takes what is in the accept queue, stops listening, lets every loop drain, stops the
 * loops, joins the threads. Thread: main, before any other exists. Borrows everything until it
 * returns. Returns the exit status: 0, or 1 after saying in one line what went wrong.
 */
int tcp_server_run(const struct tcp_server_config *config);

#endif
