#include "offload_fixture.h"

#include "http_source.h"
#include "pool_jobs.h"
#include "server_fixture.h"

#include <check.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { PATIENCE_MS = 10000 };

static struct worker_pool *workers;
static struct router *router;
static sem_t begun;
static sem_t may_go_on;
static atomic_int begun_count;
static atomic_int sources_made;
static atomic_int sources_released;

static void hold(void)
{
    atomic_fetch_add(&begun_count, 1);
    sem_post(&begun);
    sem_wait(&may_go_on);
}

static void answer_id_held(struct http_request *request, struct http_response *response,
                           const struct http_context *context)
{
    hold();
    server_answer_id(request, response, context);
}

/* Everything that points into the request's bytes: "METHOD TARGET PATH MARK BODY". */
static void answer_report(struct http_request *request, struct http_response *response,
                          const struct http_context *context)
{
    struct http_span target = http_request_text(request, request->target);
    struct http_span mark = {0};
    struct buffer text = {0};

    (void)context;
    hold();
    http_request_field(request, "X-Mark", &mark);
    int result = buffer_printf(&text, "%s %.*s %.*s %.*s ", http_method_names[request->method],
                               (int)target.length, target.data, (int)request->path.length,
                               request->path.data, (int)mark.length, mark.data);
    if (result == 0) {
        result = buffer_append(&text, request->body.data, request->body.length);
    }
    if (result == 0) {
        http_response_copy(response, "text/plain", buffer_data(&text), text.length);
    } else {
        http_response_error(response, 500);
    }
    buffer_release(&text);
}

static int produce_piece(struct http_source *source, struct tcp_connection *connection)
{
    static const char piece[] = "from a source\n";

    (void)connection;
    int result = http_source_send(source, piece, sizeof piece - 1);
    return result < 0 ? result : HTTP_SOURCE_DONE;
}

static void release_piece(struct http_source *source)
{
    atomic_fetch_add(&sources_released, 1);
    free(source);
}

static void answer_source(struct http_request *request, struct http_response *response,
                          const struct http_context *context)
{
    (void)request;
    (void)context;
    hold();
    struct http_source *source = malloc(sizeof *source);
    if (source == NULL) {
        http_response_error(response, 503);
        return;
    }
    *source = (struct http_source){.produce = produce_piece, .release = release_piece};
    atomic_fetch_add(&sources_made, 1);
    http_response_stream(response, "text/plain", source, HTTP_LENGTH_UNKNOWN);
}

static void make_router(void)
{
    static const struct http_route routes[] = {
        {.method = HTTP_GET, .pattern = "/now/:id", .handler = server_answer_id},
        {.method = HTTP_GET,
         .pattern = "/quick/:id",
         .handler = server_answer_id,
         .blocking = true},
        {.method = HTTP_GET, .pattern = "/held/:id", .handler = answer_id_held, .blocking = true},
        {.method = HTTP_POST, .pattern = "/report", .handler = answer_report, .blocking = true},
        {.method = HTTP_GET, .pattern = "/source", .handler = answer_source, .blocking = true},
    };

    ck_assert_int_eq(router_create(&router), 0);
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        ck_assert_int_eq(router_add(router, &routes[i]), 0);
    }
}

void offload_open(size_t worker_count, size_t queue)
{
    struct server_fixture_config config = SERVER_FIXTURE_DEFAULT;

    sem_init(&begun, 0, 0);
    sem_init(&may_go_on, 0, 0);
    workers = NULL;
    if (worker_count > 0) {
        ck_assert_int_eq(worker_pool_create(worker_count, queue, &workers), 0);
    }
    make_router();
    config.router = router;
    config.workers = workers;
    server_open(&config);
}

void offload_end_workers(void)
{
    ck_assert_int_eq(worker_pool_destroy(workers, PATIENCE_MS), 0);
    router_destroy(router);
}

void offload_close(void)
{
    server_ends();
    offload_end_workers();
    server_left_nothing();
    ck_assert_int_eq(atomic_load(&sources_released), atomic_load(&sources_made));
}

void offload_await_begin(void)
{
    await_semaphore(&begun, "a worker begins with the handler");
}

void offload_let_go(int count)
{
    for (int i = 0; i < count; i++) {
        sem_post(&may_go_on);
    }
}

void offload_await_idle(void)
{
    await_idle(workers);
}

void offload_settle(void)
{
    offload_await_idle();
    server_runs();
}

struct worker_pool *offload_workers(void)
{
    return workers;
}

int offload_begun(void)
{
    return atomic_load(&begun_count);
}

int offload_sources_made(void)
{
    return atomic_load(&sources_made);
}

int offload_sources_released(void)
{
    return atomic_load(&sources_released);
}
