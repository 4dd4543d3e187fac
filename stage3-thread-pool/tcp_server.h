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

/* What a stage above wants to hear about. Thread: main. Any may be NULL. */
struct server_events {
    void (*on_hangup)(void *context); /* SIGHUP: open log files anew */
    /* The server was told to end; for drain_delay_ms it goes on accepting. */
    void (*on_ending)(void *context);
    /*
     * The drain time is over: what still works on an answer should stop now. Connections are cut
     * off half a second later, so that those who wait can still be told.
     */
    void (*on_time_up)(void *context);
    void *context;
};

struct tcp_server_config {
    const char *program; /* for messages */
    const char *scheme;  /* around the address in the line that announces it: "http://" or "" */
    const char *suffix;  /* "/" or "" */
    const struct server_options *options;
    const struct selection_policy *policy;
    size_t thread_count; /* 0: everything on the main reactor */
    struct reactor_config reactor;
    /*
     * Between the signal and the end of accepting: for a load balancer, which needs a moment to
     * notice that nothing new should come here.
     */
    unsigned drain_delay_ms;
    struct server_events events;
};

/*
 * Listens, starts the threads, announces the address, serves until SIGINT or SIGTERM, and ends in
 * order: goes on accepting for the drain delay, takes what is in the accept queue, stops listening,
 * lets every loop drain, stops the loops, joins the threads. Thread: main, before any other exists.
 * Borrows everything until it returns. Returns the exit status: 0, or 1 after saying in one line
 * what went wrong.
 */
int tcp_server_run(const struct tcp_server_config *config);

#endif
