/* site: the routes of the shipped server. */
#ifndef SITE_H
#define SITE_H

#include "http_service.h"
#include "static_files.h"
#include "status_page.h"

/*
 * Adds all of these:
 *
 *     GET  /hello           "Hello, world!\n"
 *     POST /echo            the request's body
 *     GET  /headers         the request's fields, one a line; POST as well
 *     GET  /cookies         the pairs of its Cookie fields, one a line
 *     GET  /slow?ms=N       answers after N milliseconds, on a worker
 *     GET  /stream?n=N      see stream_page.h
 *     GET  /healthz         200, and 503 once the server was told to end
 *     GET  /status          see status_page.h
 *     GET  / and below      the files of `files`, or without any (NULL) the course's own page at /
 *
 * Borrows all. Returns 0 or -ENOMEM.
 */
int site_add_routes(struct router *router, struct http_service *service, struct status_page *status,
                    struct static_files *files);

#endif
