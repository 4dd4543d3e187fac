/* ./lab run S4-bad-request --port=8080 */
/*
 * A server of stage 3 that answers with the learner's verdicts. To close, it first says that it
 * sends no more, and throws away what still comes: a close at once could reset the connection, and
 * the client would lose the answer.
 */
#include "epoll_dispatcher.h"
#include "http_response.h"
#include "tcp_server.h"
#include "verdict.h"
#include "wakeup.h"

#include <stdio.h>
#include <sys/socket.h>

/* A connection's context, once nothing that comes is looked at any more. */
static char refused;

static void answer(struct tcp_connection *connection, const struct verdict *verdict)
{
    char body[128];
    char text[512];
    int length =
        snprintf(body, sizeof body, "%d %s\n", verdict->status, http_reason(verdict->status));

    length = snprintf(text, sizeof text, "HTTP/1.1 %d %s\r\nContent-Length: %d\r\n%s\r\n%s",
                      verdict->status, http_reason(verdict->status), length,
                      verdict->close ? "Connection: close\r\n" : "", body);
    tcp_connection_send(connection, text, (size_t)length);
}

static size_t on_bytes(struct tcp_connection *connection, char *bytes, size_t length)
{
    size_t used = 0;

    while (used < length && tcp_connection_context(connection) == NULL) {
        const struct verdict verdict = judge_head(bytes + used, length - used);
        if (verdict.status == 0) {
            return used;
        }
        used += verdict.used;
        answer(connection, &verdict);
        if (verdict.close) {
            tcp_connection_set_context(connection, &refused);
            tcp_connection_want_drained(connection);
        }
    }
    return length;
}

static void on_drained(struct tcp_connection *connection)
{
    shutdown(tcp_connection_fd(connection), SHUT_WR);
}

int main(int argc, char **argv)
{
    static const struct tcp_connection_callbacks callbacks = {
        .on_bytes = on_bytes,
        .on_eof = tcp_connection_close_after_flush,
        .on_drained = on_drained,
    };
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    const struct cli_option table[] = {SERVER_OPTIONS_ROWS(options), CLI_END};
    const struct cli_program program = {
        .name = "S4-bad-request", .summary = "Has one page, and says no.", .options = table};
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
