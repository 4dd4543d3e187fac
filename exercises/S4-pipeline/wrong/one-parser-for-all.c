/* caught-by: two_connections_have_nothing_in_common */
/* Only one connection is served at a time, so one parser is enough. */
#include "pipeline.h"

static struct http_parser parser;

static void refuse(struct pipeline *pipeline, int status)
{
    pipeline->ended = true;
    pipeline->on_refused(pipeline, status);
}

/* Returns whether the head is complete and good. It is looked at once, in whatever pieces. */
static bool find_head(struct pipeline *pipeline, const char *bytes, size_t length)
{
    if (pipeline->has_head) {
        return true;
    }
    if (!pipeline->started) {
        http_parser_init(&parser, pipeline->limits, &pipeline->request);
        pipeline->started = true;
    }
    switch (http_parser_feed(&parser, bytes, length)) {
    case HTTP_PARTIAL:
        return false;
    case HTTP_ERROR:
        refuse(pipeline, parser.error_status);
        return false;
    case HTTP_COMPLETE:
        break;
    }
    if (pipeline->request.chunked) {
        refuse(pipeline, 411);
        return false;
    }
    pipeline->has_head = true;
    return true;
}

/* Returns the length of the request that the bytes begin with, or 0 if it is not there. */
static size_t take_request(struct pipeline *pipeline, const char *bytes, size_t length)
{
    struct http_request *request = &pipeline->request;

    if (!find_head(pipeline, bytes, length)) {
        return 0;
    }
    size_t head = parser.position;
    if (length - head < request->content_length) {
        return 0;
    }
    /* Only now: while it was incomplete, the bytes may have moved. */
    request->head = bytes;
    request->body = (struct http_span){bytes + head, (size_t)request->content_length};
    pipeline->started = false;
    pipeline->has_head = false;
    pipeline->ended = !request->keep_alive;
    pipeline->on_request(pipeline, request);
    return head + (size_t)request->content_length;
}

size_t pipeline_bytes(struct pipeline *pipeline, const char *bytes, size_t length)
{
    size_t used = 0;
    size_t taken = 1;

    while (taken > 0 && used < length && !pipeline->busy && !pipeline->ended) {
        taken = take_request(pipeline, bytes + used, length - used);
        used += taken;
    }
    return pipeline->ended ? length : used;
}
