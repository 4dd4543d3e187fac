/*
 * router: from method and path to a handler.
 *
 * Routes are tried in the order in which they were added. A pattern is matched segment by segment:
 *
 *     /hello        this path and no other
 *     /users/:id    any one segment that is not empty; the handler finds it as parameter "id"
 *     / *           (without the space) the rest, whatever it is: for files
 *
 * A path that some route has but not with this method is 405 with an Allow field (RFC 9110,
 * 15.5.6), one that none has is 404. HEAD goes to the handler of GET; OPTIONS is answered here.
 *
 * Filled by main before the loops start, then only read, by any thread.
 */
#ifndef ROUTER_H
#define ROUTER_H

#include "http_request.h"
#include "http_response.h"

struct reactor;
struct router;
struct worker_job;
struct worker_pool;

/* What a handler is given beside request and response. */
struct http_context {
    void *user;              /* the route's */
    struct reactor *reactor; /* the one that is answering; NULL on a worker */
    void **local; /* what the route keeps on this loop, at first NULL; NULL on a worker */
    /* Of a blocking handler, for worker_pause and worker_cancelled; else NULL: */
    struct worker_pool *workers;
    const struct worker_job *job;
};

/* On the connection's loop, so it must not block; that of a blocking route, on a worker. */
typedef void http_handler(struct http_request *request, struct http_response *response,
                          const struct http_context *context);

struct http_route {
    enum http_method method;
    const char *pattern;
    http_handler *handler;
    void *user;
    bool blocking; /* the handler runs on a worker, with a copy of the request */
    /* Frees what the handler has left in context->local, when the loop ends; NULL: nothing. */
    void (*release_local)(void *local);
};

int router_create(struct router **ret_router);
void router_destroy(struct router *router);

/* Copies the route; borrows what it points at. Returns 0 or -ENOMEM. */
int router_add(struct router *router, const struct http_route *route);

/*
 * Finds the route for request->method and request->path; leaves the pattern's parameters in the
 * request. Returns NULL after answering 404, 405, 501 or OPTIONS itself.
 */
const struct http_route *router_find(const struct router *router, struct http_request *request,
                                     struct http_response *response);

/* Routes have numbers from 0 on, in the order in which they were added. */
size_t router_count(const struct router *router);
const struct http_route *router_route(const struct router *router, size_t number);
size_t router_number(const struct router *router, const struct http_route *route);

#endif
