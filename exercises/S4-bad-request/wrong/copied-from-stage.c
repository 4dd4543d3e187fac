/* caught-by: what_was_understood_keeps_the_connection */
/* The stage's parser: an unknown method is an error like the others there, and ends the connection. */
#include "verdict.h"

#include "http_parser.h"

struct verdict judge_head(const char *bytes, size_t length)
{
    static const struct http_limits limits = {
        .request_line = LINE_MOST, .head = HEAD_MOST, .fields = FIELDS_MOST, .body = 0};
    struct http_request request;
    struct http_parser parser;

    http_parser_init(&parser, &limits, &request);
    request.head = bytes;
    switch (http_parser_feed(&parser, bytes, length)) {
    case HTTP_PARTIAL:
        return (struct verdict){.status = 0};
    case HTTP_ERROR:
        return (struct verdict){parser.error_status, length, true};
    case HTTP_COMPLETE:
        break;
    }
    if (request.chunked || request.has_content_length) {
        return (struct verdict){413, length, true};
    }
    if (request.method != HTTP_GET && request.method != HTTP_HEAD) {
        return (struct verdict){405, parser.position, false};
    }
    bool found = http_span_equals(http_request_text(&request, request.target), "/hello");
    return (struct verdict){found ? 200 : 404, parser.position, false};
}
