#include "stream_page.h"

#include "container_of.h"
#include "http_query.h"
#include "http_service.h"
#include "http_source.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINES_A_TURN = 512, MOST_LINES = 1000000000, LONGEST_PAUSE_MS = 60000 };

struct stream {
    struct http_source source;
    struct timer_wheel_entry pause;
    struct reactor *reactor;
    long next; /* line */
    long last;
    unsigned pause_ms;
};

static int send_line(struct stream *stream)
{
    char line[32];
    int length = snprintf(line, sizeof line, "line %ld\n", stream->next);
    int result = http_source_send(&stream->source, line, (size_t)length);

    stream->next += result == 0;
    return result;
}

static int produce(struct http_source *source, struct tcp_connection *connection)
{
    struct stream *stream = container_of(source, struct stream, source);
    int result = 0;

    (void)connection;
    for (int i = 0; i < LINES_A_TURN && stream->next <= stream->last && result == 0; i++) {
        result = send_line(stream);
        if (stream->pause_ms > 0) {
            http_service_start_timer(stream->reactor, &stream->pause, stream->pause_ms);
            break;
        }
    }
    if (result < 0) {
        return result;
    }
    if (stream->next > stream->last) {
        return HTTP_SOURCE_DONE;
    }
    return stream->pause_ms > 0 ? HTTP_SOURCE_WAITS : HTTP_SOURCE_MORE;
}

static void on_pause_over(struct timer_wheel_entry *pause)
{
    http_source_ready(&container_of(pause, struct stream, pause)->source);
}

static void release(struct http_source *source)
{
    struct stream *stream = container_of(source, struct stream, source);

    http_service_stop_timer(stream->reactor, &stream->pause);
    free(stream);
}

void stream_page_handler(struct http_request *request, struct http_response *response,
                         const struct http_context *context)
{
    long lines;
    long pause_ms;

    if (!http_query_number(request, "n", 0, MOST_LINES, 10, &lines) ||
        !http_query_number(request, "ms", 0, LONGEST_PAUSE_MS, 0, &pause_ms)) {
        http_response_error(response, 400);
        return;
    }
    struct stream *stream = malloc(sizeof *stream);
    if (stream == NULL) {
        http_response_error(response, 503);
        return;
    }
    *stream = (struct stream){
        .source = {.produce = produce, .release = release},
        .pause = {.on_expiry = on_pause_over},
        .reactor = context->reactor,
        .next = 1,
        .last = lines,
        .pause_ms = (unsigned)pause_ms,
    };
    http_response_add_field(response, "Cache-Control", "no-store");
    http_response_stream(response, "text/plain; charset=utf-8", &stream->source,
                         HTTP_LENGTH_UNKNOWN);
}
