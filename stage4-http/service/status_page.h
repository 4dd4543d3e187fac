/* status_page: GET /status, the counters of every loop as JSON. */
#ifndef STATUS_PAGE_H
#define STATUS_PAGE_H

#include "router.h"

struct http_service;

/* What does not change while the server runs; the user of the handler. Borrowed. */
struct status_page {
    const struct http_service *service;
    const char *program;
    const char *dispatcher;
    const char *wakeup;
    const char *policy;
    long threads;
};

/*
 * The first loop listed is the main reactor, which accepts; the sub-reactors follow in their order.
 * "answered_by" is the index, in that list, of the loop that served this very request.
 */
void status_page_handler(struct http_request *request, struct http_response *response,
                         const struct http_context *context);

#endif
