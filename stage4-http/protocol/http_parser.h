/*
 * http_parser: the head of a request, byte by byte or all at once.
 *
 * Feed it all bytes from the request's first one on; it remembers how far it has looked and looks
 * at no byte twice. Any split gives the same result. It follows the grammar of RFC 9112 and nothing
 * looser: where two parsers could read the same bytes differently, an attacker puts one in front of
 * the other.
 */
#ifndef HTTP_PARSER_H
#define HTTP_PARSER_H

#include "http_request.h"

struct http_limits {
    size_t request_line; /* bytes, without the line end; beyond: 414 */
    size_t head;         /* bytes of request line and fields, line ends included; beyond: 431 */
    size_t fields;       /* how many, at most HTTP_MAX_FIELDS; beyond: 431 */
    size_t body;         /* bytes; beyond: 413 */
};

/* clang-format off */
#define HTTP_LIMITS_DEFAULT \
    {.request_line = 8192, .head = 32768, .fields = 100, .body = 1024 * 1024}
/* clang-format on */

enum http_progress { HTTP_PARTIAL, HTTP_COMPLETE, HTTP_ERROR };

struct http_parser {
    const struct http_limits *limits;
    struct http_request *request;
    size_t position;   /* bytes looked at; when complete, the length of the head */
    size_t line_start; /* of the line in progress */
    enum { HTTP_BEFORE_REQUEST, HTTP_REQUEST_LINE, HTTP_FIELDS } phase;
    unsigned host_count;
    bool seen_transfer_encoding;
    bool wants_close;
    bool wants_keep_alive;
    int error_status; /* after HTTP_ERROR: what to answer */
};

/* Borrows both. */
void http_parser_init(struct http_parser *parser, const struct http_limits *limits,
                      struct http_request *request);

/*
 * `bytes` starts with the request's first byte, at every call. After HTTP_COMPLETE and HTTP_ERROR
 * the parser must be initialised anew. After HTTP_ERROR nothing more on that connection may be
 * parsed.
 */
enum http_progress http_parser_feed(struct http_parser *parser, const char *bytes, size_t length);

#endif
