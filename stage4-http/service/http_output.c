/* From handlers to bytes: answers, and what becomes of the connection after each. */
#include "http_connection.h"

#include "log.h"
#include "net.h"
#include "tcp_connection.h"

#include <assert.h>
#include <string.h>
#include <sys/socket.h>

void http_connection_enter(struct http_connection *http, enum http_phase phase)
{
    http->phase = phase;
    http->limit_is_old = true;
}

void http_connection_renew_time_limits(struct http_connection *http)
{
    if (http->limit_is_old) {
        http->limit_is_old = false;
        http_time_limit_set(http);
    }
    http_time_limit_watch_reader(http);
}

void http_connection_cut_off(struct http_connection *http)
{
    http->phase = LINGERING;
    tcp_connection_abort(http->tcp);
}

static void log_access(struct http_connection *http)
{
    if (http->address == NULL) {
        http->address = net_peer_host(tcp_connection_fd(http->tcp));
    }
    struct http_span address = {http->address, http->address != NULL ? strlen(http->address) : 0};
    http_loop_log(http->loop, http->exchange, address);
}

static void give_back_exchange(struct http_connection *http)
{
    if (http->exchange == NULL) {
        return;
    }
    if (http->exchange->answered && http->loop->service->log != NULL) {
        log_access(http);
    }
    http_loop_give_back(http->loop, http->exchange);
    http->exchange = NULL;
}

/* A body of a length that is not known beforehand, to a client that knows no chunks. */
static bool ends_with_connection(const struct http_exchange *exchange)
{
    return exchange->response.length == HTTP_LENGTH_UNKNOWN && exchange->request.minor_version == 0;
}

/*
 * To a client of HTTP/1.0 the end of the connection may be the end of the body. If the body is not
 * through, a reset says so; an orderly end would make half a body look whole.
 */
static void mark_broken_body(const struct http_connection *http)
{
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    const struct http_exchange *exchange = http->exchange;

    if (exchange != NULL && exchange->answered && ends_with_connection(exchange)) {
        setsockopt(tcp_connection_fd(http->tcp), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
}

void http_connection_drop_exchange(struct http_connection *http)
{
    mark_broken_body(http);
    give_back_exchange(http);
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
        http_connection_enter(http, READING_HEAD);
        return;
    }
    http_connection_enter(http, LINGERING);
    if (http->may_send && !http->eof) {
        tcp_connection_want_drained(http->tcp);
    } else {
        tcp_connection_close_after_flush(http->tcp);
    }
}

/* The head is out; the source follows. */
static void start_source(struct http_connection *http)
{
    struct http_exchange *exchange = http->exchange;
    struct http_source *source = exchange->response.source;

    source->connection = http->tcp;
    source->chunked =
        exchange->response.length == HTTP_LENGTH_UNKNOWN && !ends_with_connection(exchange);
    /* The log tells the request when the body is through; its bytes are gone by then. */
    if (http->loop->service->log != NULL && http_exchange_own_request(exchange) < 0) {
        http_request_forget_text(&exchange->request);
    }
    http_connection_enter(http, ANSWERING);
    tcp_connection_want_drained(http->tcp);
    if (source->ready) {
        tcp_connection_more_follows(http->tcp);
    }
}

static bool server_is_ending(const struct http_connection *http)
{
    return connection_table_draining(http->loop->reactor->table) ||
           atomic_load_explicit(&http->loop->service->ending, memory_order_relaxed);
}

void http_connection_answer(struct http_connection *http)
{
    struct http_exchange *exchange = http->exchange;
    struct http_response *response = &exchange->response;
    struct http_counters *counters = &http->loop->counters;

    if (response->failed) {
        http_response_reset(response);
        http_response_error(response, 500);
    }
    http->keep_alive =
        http->keep_alive && !server_is_ending(http) && !ends_with_connection(exchange);
    counter_add(&counters->responses, 1);
    counter_add(&counters->errors, response->status >= 400);
    if (http_answer_send(http->loop, http->tcp, exchange, http->keep_alive) < 0) {
        http_connection_cut_off(http);
        return;
    }
    exchange->answered = true;
    if (response->source != NULL && exchange->request.method != HTTP_HEAD) {
        start_source(http);
    } else {
        end_exchange(http);
    }
}

void http_connection_refuse(struct http_connection *http, int status)
{
    struct http_response *response = &http->exchange->response;

    http->keep_alive = false;
    http->may_send = true;
    http_response_reset(response);
    http_response_error(response, status);
    http_connection_answer(http);
}

void http_connection_end(struct http_connection *http)
{
    http_connection_enter(http, LINGERING);
    tcp_connection_close_after_flush(http->tcp);
}

void http_connection_after_eof(struct http_connection *http)
{
    if (tcp_connection_left_over(http->tcp) > 0) {
        tcp_connection_resume_reading(http->tcp); /* on_bytes gets it again, and then ends */
    } else {
        http_connection_end(http);
    }
}

/*
 * An answer that took longer is out: on with the requests that came meanwhile. If it was the last
 * one, they are thrown away; kept, they would stop the reading, and unread bytes make the close a
 * reset.
 */
static void go_on(struct http_connection *http)
{
    if (http->phase == READING_HEAD && http->eof) {
        http_connection_after_eof(http);
    } else if (http->phase == READING_HEAD || http->phase == LINGERING) {
        tcp_connection_resume_reading(http->tcp);
    }
    http_connection_renew_time_limits(http);
}

void http_connection_reply(struct http_connection *http)
{
    assert(http->phase == WORKING);
    http_connection_answer(http);
    go_on(http);
}

void http_connection_produce(struct http_connection *http)
{
    struct http_source *source = http->exchange->response.source;
    int result = source->produce(source, http->tcp);

    if (result == HTTP_SOURCE_MORE) {
        tcp_connection_want_drained(http->tcp);
        return;
    }
    if (result == HTTP_SOURCE_WAITS) {
        return; /* for http_source_ready */
    }
    if (result == HTTP_SOURCE_DONE && source->chunked) {
        result = tcp_connection_send(http->tcp, "0\r\n\r\n", 5);
    }
    if (result < 0) {
        log_debug("answer cut off: %s", strerror(-result));
        http_connection_cut_off(http);
        return;
    }
    end_exchange(http);
    go_on(http);
}
