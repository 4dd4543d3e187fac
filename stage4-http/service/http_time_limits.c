/*
 * How long a connection is waited for; what it is waited for depends on its phase:
 *
 *     waiting for a request     idle_ms (before the first one: header_ms)
 *     part of a head is there   header_ms from its first byte on, whatever else comes
 *     a body is coming          min_body_rate, judged after each stall_ms
 *     output waits              min_read_rate, judged after each stall_ms
 *     lingering                 2 s since the last byte, 10 s in all
 *
 * One entry in the loop's timer wheel serves them all.
 */
#include "http_connection.h"

#include "tcp_connection.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

/* RFC 9112, 9.6, leaves the times open. Who is still sending after these is not listening. */
enum { LINGER_QUIET_MS = 2000, LINGER_ALL_MS = 10000 };

static const uint64_t NO_MARK = UINT64_MAX;

static const struct http_patience *patience_of(const struct http_connection *http)
{
    return &http->loop->service->patience;
}

static void start(struct http_connection *http, uint64_t ms)
{
    http_loop_start_timer(http->loop, &http->limit, ms);
}

static uint64_t waiting_limit(const struct http_connection *http)
{
    return http->requests == 0 ? patience_of(http)->header_ms : patience_of(http)->idle_ms;
}

/*
 * Output may wait as well, and nothing calls us when the kernel has taken it. So a wait for a
 * request begins as a stretch of stall_ms; if the output is out by then, the rest of the wait
 * follows. In between a busy connection only moves its deadline, which costs a store.
 */
static void start_waiting(struct http_connection *http)
{
    uint64_t stall_ms = patience_of(http)->stall_ms;
    uint64_t limit = waiting_limit(http);

    http->since = http_loop_now();
    http->mark = NO_MARK;
    start(http, stall_ms < limit ? stall_ms : limit);
}

static void start_lingering(struct http_connection *http)
{
    uint64_t passed = http_loop_now() - http->since;
    uint64_t left = passed < LINGER_ALL_MS ? LINGER_ALL_MS - passed : 0;

    start(http, left < LINGER_QUIET_MS ? left : LINGER_QUIET_MS);
}

void http_time_limit_set(struct http_connection *http)
{
    if (http->phase == READING_HEAD && http->exchange == NULL) {
        start_waiting(http);
    } else if (http->phase == READING_HEAD) {
        start(http, patience_of(http)->header_ms);
    } else if (http->phase == LINGERING && http->shut) {
        start_lingering(http);
    } else {
        http->mark = http->phase == READING_BODY ? 0 : NO_MARK;
        start(http, patience_of(http)->stall_ms);
    }
}

/* Whether enough has moved since the stretch began; begins the next one. */
static bool moved_enough(struct http_connection *http, uint64_t position, unsigned rate)
{
    uint64_t stall_ms = patience_of(http)->stall_ms;
    uint64_t wanted = (uint64_t)rate * stall_ms / 1000;
    bool enough = http->mark == NO_MARK || position >= http->mark + (wanted > 0 ? wanted : 1);

    http->mark = position;
    start(http, stall_ms);
    return enough;
}

/*
 * What the kernel took from us says little: its buffer may hold megabytes that nobody reads. What
 * is still in there (SIOCOUTQ, tcp(7)) the client's side has not acknowledged.
 */
static enum time_limit_verdict judge_reader(struct http_connection *http)
{
    uint64_t sent = tcp_connection_sent(http->tcp);
    int queued = 0;

    ioctl(tcp_connection_fd(http->tcp), SIOCOUTQ, &queued);
    if (queued == 0 && tcp_connection_unsent(http->tcp) == 0) {
        http->mark = NO_MARK; /* it is not the client that we wait for */
        start(http, patience_of(http)->stall_ms);
        return TIME_LEFT;
    }
    uint64_t taken = sent > (uint64_t)queued ? sent - (uint64_t)queued : 0;
    return moved_enough(http, taken, patience_of(http)->min_read_rate) ? TIME_LEFT : TIME_UP_CUT;
}

static enum time_limit_verdict judge_waiting(struct http_connection *http)
{
    uint64_t passed = http_loop_now() - http->since;

    if (tcp_connection_unsent(http->tcp) > 0) {
        return judge_reader(http);
    }
    if (passed >= waiting_limit(http)) {
        return TIME_UP_QUIET;
    }
    start(http, waiting_limit(http) - passed);
    return TIME_LEFT;
}

enum time_limit_verdict http_time_limit_judge(struct http_connection *http)
{
    switch (http->phase) {
    case READING_HEAD:
        return http->exchange != NULL ? TIME_UP_ANSWER : judge_waiting(http);
    case READING_BODY:
        return moved_enough(http, http->exchange->content.length, patience_of(http)->min_body_rate)
                   ? TIME_LEFT
                   : TIME_UP_ANSWER;
    case WORKING:
    case ANSWERING:
        return judge_reader(http);
    case LINGERING:
        return http->shut ? TIME_UP_QUIET : judge_reader(http);
    }
    return TIME_UP_CUT;
}
