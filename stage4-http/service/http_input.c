/* From bytes to requests, and from requests to handlers: what on_bytes does. */
#include "http_connection.h"

#include "http_path.h"
#include "log.h"
#include "tcp_connection.h"

static void call_handler(struct http_connection *http)
{
    struct http_loop *loop = http->loop;
    struct http_exchange *exchange = http->exchange;
    const struct http_route *route =
        router_find(loop->service->router, &exchange->request, &exchange->response);

    if (route != NULL && route->blocking) {
        if (http_offload(http, route) == 0) {
            http_connection_enter(http, WORKING);
            return;
        }
        http_response_error(&exchange->response, 503);
    } else if (route != NULL) {
        const struct http_context context = {
            .user = route->user,
            .reactor = loop->reactor,
            .local = &loop->locals[router_number(loop->service->router, route)],
        };
        route->handler(&exchange->request, &exchange->response, &context);
    }
    http_connection_answer(http);
}

/* Whether the path can be decoded; else the response says what is wrong with it. */
static bool decode_path(struct http_exchange *exchange)
{
    struct http_request *request = &exchange->request;
    int status =
        http_path_decode(http_request_text(request, request->target_path), &exchange->path);

    if (status != 0) {
        http_response_error(&exchange->response, status);
        return false;
    }
    request->path = (struct http_span){buffer_data(&exchange->path), exchange->path.length};
    return true;
}

static void dispatch(struct http_connection *http)
{
    struct http_exchange *exchange = http->exchange;
    const struct http_request *request = &exchange->request;

    counter_add(&http->loop->counters.requests, 1);
    http->requests++;
    http->keep_alive = request->keep_alive && http->requests < http->loop->service->max_requests;
    http->may_send = request->keep_alive;
    log_debug("request: %s %.*s", http_method_names[request->method], (int)request->target.length,
              request->head + request->target.offset);
    if (decode_path(exchange)) {
        call_handler(http);
    } else {
        http_connection_answer(http);
    }
}

/*
 * RFC 9110, 10.1.1: a client that asks before it sends its body is told to go on; unless the head
 * alone decides that it sends it in vain. Then it may send it or not, so this answer is the last.
 */
static void answer_expectation(struct http_connection *http)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct http_exchange *exchange = http->exchange;
    struct http_request *request = &exchange->request;

    if (!decode_path(exchange) ||
        router_find(http->loop->service->router, request, &exchange->response) == NULL) {
        http->keep_alive = false;
        http->may_send = true;
        http_connection_answer(http);
    } else if (tcp_connection_send(http->tcp, go_on, sizeof go_on - 1) < 0) {
        http_connection_cut_off(http);
    }
}

/* The whole head is there. *used counts the bytes of this delivery that are done with. */
static void take_head(struct http_connection *http, char *bytes, size_t length, size_t *used)
{
    struct http_exchange *exchange = http->exchange;
    struct http_request *request = &exchange->request;
    size_t rest = length - *used - exchange->parser.position;

    *used += exchange->parser.position;
    if (!request->chunked && request->content_length <= rest) {
        /* The common case, also without a body: everything is used where it was read. */
        request->body = (struct http_span){bytes + *used, (size_t)request->content_length};
        *used += (size_t)request->content_length;
        dispatch(http);
        return;
    }
    if (http_exchange_own_request(exchange) < 0) {
        http_connection_refuse(http, 500);
        return;
    }
    http_body_init(&exchange->body, request, &http->loop->service->limits);
    http_connection_enter(http, READING_BODY);
    if (request->expects_continue && rest == 0) {
        answer_expectation(http);
    }
}

static bool step_head(struct http_connection *http, char *bytes, size_t length, size_t *used)
{
    bool is_new = http->exchange == NULL;

    if (is_new) {
        http->exchange = http_loop_take_exchange(http->loop);
        if (http->exchange == NULL) {
            http_connection_cut_off(http);
            return false;
        }
    }
    http->exchange->request.head = bytes + *used;
    switch (http_parser_feed(&http->exchange->parser, bytes + *used, length - *used)) {
    case HTTP_PARTIAL:
        http->limit_is_old = http->limit_is_old || is_new;
        return false;
    case HTTP_ERROR:
        http_connection_refuse(http, http->exchange->parser.error_status);
        return true;
    case HTTP_COMPLETE:
        take_head(http, bytes, length, used);
        return true;
    }
    return false;
}

static bool step_body(struct http_connection *http, char *bytes, size_t length, size_t *used)
{
    struct http_exchange *exchange = http->exchange;
    size_t taken = 0;
    enum http_progress progress =
        http_body_feed(&exchange->body, bytes + *used, length - *used, &exchange->content, &taken);

    *used += taken;
    if (progress == HTTP_ERROR) {
        http_connection_refuse(http, exchange->body.error_status);
    } else if (progress == HTTP_COMPLETE) {
        exchange->request.body =
            (struct http_span){buffer_data(&exchange->content), exchange->content.length};
        dispatch(http);
    }
    return true;
}

bool http_connection_step(struct http_connection *http, char *bytes, size_t length, size_t *used)
{
    switch (http->phase) {
    case READING_HEAD:
        /* Answers nobody reads must not pile up: parsing waits for the output to shrink. */
        return !tcp_connection_congested(http->tcp) && step_head(http, bytes, length, used);
    case READING_BODY:
        return step_body(http, bytes, length, used);
    case WORKING:
    case ANSWERING:
        return false;
    case LINGERING:
        *used = length;
        http->limit_is_old = true; /* two more seconds */
        return false;
    }
    return false;
}
