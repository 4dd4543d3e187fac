/* caught-by: all_requests_of_one_read_are_handled */
/*
 * The stage's steps: it stops after 128 of them, because somebody will call it again; here nobody
 * does. And it uses a head before its body is there.
 */
#include "pipeline.h"

#include "http_body.h"

enum { STEPS_A_TURN = 128 };

static struct http_body body;
static struct buffer content;

static void dispatch(struct pipeline *pipeline)
{
    pipeline->started = false;
    pipeline->has_head = false;
    pipeline->ended = !pipeline->request.keep_alive;
    pipeline->on_request(pipeline, &pipeline->request);
    buffer_clear(&content, 0);
}

static bool step_head(struct pipeline *pipeline, const char *bytes, size_t length, size_t *used)
{
    struct http_request *request = &pipeline->request;

    if (!pipeline->started) {
        http_parser_init(&pipeline->parser, pipeline->limits, request);
        pipeline->started = true;
    }
    request->head = bytes + *used;
    switch (http_parser_feed(&pipeline->parser, bytes + *used, length - *used)) {
    case HTTP_PARTIAL:
        return false;
    case HTTP_ERROR:
        pipeline->ended = true;
        pipeline->on_refused(pipeline, pipeline->parser.error_status);
        return false;
    case HTTP_COMPLETE:
        break;
    }
    *used += pipeline->parser.position;
    size_t rest = length - *used;
    if (!request->chunked && request->content_length <= rest) {
        request->body = (struct http_span){bytes + *used, (size_t)request->content_length};
        *used += (size_t)request->content_length;
        dispatch(pipeline);
        return true;
    }
    http_body_init(&body, request, pipeline->limits);
    pipeline->has_head = true;
    return true;
}

static bool step_body(struct pipeline *pipeline, const char *bytes, size_t length, size_t *used)
{
    size_t taken = 0;
    enum http_progress progress =
        http_body_feed(&body, bytes + *used, length - *used, &content, &taken);

    *used += taken;
    if (progress == HTTP_ERROR) {
        pipeline->ended = true;
        pipeline->on_refused(pipeline, body.error_status);
    } else if (progress == HTTP_COMPLETE) {
        pipeline->request.body = (struct http_span){buffer_data(&content), content.length};
        dispatch(pipeline);
    }
    return true;
}

static bool step(struct pipeline *pipeline, const char *bytes, size_t length, size_t *used)
{
    return pipeline->has_head ? step_body(pipeline, bytes, length, used)
                              : step_head(pipeline, bytes, length, used);
}

size_t pipeline_bytes(struct pipeline *pipeline, const char *bytes, size_t length)
{
    size_t used = 0;
    int steps = 0;

    while (used < length && steps < STEPS_A_TURN && !pipeline->busy && !pipeline->ended &&
           step(pipeline, bytes, length, &used)) {
        steps++;
    }
    return pipeline->ended ? length : used;
}
