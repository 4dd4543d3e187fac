#include "framing.h"

#include "http_body.h"
#include "http_parser.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct http_limits limits = HTTP_LIMITS_DEFAULT;

static struct framing read_body(const struct http_request *request, const char *bytes,
                                size_t length, size_t head_length)
{
    struct framing framing = {.verdict = FRAMING_PARTIAL};
    struct buffer content = {0};
    struct http_body body;
    size_t used = 0;

    http_body_init(&body, request, &limits);
    switch (http_body_feed(&body, bytes + head_length, length - head_length, &content, &used)) {
    case HTTP_PARTIAL:
        break;
    case HTTP_ERROR:
        framing.verdict = FRAMING_REFUSED;
        break;
    case HTTP_COMPLETE:
        framing.verdict = FRAMING_COMPLETE;
        framing.end = head_length + used;
        framing.body_length = content.length;
        framing.body = malloc(content.length + 1);
        if (framing.body == NULL) {
            ck_abort_msg("no memory for %zu bytes", content.length);
        }
        if (content.length > 0) {
            memcpy(framing.body, buffer_data(&content), content.length);
        }
        break;
    }
    buffer_release(&content);
    return framing;
}

struct framing framing_by_us(const char *bytes, size_t length)
{
    struct http_request request;
    struct http_parser parser;

    http_parser_init(&parser, &limits, &request);
    switch (http_parser_feed(&parser, bytes, length)) {
    case HTTP_PARTIAL:
        return (struct framing){.verdict = FRAMING_PARTIAL};
    case HTTP_ERROR:
        return (struct framing){.verdict = FRAMING_REFUSED};
    case HTTP_COMPLETE:
        break;
    }
    if (request.chunked || request.content_length > 0) {
        return read_body(&request, bytes, length, parser.position);
    }
    return (struct framing){.verdict = FRAMING_COMPLETE, .end = parser.position};
}
