/* stream_page: GET /stream?n=N&ms=M, a body that is made while it is sent. */
#ifndef STREAM_PAGE_H
#define STREAM_PAGE_H

#include "router.h"

/*
 * N lines (10), each a chunk of its own; with M, one every M milliseconds. However large N is, the
 * server holds a few kilobytes of it at a time.
 */
void stream_page_handler(struct http_request *request, struct http_response *response,
                         const struct http_context *context);

#endif
