/*
 * http_body: where a request's body ends, and what is in it (RFC 9112, 6 and 7).
 *
 * Fed with whatever comes after the head, in any pieces; appends the content to a buffer and says
 * how many bytes it used. Chunk extensions and trailers are checked, bounded together, and dropped.
 */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include "buffer.h"
#include "http_parser.h"

struct http_body {
    uint64_t left;          /* bytes of content to come, in this chunk or in all */
    uint64_t limit;         /* for the content as a whole */
    uint64_t overhead_left; /* bytes of framing that may still come */
    unsigned phase;         /* private to http_body.c */
    int error_status;       /* after HTTP_ERROR: what to answer */
};

/* For a request whose head is complete and which has a body. */
void http_body_init(struct http_body *body, const struct http_request *request,
                    const struct http_limits *limits);

/*
 * *ret_used: how many of the bytes belong to this request. HTTP_ERROR: 400, 413, or 500 (no
 * memory).
 */
enum http_progress http_body_feed(struct http_body *body, const char *bytes, size_t length,
                                  struct buffer *content, size_t *ret_used);

#endif
