#include "http_loop.h"

#include "container_of.h"
#include "http_date.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    /* More free exchanges than this, after a burst of slow requests, go back to the system. */
    KEPT_EXCHANGES = 64,
    KEPT_CAPACITY = 64 * 1024,
    /* Enough for most heads, so that they need no memory when there is none to be had. */
    HEAD_ROOM = 1024,
    LOG_FLUSH_MS = 1000,
};

void http_exchange_destroy(struct http_exchange *exchange)
{
    http_response_release(&exchange->response);
    buffer_release(&exchange->head);
    buffer_release(&exchange->content);
    buffer_release(&exchange->path);
    free(exchange);
}

int http_exchange_own_request(struct http_exchange *exchange)
{
    struct http_request *request = &exchange->request;

    if (exchange->head.length == 0) {
        int result = buffer_append(&exchange->head, request->head, exchange->parser.position);
        if (result < 0) {
            return result;
        }
        request->head = buffer_data(&exchange->head);
    }
    if (exchange->content.length == 0 && request->body.length > 0) {
        int result = buffer_append(&exchange->content, request->body.data, request->body.length);
        if (result < 0) {
            return result;
        }
        request->body.data = buffer_data(&exchange->content);
    }
    return 0;
}

/*
 * After the batch: what a client has sent by now is read by now. Else a loop that was held up would
 * end just those who were in time.
 */
static void run_step(struct deferred *step)
{
    struct http_loop *loop = container_of(step, struct http_loop, step);

    timer_wheel_advance(&loop->wheel, http_loop_now());
    if (loop->wheel.count == 0) {
        timer_stop(&loop->ticks); /* a server without connections sleeps */
        loop->ticking = false;
    }
}

static void on_tick(struct timer *timer)
{
    struct http_loop *loop = container_of(timer, struct http_loop, ticks);

    if (!loop->step.queued) {
        event_loop_defer(loop->reactor->loop, &loop->step);
    }
}

static void on_log_flush(struct timer_wheel_entry *entry)
{
    struct http_loop *loop = container_of(entry, struct http_loop, log_flush);

    access_log_flush(&loop->log_stream);
}

static int enter(struct reactor *reactor, void *context)
{
    struct http_loop *loop = calloc(1, sizeof *loop);

    if (loop == NULL) {
        return -ENOMEM;
    }
    loop->service = context;
    loop->reactor = reactor;
    loop->log_flush.on_expiry = on_log_flush;
    loop->step.run = run_step;
    timer_wheel_init(&loop->wheel);
    /* One more than there are routes: with none of them, NULL would mean that memory is short. */
    loop->locals = calloc(router_count(loop->service->router) + 1, sizeof *loop->locals);
    bool has_room = loop->locals != NULL && buffer_reserve(&loop->head_text, HEAD_ROOM) != NULL;
    int result = has_room ? timer_init(&loop->ticks, reactor->loop, on_tick) : -ENOMEM;
    if (result < 0) {
        buffer_release(&loop->head_text);
        free(loop->locals);
        free(loop);
        return result;
    }
    access_log_stream_init(&loop->log_stream, loop->service->log);
    reactor->hook_state = loop;
    return 0;
}

static void release_locals(struct http_loop *loop)
{
    const struct router *router = loop->service->router;

    for (size_t i = 0; i < router_count(router); i++) {
        const struct http_route *route = router_route(router, i);
        if (loop->locals[i] != NULL && route->release_local != NULL) {
            route->release_local(loop->locals[i]);
        }
    }
    free(loop->locals);
}

static void leave(struct reactor *reactor, void *context)
{
    struct http_loop *loop = reactor->hook_state;

    (void)context;
    release_locals(loop);
    while (loop->free_exchanges != NULL) {
        struct http_exchange *exchange = loop->free_exchanges;
        loop->free_exchanges = exchange->next;
        http_exchange_destroy(exchange);
    }
    access_log_stream_release(&loop->log_stream);
    timer_release(&loop->ticks);
    buffer_release(&loop->head_text);
    free(loop);
}

