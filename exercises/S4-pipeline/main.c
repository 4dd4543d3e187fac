/* ./lab run S4-pipeline --port=8080 */
/*
 * A server of stage 3 whose connections are read by the learner's pipeline. Each answer says which
 * request of this connection it is, and in which delivery of bytes it became whole.
 */
#include "container_of.h"
#include "epoll_dispatcher.h"
#include "pipeline.h"
#include "tcp_server.h"
#include "wakeup.h"

#include <stdio.h>
#include <stdlib.h>

static const struct http_limits limits = {
    .request_line = 8192, .head = 16384, .fields = 100, .body = 16384};

struct client {
    struct pipeline pipeline;
    struct tcp_connection *tcp;
    unsigned requests;
    unsigned deliveries;
};

static void send_answer(struct client *client, int status, const char *text, int length)
{
    char head[128];
    int n =
        snprintf(head, sizeof head, "HTTP/1.1 %d\r\nContent-Length: %d\r\n\r\n", status, length);

    tcp_connection_send(client->tcp, head, (size_t)n);
    tcp_connection_send(client->tcp, text, (size_t)length);
    if (status != 200) {
        tcp_connection_close_after_flush(client->tcp);
    }
}

static void on_request(struct pipeline *pipeline, const struct http_request *request)
{
    struct client *client = container_of(pipeline, struct client, pipeline);
    struct http_span target = http_request_text(request, request->target);
    char text[256];

    /* At most 100 bytes of what a stranger sent. */
    int length =
        snprintf(text, sizeof text, "request %u, delivery %u: %.*s, body of %zu bytes\n",
                 ++client->requests, client->deliveries,
                 target.length < 100 ? (int)target.length : 100, target.data, request->body.length);
    send_answer(client, 200, text, length);
    if (!request->keep_alive) {
        tcp_connection_close_after_flush(client->tcp);
    }
}

static void on_refused(struct pipeline *pipeline, int status)
{
    send_answer(container_of(pipeline, struct client, pipeline), status, "refused\n", 8);
}

static void on_open(struct tcp_connection *connection)
{
    struct client *client = calloc(1, sizeof *client);

    tcp_connection_set_context(connection, client);
    if (client == NULL) {
        tcp_connection_abort(connection);
        return;
    }
    client->tcp = connection;
    client->pipeline = (struct pipeline){on_request, on_refused, &limits, .busy = false};
}

static size_t on_bytes(struct tcp_connection *connection, char *bytes, size_t length)
{
    struct client *client = tcp_connection_context(connection);

    client->deliveries++;
    return pipeline_bytes(&client->pipeline, bytes, length);
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
    const struct cli_program program = {
        .name = "S4-pipeline", .summary = "Answers pipelined requests.", .options = table};
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
