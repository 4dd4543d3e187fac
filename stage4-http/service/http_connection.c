/*
 * http_connection: the state machine between bytes and handlers. See http_service.h.
 *
 *     HEAD ──head complete──▶ BODY ──body complete──▶ handler ──▶ HEAD
 *      │                        │                        ├─ on a worker ─▶ WORKING ─▶ HEAD
 *      │                        │                        └─ body from a source ─▶ ANSWERING ─▶ HEAD
 *      └──── error, time-out ───┴──▶ LINGERING ──EOF, or time is up──▶ closed
 *
 * Everything that is complete in one read is answered in that read's callback, however many
 * requests that are, and leaves in one write.
 */
#include "http_connection.h"

#include "container_of.h"
#include "log.h"
#include "net.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void http_connection_enter(struct http_connection *http, enum http_phase phase)
{
    http->phase = phase;
    http->limit_is_old = true;
}

/* At the end of each callback, and not at each change: a batch of requests is one change. */
static void renew_time_limits(struct http_connection *http)
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

static void on_closed(struct tcp_connection *tcp)
{
    struct http_connection *http = tcp_connection_context(tcp);

    if (http != NULL) {
        mark_broken_body(http);
        give_back_exchange(http);
        timer_wheel_stop(&http->loop->wheel, &http->limit);
        timer_wheel_stop(&http->loop->wheel, &http->reading);
        atomic_fetch_sub(http->counted_by, 1);
        free(http->address);
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

/* An answer is still being made, though the client may have sent its last byte. */
static bool is_busy(const struct http_connection *http)
{
    return http->phase == WORKING || http->phase == ANSWERING;
}

/* The client has sent its last, and nothing is being made: what is out by then is all it gets. */
static void end_after_flush(struct http_connection *http)
{
    http_connection_enter(http, LINGERING);
    tcp_connection_close_after_flush(http->tcp);
}

static size_t on_bytes(struct tcp_connection *tcp, char *bytes, size_t length)
{
    struct http_connection *http = tcp_connection_context(tcp);
    size_t used = 0;

    while (used < length && http_connection_step(http, bytes, length, &used)) {
    }
    /* Under pressure, what is left over comes again; else it is half a request and stays one. */
    bool comes_again = used < length && tcp_connection_congested(tcp);
    if (http->eof && !is_busy(http) && !comes_again) {
        end_after_flush(http);
    }
    renew_time_limits(http);
    return used;
}

/* Half a close says "that was my last request": what came before it is still answered. */
static void after_eof(struct http_connection *http)
{
    if (tcp_connection_left_over(http->tcp) > 0) {
        tcp_connection_resume_reading(http->tcp); /* on_bytes gets it again, and then ends */
    } else {
        end_after_flush(http);
    }
}

static void on_eof(struct tcp_connection *tcp)
{
    struct http_connection *http = tcp_connection_context(tcp);

    http->eof = true;
    if (!is_busy(http)) {
        after_eof(http);
    }
    renew_time_limits(http);
}

/*
 * An answer that took longer is out: on with the requests that came meanwhile. If it was the last
 * one, they are thrown away; kept, they would stop the reading, and unread bytes make the close a
 * reset.
 */
static void go_on(struct http_connection *http)
{
    if (http->phase == READING_HEAD && http->eof) {
        after_eof(http);
    } else if (http->phase == READING_HEAD || http->phase == LINGERING) {
        tcp_connection_resume_reading(http->tcp);
    }
    renew_time_limits(http);
}

void http_connection_reply(struct tcp_connection *tcp, struct http_exchange *exchange)
{
    struct http_connection *http = tcp_connection_context(tcp);

    assert(http->phase == WORKING);
    http->exchange = exchange;
    http_connection_answer(http);
    go_on(http);
}

static void produce(struct http_connection *http)
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

static void on_drained(struct tcp_connection *tcp)
{
    struct http_connection *http = tcp_connection_context(tcp);

    if (http->phase == ANSWERING) {
        produce(http);
    } else if (http->phase == LINGERING && !http->shut) {
        shutdown(tcp_connection_fd(tcp), SHUT_WR);
        http->shut = true;
        http->since = http_loop_now();
        http_time_limit_set(http);
    }
}

static void execute(struct http_connection *http, enum time_limit_verdict verdict)
{
    switch (verdict) {
    case TIME_LEFT:
        return;
    case TIME_UP_QUIET:
        tcp_connection_abort(http->tcp);
        return;
    case TIME_UP_ANSWER:
        counter_add(&http->loop->counters.timeouts, 1);
        if (http->phase == READING_HEAD) {
            http_request_forget_text(&http->exchange->request);
        }
        http_connection_refuse(http, 408);
        /* What there is of the request comes again, to be thrown away: it must not seem owed. */
        tcp_connection_resume_reading(http->tcp);
        renew_time_limits(http);
        return;
    case TIME_UP_CUT:
        counter_add(&http->loop->counters.timeouts, 1);
        http_connection_cut_off(http);
        return;
    }
}

static void on_time_limit(struct timer_wheel_entry *entry)
{
    struct http_connection *http = container_of(entry, struct http_connection, limit);

    execute(http, http_time_limit_judge(http));
}

static void on_reading_limit(struct timer_wheel_entry *entry)
{
    struct http_connection *http = container_of(entry, struct http_connection, reading);

    execute(http, http_time_limit_judge_reader(http));
}

/*
 * Whether there is room for one more. Who is turned away costs a descriptor, too, until it has read
 * its 503; so these are counted as well, apart from the others, and there is a limit to politeness.
 */
static bool is_welcome(struct http_connection *http)
{
    struct http_service *service = http->loop->service;
    size_t others = atomic_load(&service->connections);

    do {
        if (others >= service->max_connections) {
            http->counted_by = &service->turned_away;
            atomic_fetch_add(http->counted_by, 1);
            return false;
        }
    } while (!atomic_compare_exchange_weak(&service->connections, &others, others + 1));
    http->counted_by = &service->connections;
    return true;
}

static void turn_away(struct http_connection *http)
{
    http->exchange = http_loop_take_exchange(http->loop);
    if (http->exchange == NULL ||
        atomic_load(http->counted_by) > http->loop->service->max_connections) {
        http_connection_cut_off(http);
    } else {
        http_connection_refuse(http, 503);
    }
}

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
    http->limit.on_expiry = on_time_limit;
    http->reading.on_expiry = on_reading_limit;
    http->limit_is_old = true;
    if (http->loop->service->log != NULL) {
        /* Not later: of a connection that was reset the kernel does not tell any more. */
        http->address = net_peer_host(tcp_connection_fd(tcp));
    }
    if (!is_welcome(http)) {
        turn_away(http);
    }
    renew_time_limits(http);
}

static void on_drain(struct tcp_connection *tcp)
{
    const struct http_connection *http = tcp_connection_context(tcp);

    if (http->phase == LINGERING || (http->exchange == NULL && http->phase != WORKING)) {
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
