/*
 * http_connection: the state machine between bytes and handlers. See http_service.h.
 *
 *     HEAD ──head complete──▶ BODY ──body complete──▶ handler ──▶ HEAD
 *      │                        │                        └─ body from a source ─▶ ANSWERING ─▶ HEAD
 *      └──── error ─────────────┴──▶ LINGERING ──EOF──▶ closed
 *
 * Everything that is complete in one read is answered in that read's callback, however many
 * requests that are, and leaves in one write.
 */
#include "http_loop.h"

#include "http_path.h"
#include "log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct http_connection {
    struct http_loop *loop;
    struct tcp_connection *tcp;
    struct http_exchange *exchange; /* NULL between requests */
    enum { READING_HEAD, READING_BODY, ANSWERING, LINGERING } phase;
    bool keep_alive; /* after the answer in progress */
    bool may_send;   /* and if not: may the client still be sending? */
    bool eof;        /* the client has sent all it will send */
};

static void on_open(struct tcp_connection *tcp)
{
    const struct reactor *reactor = connection_table_context(tcp_connection_table(tcp));
    struct http_connection *http = calloc(1, sizeof *http);

    tcp_connection_set_context(tcp, http);
    if (http == NULL) {
        tcp_connection_abort(tcp);
        return;
    }
    http->loop = reactor->hook_state;
    http->tcp = tcp;
}

/* Nothing more is parsed, not even what this delivery still holds. */
static void cut_off(struct http_connection *http)
{
    http->phase = LINGERING;
    tcp_connection_abort(http->tcp);
}

static void give_back_exchange(struct http_connection *http)
{
    if (http->exchange != NULL) {
        http_loop_give_back(http->loop, http->exchange);
        http->exchange = NULL;
    }
}

static void on_closed(struct tcp_connection *tcp)
{
    struct http_connection *http = tcp_connection_context(tcp);

    if (http != NULL) {
        give_back_exchange(http);
        free(http);
    }
}

/*
 * RFC 9112, 9.6: closing while the client still sends would make the kernel answer with a reset,
 * and the client would lose what we said. So our side is shut down once the answer is out, and what
 * still comes is read and thrown away until the client has seen it and closes. A client that asked
 * for the close itself has nothing more to send.
 */
static void end_exchange(struct http_connection *http)
{
    give_back_exchange(http);
    if (http->keep_alive) {
        http->phase = READING_HEAD;
        return;
    }
    http->phase = LINGERING;
    if (http->may_send && !http->eof) {
        tcp_connection_want_drained(http->tcp);
    } else {
        tcp_connection_close_after_flush(http->tcp);
    }
}

static void answer(struct http_connection *http)
{
    struct http_exchange *exchange = http->exchange;
    struct http_response *response = &exchange->response;
    struct http_counters *counters = &http->loop->counters;

    if (response->failed) {
        http_response_reset(response);
        http_response_error(response, 500);
    }
    counter_add(&counters->responses, 1);
    counter_add(&counters->errors, response->status >= 400);
    if (http_loop_send(http->loop, http->tcp, exchange, http->keep_alive) < 0) {
        cut_off(http);
        return;
    }
    if (response->source != NULL && exchange->request.method != HTTP_HEAD) {
        http->phase = ANSWERING;
        tcp_connection_want_drained(http->tcp);
        return;
    }
    end_exchange(http);
}

/* The request cannot be understood, so nobody knows where the next one starts: answer, and end. */
static void refuse(struct http_connection *http, int status)
{
    struct http_response *response = &http->exchange->response;

    http->keep_alive = false;
    http->may_send = true;
    http_response_reset(response);
    http_response_error(response, status);
    answer(http);
}

static void dispatch(struct http_connection *http)
{
    struct http_exchange *exchange = http->exchange;
    struct http_request *request = &exchange->request;
    struct http_span target_path = http_request_text(request, request->target_path);
    int status = http_path_decode(target_path, &exchange->path);

    counter_add(&http->loop->counters.requests, 1);
    http->keep_alive =
        request->keep_alive && !connection_table_draining(http->loop->reactor->table);
    http->may_send = request->keep_alive;
    log_debug("request: %s %.*s", http_method_names[request->method], (int)request->target.length,
              request->head + request->target.offset);
    if (status == 0) {
        request->path = (struct http_span){buffer_data(&exchange->path), exchange->path.length};
        router_dispatch(http->loop->service->router, request, &exchange->response,
                        http->loop->reactor);
    } else {
        http_response_error(&exchange->response, status);
    }
    answer(http);
}

