/*
 * http_connection: the state machine between bytes and handlers. See http_service.h.
 *
 *     HEAD ──head complete──▶ BODY ──body complete──▶ handler ──▶ HEAD
 *      │                        │                        ├─ on a worker ─▶ WORKING ─▶ HEAD
 *      │                        │                        └─ body from a source ─▶ ANSWERING ─▶ HEAD
 *      └──── error, time-out ───┴──▶ LINGERING ──EOF, or time is up──▶ closed
 *
 * What is complete in one read is answered in that read's callback, a hundred requests and more,
 * and leaves in one write.
 */
#include "http_connection.h"

#include "container_of.h"

#include <stdlib.h>
#include <sys/socket.h>

/*
 * So many requests of one delivery are answered at once. A read may bring two thousand; without a
 * bound they are one callback, and everyone else on the loop waits for its end.
 */
enum { STEPS_A_TURN = 128 };

static void on_closed(struct tcp_connection *tcp)
{
    struct http_connection *http = tcp_connection_context(tcp);

    if (http != NULL) {
        struct http_service *service = http->loop->service;
        if (http->offloaded) {
            http_offload_cancel(http);
        } else {
            http_connection_drop_exchange(http);
        }
        timer_wheel_stop(&http->loop->wheel, &http->limit);
        timer_wheel_stop(&http->loop->wheel, &http->reading);
        atomic_fetch_sub(http->turned_away ? &service->turned_away : &service->connections, 1);
        free(http->address);
        free(http);
    }
}

/* An answer is still being made, though the client may have sent its last byte. */
static bool is_busy(const struct http_connection *http)
{
    return http->phase == WORKING || http->phase == ANSWERING;
}

static size_t on_bytes(struct tcp_connection *tcp, char *bytes, size_t length)
{
    struct http_connection *http = tcp_connection_context(tcp);
    size_t used = 0;
    int steps = 0;

    while (used < length && steps < STEPS_A_TURN &&
           http_connection_step(http, bytes, length, &used)) {
        steps++;
    }
    /* The others have their turn first. */
    bool interrupted = used < length && steps == STEPS_A_TURN;
    if (interrupted) {
        tcp_connection_resume_reading(tcp);
    }
    /* Under pressure, what is left over comes again; else it is half a request and stays one. */
    bool comes_again = interrupted || (used < length && tcp_connection_congested(tcp));
    if (http->eof && !is_busy(http) && !comes_again) {
        http_connection_end(http);
    }
    http_connection_renew_time_limits(http);
    return used;
}

static void on_eof(struct tcp_connection *tcp)
{
    struct http_connection *http = tcp_connection_context(tcp);

    http->eof = true;
    if (!is_busy(http)) {
        http_connection_after_eof(http);
    }
    http_connection_renew_time_limits(http);
}

static void on_drained(struct tcp_connection *tcp)
{
    struct http_connection *http = tcp_connection_context(tcp);

    if (http->phase == ANSWERING) {
        http_connection_produce(http);
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
        http_connection_renew_time_limits(http);
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
static bool is_welcome(struct http_service *service)
{
    size_t others = atomic_load(&service->connections);

    do {
        if (others >= service->max_connections) {
            return false;
        }
    } while (!atomic_compare_exchange_weak(&service->connections, &others, others + 1));
    return true;
}

static void turn_away(struct http_connection *http)
{
    struct http_service *service = http->loop->service;
    size_t others = atomic_fetch_add(&service->turned_away, 1);

    http->turned_away = true;
    http->exchange = http_loop_take_exchange(http->loop);
    if (http->exchange == NULL || others >= service->max_connections) {
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
    if (!is_welcome(http->loop->service)) {
        turn_away(http);
    }
    http_connection_renew_time_limits(http);
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
