/*
 * libevent_server: the evhttp of libevent with the answer that stage 4 gives to GET /hello, as many
 * bytes of it. A peer for benchmarks: a general library with an HTTP layer on top.
 *
 *     libevent_server PORT        on 127.0.0.1, until it is killed
 */
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static const char body[] = "Hello, world!\n";

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "libevent_server: %s\n", what);
    exit(1);
}

/* evhttp adds Date and Content-Length itself. */
static void answer_hello(struct evhttp_request *request, void *context)
{
    struct evkeyvalq *fields = evhttp_request_get_output_headers(request);
    struct evbuffer *content = evhttp_request_get_output_buffer(request);

    (void)context;
    if (evhttp_add_header(fields, "Server", "reactor-lab") < 0 ||
        evhttp_add_header(fields, "Content-Type", "text/plain") < 0 ||
        evbuffer_add_reference(content, body, sizeof body - 1, NULL, NULL) < 0) {
        evhttp_send_error(request, HTTP_INTERNAL, NULL);
        return;
    }
    evhttp_send_reply(request, HTTP_OK, "OK", NULL);
}

static uint16_t parse_port(const char *text)
{
    char *end;
    long port = strtol(text, &end, 10);

    if (end == text || *end != '\0' || port < 1 || port > UINT16_MAX) {
        fprintf(stderr, "usage: libevent_server PORT\n");
        exit(2);
    }
    return (uint16_t)port;
}

int main(int argc, char **argv)
{
    uint16_t port = parse_port(argc == 2 ? argv[1] : "");

    /* libevent writes without MSG_NOSIGNAL: a client that leaves too early would be the end. */
    signal(SIGPIPE, SIG_IGN);

    struct event_base *base = event_base_new();
    struct evhttp *server = base != NULL ? evhttp_new(base) : NULL;

    if (server == NULL) {
        die("out of memory");
    }
    evhttp_set_allowed_methods(server, EVHTTP_REQ_GET);
    if (evhttp_set_cb(server, "/hello", answer_hello, NULL) < 0) {
        die("cannot add the route");
    }
    if (evhttp_bind_socket(server, "127.0.0.1", port) < 0) {
        die("cannot listen on the port");
    }
    if (event_base_dispatch(base) < 0) {
        die("the loop has failed");
    }
    evhttp_free(server);
    event_base_free(base);
    return 0;
}
