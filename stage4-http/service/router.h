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

/* What a handler is given beside request and response. */
struct http_context {
    void *user;              /* from router_add */
    struct reactor *reactor; /* the one that is answering */
};

/* On the connection's loop, so it must not block. */
typedef void http_handler(struct http_request *request, struct http_response *response,
                          const struct http_context *context);

int router_create(struct router **ret_router);
void router_destroy(struct router *router);

/* Borrows pattern and user. Returns 0 or -ENOMEM. */
int router_add(struct router *router, enum http_method method, const char *pattern,
               http_handler *handler, void *user);

/*
 * Finds and calls the handler for request->method and request->path, or answers 404, 405, OPTIONS.
 */
void router_dispatch(const struct router *router, struct http_request *request,
                     struct http_response *response, struct reactor *reactor);

#endif
