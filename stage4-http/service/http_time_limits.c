/*
 * How long a connection is waited for. Two limits, each an entry in the loop's timer wheel. What
 * the client must send depends on the phase:
 *
 *     waiting for a request     idle_ms (before the first one: header_ms)
 *     part of a head is there   header_ms from its first byte on, whatever else comes
 *     a body is coming          min_body_rate, judged after each stall_ms
 *     lingering                 2 s since the last byte, 10 s in all
 *
 * And whatever it sends meanwhile, it must take what it is sent: min_read_rate, judged after each
 * stall_ms. With one entry for both, a client that asks for more and more would start it anew each
 * time, and nobody would see that it reads nothing.
 */
#include "http_connection.h"

#include "tcp_connection.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

/* RFC 9112, 9.6, leaves the times open. Who is still sending after these is not listening. */
enum { LINGER_QUIET_MS = 2000, LINGER_ALL_MS = 10000 };

static const struct http_patience *patience_of(const struct http_connection *http)
{
    return &http->loop->service->patience;
}

static void start(struct http_connection *http, uint64_t ms)
{
    http_loop_start_timer(http->loop, &http->limit, ms);
}

static uint64_t bytes_wanted(const struct http_connection *http, unsigned rate)
{
    uint64_t wanted = (uint64_t)rate * patience_of(http)->stall_ms / 1000;

    return wanted > 0 ? wanted : 1;
}

static void start_waiting(struct http_connection *http)
{
    start(http, http->requests == 0 ? patience_of(http)->header_ms : patience_of(http)->idle_ms);
}

static void start_lingering(struct http_connection *http)
{
    uint64_t passed = http_loop_now() - http->since;

    /* Over: the limit ends with this tick. Moved on with each byte, it would never do so. */
    if (passed < LINGER_ALL_MS) {
        uint64_t left = LINGER_ALL_MS - passed;
        start(http, left < LINGER_QUIET_MS ? left : LINGER_QUIET_MS);
    }
}

void http_time_limit_set(struct http_connection *http)
{
    if (http->phase == READING_HEAD && http->exchange == NULL) {
        start_waiting(http);
    } else if (http->phase == READING_HEAD) {
        start(http, patience_of(http)->header_ms);
    } else if (http->phase == READING_BODY) {
        http->exchange->body_mark = 0;
        start(http, patience_of(http)->stall_ms);
    } else if (http->phase == LINGERING && http->shut) {
        start_lingering(http);
    } else {
        timer_wheel_stop(&http->loop->wheel, &http->limit); /* nothing is expected of the client */
    }
}

static enum time_limit_verdict judge_body(struct http_connection *http)
{
    uint64_t received = http->exchange->content.length;
    bool enough = received >=
                  http->exchange->body_mark + bytes_wanted(http, patience_of(http)->min_body_rate);

    http->exchange->body_mark = received;
    start(http, patience_of(http)->stall_ms);
    return enough ? TIME_LEFT : TIME_UP_ANSWER;
}

enum time_limit_verdict http_time_limit_judge(struct http_connection *http)
{
    if (http->phase == READING_BODY) {
        return judge_body(http);
    }
    if (http->phase == READING_HEAD && http->exchange != NULL) {
        return TIME_UP_ANSWER;
    }
    /* While it still reads the last answer it need not send the next request. */
    if (http->phase == READING_HEAD && tcp_connection_unsent(http->tcp) > 0) {
        start_waiting(http);
        return TIME_LEFT;
    }
    return TIME_UP_QUIET;
}

/* Notes what the client has taken by now, and what is there to be taken. */
static void begin_stretch(struct http_connection *http, uint64_t taken)
{
    http->taken = taken;
    http->offered = tcp_connection_sent(http->tcp) + tcp_connection_unsent(http->tcp);
    http_loop_start_timer(http->loop, &http->reading, patience_of(http)->stall_ms);
}

static bool has_output(const struct http_connection *http)
{
    return http->phase == ANSWERING || tcp_connection_unsent(http->tcp) > 0;
}

/* A busy connection is watched all the time, so this seldom does more than look. */
void http_time_limit_watch_reader(struct http_connection *http)
{
    if (http->reading.link.next == NULL && has_output(http)) {
        begin_stretch(http, 0); /* who has taken earlier answers passes; the next one counts */
    }
}

/*
 * What the kernel took from us says little: its buffer may hold megabytes that nobody reads. What
 * is still in there (SIOCOUTQ, tcp(7)) the client's side has not acknowledged. And a client that
 * has taken all there was cannot be blamed for a rate: then it is we who are slow.
 */
enum time_limit_verdict http_time_limit_judge_reader(struct http_connection *http)
{
    uint64_t sent = tcp_connection_sent(http->tcp);
    int queued = 0;

    ioctl(tcp_connection_fd(http->tcp), SIOCOUTQ, &queued);
    if (queued == 0 && !has_output(http)) {
        return TIME_LEFT; /* until there is some, nobody watches */
    }
    uint64_t taken = sent > (uint64_t)queued ? sent - (uint64_t)queued : 0;
    uint64_t wanted = http->taken + bytes_wanted(http, patience_of(http)->min_read_rate);
    bool enough = taken >= (wanted < http->offered ? wanted : http->offered);
    begin_stretch(http, taken);
    return enough ? TIME_LEFT : TIME_UP_CUT;
}
