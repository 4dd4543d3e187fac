/*
 * http_service: HTTP on the connections of every loop.
 *
 * One service for the program: limits, routes, workers, access log. One http_loop for each reactor,
 * by its hooks: what its connections share. One http_connection for each connection; it holds an
 * exchange (parser, request, response) only while a request is in progress, so an idle keep-alive
 * connection costs a few hundred bytes.
 */
#ifndef HTTP_SERVICE_H
#define HTTP_SERVICE_H

#include "http_parser.h"
#include "reactor.h"
#include "router.h"
#include "timer_wheel.h"

struct access_log;

/*
 * How long a connection is waited for. In milliseconds and bytes a second; no time can be turned
 * off, for each is the only defence against one kind of client. A rate of 0 asks for any progress.
 */
struct http_patience {
    unsigned header_ms; /* from a request's first byte to its head's last; beyond: 408 */
    unsigned idle_ms;   /* between two requests; beyond: the connection is closed */
    /*
     * While a body comes, or output waits for the client, at least one byte must move in each
     * stretch of this length, and at least as many as the two rates make of it. Beyond: 408 for a
     * body, and a client that does not read is cut off.
     */
    unsigned stall_ms;
    unsigned min_body_rate;
    unsigned min_read_rate;
};

/* clang-format off */
#define HTTP_PATIENCE_DEFAULT \
    {.header_ms = 10000, .idle_ms = 60000, .stall_ms = 10000, \
     .min_body_rate = 256, .min_read_rate = 256}
/* clang-format on */

struct http_service {
    struct http_limits limits;
    struct http_patience patience;
    size_t max_requests;         /* on one connection; the last answer says close */
    size_t max_connections;      /* beyond: 503 and close */
    const struct router *router; /* borrowed, like the next two */
    struct worker_pool *workers; /* outlives the loops; NULL: blocking handlers answer 503 */
    struct access_log *log;      /* NULL: none */
    atomic_bool ending;          /* /healthz says so, and every answer says close */
    atomic_size_t connections;   /* that are served */
    atomic_size_t turned_away;   /* that are told 503, and not gone yet: at most max_connections */
};

/* Written by the loop's thread, readable by any. */
struct http_counters {
    struct counter requests;  /* complete ones */
    struct counter responses; /* of any status */
    struct counter errors;    /* responses of 400 and above */
    struct counter timeouts;  /* clients that took too long; not the end of an idle wait */
};

/* For tcp_server_config: what HTTP needs of every reactor. `service` is borrowed. */
struct loop_hooks http_service_hooks(struct http_service *service);
extern const struct tcp_connection_callbacks http_callbacks;

/*
 * As much unparsed input as a connection may keep: a whole head, and what is pipelined behind it.
 */
struct connection_limits http_connection_limits(const struct http_service *service);

/* Thread: any, once the reactor's hooks have run. */
const struct http_counters *http_service_counters(const struct reactor *reactor);

/* For handlers and sources. Thread: the reactor's. Time limits of their own, on its timer wheel. */
void http_service_start_timer(struct reactor *reactor, struct timer_wheel_entry *entry,
                              unsigned delay_ms);
void http_service_stop_timer(struct reactor *reactor, struct timer_wheel_entry *entry);

#endif