struct loop_hooks http_service_hooks(struct http_service *service)
{
    return (struct loop_hooks){.enter = enter, .leave = leave, .context = service};
}

const struct http_counters *http_service_counters(const struct reactor *reactor)
{
    const struct http_loop *loop = reactor->hook_state;

    return &loop->counters;
}

uint64_t http_loop_now(void)
{
    struct timespec now;

    /* The coarse clock is a few milliseconds behind, and costs no more than reading memory. */
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void http_loop_start_timer(struct http_loop *loop, struct timer_wheel_entry *entry,
                           uint64_t delay_ms)
{
    timer_wheel_start(&loop->wheel, entry, http_loop_now(), delay_ms);
    if (!loop->ticking) {
        loop->ticking = true;
        timer_start(&loop->ticks, TIMER_WHEEL_TICK_MS);
    }
}

void http_service_start_timer(struct reactor *reactor, struct timer_wheel_entry *entry,
                              unsigned delay_ms)
{
    http_loop_start_timer(reactor->hook_state, entry, delay_ms);
}

void http_service_stop_timer(struct reactor *reactor, struct timer_wheel_entry *entry)
{
    struct http_loop *loop = reactor->hook_state;

    timer_wheel_stop(&loop->wheel, entry);
}

struct http_exchange *http_loop_take_exchange(struct http_loop *loop)
{
    struct http_exchange *exchange = loop->free_exchanges;

    if (exchange != NULL) {
        loop->free_exchanges = exchange->next;
        loop->free_count--;
    } else {
        exchange = calloc(1, sizeof *exchange);
        if (exchange == NULL) {
            return NULL;
        }
        http_response_reset(&exchange->response);
    }
    http_parser_init(&exchange->parser, &loop->service->limits, &exchange->request);
    exchange->answered = false;
    return exchange;
}

void http_loop_give_back(struct http_loop *loop, struct http_exchange *exchange)
{
    if (loop->free_count >= KEPT_EXCHANGES) {
        http_exchange_destroy(exchange);
        return;
    }
    http_response_reset(&exchange->response);
    buffer_clear(&exchange->head, KEPT_CAPACITY);
    buffer_clear(&exchange->content, KEPT_CAPACITY);
    buffer_clear(&exchange->path, KEPT_CAPACITY);
    exchange->next = loop->free_exchanges;
    loop->free_exchanges = exchange;
    loop->free_count++;
}

/* What changes with the second, and no more often than that. */
static void refresh_time(struct http_loop *loop)
{
    struct timespec now;
    char date[HTTP_DATE_TEXT];

    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec != loop->date_second) {
        loop->date_second = now.tv_sec;
        http_date_format(now.tv_sec, date);
        int length = snprintf(loop->date_line, sizeof loop->date_line,
                              "Date: %s\r\nServer: reactor-lab\r\n", date);
        loop->date_length = (size_t)length;
        access_log_format_time(now.tv_sec, loop->log_time);
    }
}

struct http_span http_loop_date_line(struct http_loop *loop)
{
    refresh_time(loop);
    return (struct http_span){loop->date_line, loop->date_length};
}

/* Bytes of content that went out, or will. */
static uint64_t content_sent(const struct http_exchange *exchange)
{
    const struct http_response *response = &exchange->response;

    if (exchange->request.method == HTTP_HEAD) {
        return 0;
    }
    return response->source != NULL ? response->source->sent : response->length;
}

void http_loop_log(struct http_loop *loop, const struct http_exchange *exchange,
                   struct http_span address)
{
    const struct http_request *request = &exchange->request;
    struct access_log_entry entry = {
        .address = address,
        .request_line = http_request_text(request, request->line),
        .status = exchange->response.status,
        .bytes = content_sent(exchange),
    };

    refresh_time(loop);
    entry.time = loop->log_time;
    http_request_field(request, "Referer", &entry.referer);
    http_request_field(request, "User-Agent", &entry.user_agent);
    bool first = !access_log_pending(&loop->log_stream);
    access_log_add(&loop->log_stream, &entry);
    if (first) {
        http_loop_start_timer(loop, &loop->log_flush, LOG_FLUSH_MS);
    }
}