/* The whole head is there. *used counts the bytes of this delivery that are done with. */
static void take_head(struct http_connection *http, char *bytes, size_t length, size_t *used)
{
    struct http_exchange *exchange = http->exchange;
    struct http_request *request = &exchange->request;
    size_t rest = length - *used - exchange->parser.position;

    request->head = bytes + *used;
    *used += exchange->parser.position;
    if (!request->chunked && request->content_length <= rest) {
        /* The common case, also without a body: everything is used where it was read. */
        request->body = (struct http_span){bytes + *used, (size_t)request->content_length};
        *used += (size_t)request->content_length;
        dispatch(http);
        return;
    }
    if (buffer_append(&exchange->head, request->head, exchange->parser.position) < 0) {
        refuse(http, 500);
        return;
    }
    request->head = buffer_data(&exchange->head);
    http_body_init(&exchange->body, request, &http->loop->service->limits);
    http->phase = READING_BODY;
    if (request->expects_continue && rest == 0) {
        static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
        if (tcp_connection_send(http->tcp, go_on, sizeof go_on - 1) < 0) {
            cut_off(http);
        }
    }
}

static bool step_head(struct http_connection *http, char *bytes, size_t length, size_t *used)
{
    if (http->exchange == NULL) {
        http->exchange = http_loop_take_exchange(http->loop);
        if (http->exchange == NULL) {
            cut_off(http);
            return false;
        }
    }
    switch (http_parser_feed(&http->exchange->parser, bytes + *used, length - *used)) {
    case HTTP_PARTIAL:
        return false;
    case HTTP_ERROR:
        refuse(http, http->exchange->parser.error_status);
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
        refuse(http, exchange->body.error_status);
    } else if (progress == HTTP_COMPLETE) {
        exchange->request.body =
            (struct http_span){buffer_data(&exchange->content), exchange->content.length};
        dispatch(http);
    }
    return true;
}

/* Takes one step with the bytes behind *used. Returns whether another one may be possible. */
static bool step(struct http_connection *http, char *bytes, size_t length, size_t *used)
{
    switch (http->phase) {
    case READING_HEAD:
        /* Answers nobody reads must not pile up: parsing waits for the output to shrink. */
        return !tcp_connection_congested(http->tcp) && step_head(http, bytes, length, used);
    case READING_BODY:
        return step_body(http, bytes, length, used);
    case ANSWERING:
        return false;
    case LINGERING:
        *used = length;
        return false;
    }
    return false;
}

static size_t on_bytes(struct tcp_connection *tcp, char *bytes, size_t length)
{
    struct http_connection *http = tcp_connection_context(tcp);
    size_t used = 0;

    while (used < length && step(http, bytes, length, &used)) {
    }
    /* Under pressure, what is left over comes again; else it is half a request and stays one. */
    bool comes_again = used < length && tcp_connection_congested(tcp);
    if (http->eof && http->phase != ANSWERING && !comes_again) {
        tcp_connection_close_after_flush(tcp);
    }
    return used;
}

/* Half a close says "that was my last request": what came before it is still answered. */
static void after_eof(struct http_connection *http)
{
    if (tcp_connection_left_over(http->tcp) > 0) {
        tcp_connection_resume_reading(http->tcp); /* on_bytes gets it again, and then ends */
    } else {
        tcp_connection_close_after_flush(http->tcp);
    }
}

static void on_eof(struct tcp_connection *tcp)
{
    struct http_connection *http = tcp_connection_context(tcp);

    http->eof = true;
    if (http->phase != ANSWERING) {
        after_eof(http);
    }
}

static void produce(struct http_connection *http)
{
    struct http_source *source = http->exchange->response.source;
    int result = source->produce(source, http->tcp);

    if (result > 0) {
        tcp_connection_want_drained(http->tcp);
        return;
    }
    if (result < 0) {
        log_debug("answer cut off: %s", strerror(-result));
        cut_off(http);
        return;
    }
    end_exchange(http);
    if (http->phase == READING_HEAD && http->eof) {
        after_eof(http);
    } else if (http->phase == READING_HEAD) {
        tcp_connection_resume_reading(http->tcp); /* requests that came meanwhile */
    }
}

static void on_drained(struct tcp_connection *tcp)
{
    struct http_connection *http = tcp_connection_context(tcp);

    if (http->phase == ANSWERING) {
        produce(http);
    } else if (http->phase == LINGERING) {
        shutdown(tcp_connection_fd(tcp), SHUT_WR);
    }
}

static void on_drain(struct tcp_connection *tcp)
{
    const struct http_connection *http = tcp_connection_context(tcp);

    if (http->phase == LINGERING || http->exchange == NULL) {
        tcp_connection_close_after_flush(tcp);
    }
}

const struct tcp_connection_callbacks http_callbacks = {
    .on_open = on_open,
    .on_bytes = on_bytes,
    .on_eof = on_eof,
    .on_drained = on_drained,
    .on_drain = on_drain,
    .on_closed = on_closed,
};

struct connection_limits http_connection_limits(const struct http_service *service)
{
    struct connection_limits limits = CONNECTION_LIMITS_DEFAULT;

    limits.input_limit += service->limits.head;
    return limits;
}
