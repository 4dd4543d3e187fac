/* ./lab run S4-smuggling --port=8080 */
/*
 * A server of stage 3 that takes the head of a request, says what the learner's function makes of
 * its fields, and closes.
 */
#include "epoll_dispatcher.h"
#include "framing.h"
#include "tcp_server.h"
#include "wakeup.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MOST_FIELDS = 100 };

/* The lines of the head behind its first one. A line that begins with white space is folded. */
static size_t split(const char *at, const char *end, struct field_line *ret_fields)
{
    size_t count = 0;

    while (at < end && count < MOST_FIELDS) {
        const char *stop = memmem(at, (size_t)(end - at), "\r\n", 2);
        while (stop != NULL && stop + 2 < end && (stop[2] == ' ' || stop[2] == '\t')) {
            stop = memmem(stop + 2, (size_t)(end - stop) - 2, "\r\n", 2);
        }
        stop = stop != NULL ? stop : end;
        const char *colon = memchr(at, ':', (size_t)(stop - at));
        colon = colon != NULL ? colon : stop;
        const char *value = colon < stop ? colon + 1 : stop;
        ret_fields[count++] =
            (struct field_line){{at, (size_t)(colon - at)}, {value, (size_t)(stop - value)}};
        at = stop + 2;
    }
    return count;
}

static void answer(struct tcp_connection *connection, const struct message *message)
{
    static const char *const words[] = {"refused, and closed", "no body", "a length", "chunked",
                                        "until the connection closes"};
    const struct framing framing = framing_of(message);
    char body[128];
    char text[512];
    int length = framing.kind == FRAMING_LENGTH
                     ? snprintf(body, sizeof body, "a length of %" PRIu64 "\n", framing.length)
                     : snprintf(body, sizeof body, "%s\n", words[framing.kind]);

    length = snprintf(text, sizeof text, "HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s",
                      framing.kind == FRAMING_REFUSED ? "400 Bad Request" : "200 OK", length, body);
    tcp_connection_send(connection, text, (size_t)length);
}

static size_t on_bytes(struct tcp_connection *connection, char *bytes, size_t length)
{
    struct field_line fields[MOST_FIELDS];
    const char *end = memmem(bytes, length, "\r\n\r\n", 4);
    const char *line_end = memmem(bytes, length, "\r\n", 2);

    if (end == NULL) {
        return 0;
    }
    int minor_version = line_end > bytes && line_end[-1] == '0' ? 0 : 1;
    const struct message message = {0, false, minor_version, fields,
                                    split(line_end + 2, end, fields)};
    answer(connection, &message);
    tcp_connection_close_after_flush(connection);
    return length;
}

int main(int argc, char **argv)
{
    static const struct tcp_connection_callbacks callbacks = {
        .on_bytes = on_bytes,
        .on_eof = tcp_connection_close_after_flush,
    };
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    const struct cli_option table[] = {SERVER_OPTIONS_ROWS(options), CLI_END};
    const struct cli_program program = {
        .name = "S4-smuggling", .summary = "Says where a request ends.", .options = table};
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
