#include "server_fixture.h"

#include "container_of.h"
#include "epoll_dispatcher.h"
#include "http_loop.h"
#include "sockets.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct event_dispatcher dispatcher;
static struct http_service service;
static struct reactor_config reactor_config;
static struct reactor reactor;
static struct router *own_router;
static int open_sources;
static int descriptors_before;

/* The real one, but where it would sleep the run is over. */
static int wait_without_sleep(void *state, int timeout_ms, struct ready_event *ret, size_t capacity)
{
    int n = epoll_dispatcher.wait(state, 0, ret, capacity);

    return n == 0 && timeout_ms != 0 ? -ECANCELED : n;
}

void server_runs(void)
{
    int result = event_loop_run(reactor.loop);

    /* Check itself allocates in an assertion, which a test of short memory must not have here. */
    if (result != -ECANCELED) {
        ck_abort_msg("the loop ended with %d", result);
    }
}

static void answer_hello(struct http_request *request, struct http_response *response,
                         const struct http_context *context)
{
    (void)request;
    (void)context;
    http_response_borrow(response, "text/plain", "Hello, world!\n", 14);
}

static void answer_echo(struct http_request *request, struct http_response *response,
                        const struct http_context *context)
{
    (void)context;
    http_response_copy(response, "application/octet-stream", request->body.data,
                       request->body.length);
}

void server_answer_id(struct http_request *request, struct http_response *response,
                      const struct http_context *context)
{
    struct http_span id = http_request_parameter(request, "id");
    char text[64];

    (void)context;
    int length = snprintf(text, sizeof text, "%.*s\n", (int)id.length, id.data);
    http_response_copy(response, "text/plain", text, (size_t)length);
}

static void answer_large(struct http_request *request, struct http_response *response,
                         const struct http_context *context)
{
    static char bytes[LARGE_BODY];

    (void)request;
    (void)context;
    pattern(bytes, 0, sizeof bytes);
    http_response_copy(response, "application/octet-stream", bytes, sizeof bytes);
}

struct pattern_source {
    struct http_source source;
    size_t sent;
    bool breaks;
};

static int produce_pattern(struct http_source *base, struct tcp_connection *connection)
{
    struct pattern_source *source = container_of(base, struct pattern_source, source);
    char bytes[50 * 1000];

    if (source->breaks && source->sent >= STREAMED_BODY / 2) {
        return -EIO;
    }
    pattern(bytes, source->sent, sizeof bytes);
    source->sent += sizeof bytes;
    int result = tcp_connection_send(connection, bytes, sizeof bytes);
    return result < 0 ? result : source->sent < STREAMED_BODY;
}

static void release_pattern(struct http_source *base)
{
    open_sources--;
    free(container_of(base, struct pattern_source, source));
}

static void answer_streamed(struct http_request *request, struct http_response *response,
                            const struct http_context *context)
{
    struct pattern_source *source = malloc(sizeof *source);

    (void)context;
    ck_assert_ptr_nonnull(source);
    open_sources++;
    *source = (struct pattern_source){
        .source = {.produce = produce_pattern, .release = release_pattern},
        .breaks = strcmp(request->path.data, "/broken") == 0,
    };
    http_response_stream(response, "application/octet-stream", &source->source, STREAMED_BODY);
}

static struct router *make_router(void)
{
    static const struct http_route routes[] = {
        {.method = HTTP_GET, .pattern = "/hello", .handler = answer_hello},
        {.method = HTTP_POST, .pattern = "/echo", .handler = answer_echo},
        {.method = HTTP_GET, .pattern = "/n/:id", .handler = server_answer_id},
        {.method = HTTP_GET, .pattern = "/large", .handler = answer_large},
        {.method = HTTP_GET, .pattern = "/streamed", .handler = answer_streamed},
        {.method = HTTP_GET, .pattern = "/broken", .handler = answer_streamed},
    };

    ck_assert_int_eq(router_create(&own_router), 0);
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        ck_assert_int_eq(router_add(own_router, &routes[i]), 0);
    }
    return own_router;
}

void server_open(const struct server_fixture_config *config)
{
    descriptors_before = open_descriptors();
    dispatcher = epoll_dispatcher;
    dispatcher.wait = wait_without_sleep;
    service = (struct http_service){
        .limits = config->limits,
        .patience = config->patience,
        .max_requests = config->max_requests,
        .max_connections = config->max_connections,
        .router = config->router != NULL ? config->router : make_router(),
        .workers = config->workers,
    };
    reactor_config = (struct reactor_config){
        .dispatcher = &dispatcher,
        .wakeup = &eventfd_wakeup,
        .limits = config->connection.input_limit > 0 ? config->connection
                                                     : http_connection_limits(&service),
        .callbacks = &http_callbacks,
        .hooks = http_service_hooks(&service),
    };
    ck_assert_int_eq(reactor_init(&reactor, &reactor_config, NULL, NULL), 0);
}

void server_ends(void)
{
    reactor_release(&reactor);
    router_destroy(own_router);
}

void server_left_nothing(void)
{
    ck_assert_int_eq(open_sources, 0);
    ck_assert_int_eq(open_descriptors(), descriptors_before);
}

void server_close(void)
{
    server_ends();
    server_left_nothing();
}

void server_adopts(int fd)
{
    if (connection_table_adopt(reactor.table, fd, &http_callbacks, NULL, NULL) < 0) {
        ck_abort_msg("descriptor %d was not taken", fd);
    }
}

void server_drains(void)
{
    connection_table_drain_quiet(reactor.table);
}

struct reactor *server_reactor(void)
{
    return &reactor;
}

size_t server_connections(void)
{
    return connection_table_count(reactor.table);
}

size_t server_free_exchanges(void)
{
    const struct http_loop *loop = reactor.hook_state;

    return loop->free_count;
}

int server_open_sources(void)
{
    return open_sources;
}
