/*
 * http_service: HTTP on the connections of every loop.
 *
 * One service for the program: limits and routes. One http_loop for each reactor, by its hooks: the
 * cached date, the counters, the exchanges in use and those that wait to be used again. One
 * http_connection for each connection; it holds an exchange (parser, request, response) only while
 * a request is in progress, so an idle keep-alive connection costs a few hundred bytes.
 */
#ifndef HTTP_SERVICE_H
#define HTTP_SERVICE_H

#include "http_parser.h"
#include "reactor.h"
#include "router.h"

struct http_service {
    struct http_limits limits;
    const struct router *router;
};

/* Written by the loop's thread, readable by any. */
struct http_counters {
    struct counter requests;  /* complete ones */
    struct counter responses; /* of any status */
    struct counter errors;    /* responses of 400 and above */
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

#endif
