/* ./lab run S4-split --port=8080 */
/*
 * A server of stage 3 that reads request lines with the learner's parser: on every connection one
 * line after the other, and for each an answer that says in how many pieces it came.
 */
#include "request_line.h"
#include "epoll_dispatcher.h"
#include "tcp_server.h"
#include "wakeup.h"

#include <stdio.h>
#include <stdlib.h>

struct reader {
    struct request_line line;
    unsigned pieces;
};

static void on_open(struct tcp_connection *connection)
{
    struct reader *reader = calloc(1, sizeof *reader);

    tcp_connection_set_context(connection, reader);
    if (reader == NULL) {
        tcp_connection_abort(connection);
    }
}

static void answer(struct tcp_connection *connection, const struct reader *reader)
{
    const struct request_line *line = &reader->line;
    char text[256];
    int length =
        snprintf(text, sizeof text, "method %.*s, target of %zu bytes, pieces %u\n",
                 (int)line->method_length, line->text, line->target_length, reader->pieces);

    tcp_connection_send(connection, text, (size_t)length);
}

/* What a line leaves of the bytes begins the next one. All are used: the parser keeps its own. */
static size_t on_bytes(struct tcp_connection *connection, char *bytes, size_t length)
{
    static const char bad[] = "bad line\n";
    struct reader *reader = tcp_connection_context(connection);

    for (size_t at = 0, used = 0; at < length; at += used) {
        reader->pieces++;
        switch (request_line_feed(&reader->line, bytes + at, length - at, &used)) {
        case LINE_PARTIAL:
            return length;
        case LINE_COMPLETE:
            answer(connection, reader);
            *reader = (struct reader){.pieces = 0};
            break;
        case LINE_BAD:
            tcp_connection_send(connection, bad, sizeof bad - 1);
            tcp_connection_close_after_flush(connection);
            return length;
        }
    }
    return length;
}

static void on_closed(struct tcp_connection *connection)
{
    free(tcp_connection_context(connection));
}

int main(int argc, char **argv)
{
    static const struct tcp_connection_callbacks callbacks = {
        .on_open = on_open,
        .on_bytes = on_bytes,
        .on_eof = tcp_connection_close_after_flush,
        .on_closed = on_closed,
    };
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    const struct cli_option table[] = {SERVER_OPTIONS_ROWS(options), CLI_END};
    const struct cli_program program = {.name = "S4-split",
                                        .summary = "Reads request lines, in whatever pieces.",
                                        .options = table};
    const struct tcp_server_config config = {
        .program = program.name,
        .scheme = "",
        .suffix = "",
        .options = &options,
        .policy = &round_robin_policy,
        .reactor = {&epoll_dispatcher, &eventfd_wakeup, CONNECTION_LIMITS_DEFAULT, &callbacks, {0}},
    };
    int status;

    return cli_parse(&program, argc, argv, &status) ? tcp_server_run(&config) : status;
}
