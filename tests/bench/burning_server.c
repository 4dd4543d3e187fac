/*
 * burning_server: the HTTP service of stage 4 with a handler that computes, on the loop's thread.
 * A benchmark sees with it whether more threads answer more requests: an answer of stage 4's /hello
 * costs the client as much as the server, one of GET /burn costs the server almost everything.
 *
 * Options: those that all servers have, and those of the thread pool (--port, --threads, …).
 */
#include "http_service.h"
#include "pool_options.h"
#include "tcp_server.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/*
 * Each round waits for the multiplication of the one before it, about 4 cycles: some 50 µs in all
 * on a processor of 3 GHz. Counted, not timed: every answer is the same work on every machine.
 */
enum { BURN_ROUNDS = 50000 };

enum { MAX_CONNECTIONS = 10000, MAX_REQUESTS = 1000000000 };

/*
 * FNV-1a. What it starts with is known only when a request is there, and its result is a part of
 * the answer, so no compiler can do the work beforehand or leave it out.
 */
static uint64_t burn(uint64_t hash)
{
    for (uint64_t i = 0; i < BURN_ROUNDS; i++) {
        hash = (hash ^ (i & 0xff)) * 0x100000001b3;
    }
    return hash;
}

static void burn_handler(struct http_request *request, struct http_response *response,
                         const struct http_context *context)
{
    char text[32];

    (void)context;
    int length = snprintf(text, sizeof text, "%016" PRIx64 "\n", burn(request->path.length));
    http_response_copy(response, "text/plain", text, (size_t)length);
}

static int serve(const struct server_options *options, const struct pool_options *pool,
                 struct http_service *service)
{
    const struct tcp_server_config config = {
        .program = "burning_server",
        .scheme = "http://",
        .suffix = "/",
        .options = options,
        .policy = pool->policies.tables[pool->policy],
        .thread_count = (size_t)pool->threads,
        .reactor =
            {
                .dispatcher = pool->dispatchers.tables[pool->dispatcher],
                .wakeup = pool->wakeups.tables[pool->wakeup],
                .limits = http_connection_limits(service),
                .callbacks = &http_callbacks,
                .hooks = http_service_hooks(service),
            },
    };

    return tcp_server_run(&config);
}

static int serve_routes(const struct server_options *options, const struct pool_options *pool)
{
    static const struct http_route route = {
        .method = HTTP_GET,
        .pattern = "/burn",
        .handler = burn_handler,
    };
    struct router *router = NULL;
    int result = router_create(&router);

    if (result == 0) {
        result = router_add(router, &route);
    }
    struct http_service service = {
        .limits = HTTP_LIMITS_DEFAULT,
        .patience = HTTP_PATIENCE_DEFAULT,
        .max_requests = MAX_REQUESTS,
        .max_connections = MAX_CONNECTIONS,
        .router = router,
    };
    int status = 1;
    if (result == 0) {
        status = serve(options, pool, &service);
    } else {
        fprintf(stderr, "burning_server: %s\n", strerror(-result));
    }
    router_destroy(router);
    return status;
}

int main(int argc, char **argv)
{
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    struct pool_options pool;
    const struct cli_option table[] = {
        SERVER_OPTIONS_ROWS(options),
        POOL_OPTIONS_ROWS(pool),
        CLI_END,
    };
    const struct cli_program program = {
        .name = "burning_server",
        .summary = "An HTTP server with a handler that computes, for benchmarks.",
        .options = table,
    };
    int status;
    int result = pool_options_init(&pool, NULL);

    if (result < 0) {
        cli_complain(&program, "the options: %s", strerror(-result));
        return 2;
    }
    if (!cli_parse(&program, argc, argv, &status)) {
        return status;
    }
    log_set_level((enum log_level)options.log_level);
    return serve_routes(&options, &pool);
}
