#include "stage4.h"

#include "http_service.h"
#include "pool_options.h"
#include "site.h"
#include "tcp_server.h"

#include <stdio.h>
#include <string.h>

struct stage4 {
    struct cli_program program;
    struct server_options options;
    struct pool_options pool;
    const char *root; /* NULL: the welcome page */
    long max_request_line;
    long max_head;
    long max_fields;
    long max_body;
    struct http_service service;
    struct status_page status;
};

/* clang-format off */
#define LIMIT_ROW(option, variable, explanation, low, high) \
    {.name = option, .argument = "N", .help = explanation, \
     .kind = CLI_NUMBER, .target = &(variable), .minimum = (low), .maximum = (high)}
/* clang-format on */

static bool parse_options(struct stage4 *stage4, int argc, char **argv, int *ret_status)
{
    const struct cli_option table[] = {
        SERVER_OPTIONS_ROWS(stage4->options),
        POOL_OPTIONS_ROWS(stage4->pool),
        {.name = "root",
         .argument = "DIR",
         .help = "serve the files below DIR (the welcome page)",
         .kind = CLI_STRING,
         .target = &stage4->root},
        LIMIT_ROW("max-request-line", stage4->max_request_line, "bytes; beyond: 414 (8192)", 64,
                  65536),
        LIMIT_ROW("max-head", stage4->max_head, "bytes of line and fields; beyond: 431 (32768)",
                  128, 1024 * 1024),
        LIMIT_ROW("max-fields", stage4->max_fields, "header fields; beyond: 431 (100)", 1,
                  HTTP_MAX_FIELDS),
        LIMIT_ROW("max-body", stage4->max_body, "bytes of a request's body; beyond: 413 (1048576)",
                  0, 1024 * 1024 * 1024),
        CLI_END,
    };

    stage4->program = (struct cli_program){
        .name = "stage4-http",
        .summary = "An HTTP/1.1 server on the reactors of stage 3.",
        .options = table,
    };
    bool go_on = cli_parse(&stage4->program, argc, argv, ret_status);
    stage4->program.options = NULL; /* the table ends here */
    return go_on;
}

static int serve(struct stage4 *stage4)
{
    const struct tcp_server_config config = {
        .program = stage4->program.name,
        .scheme = "http://",
        .suffix = "/",
        .options = &stage4->options,
        .policy = stage4->pool.policies.tables[stage4->pool.policy],
        .thread_count = (size_t)stage4->pool.threads,
        .reactor =
            {
                .dispatcher = stage4->pool.dispatchers.tables[stage4->pool.dispatcher],
                .wakeup = stage4->pool.wakeups.tables[stage4->pool.wakeup],
                .limits = http_connection_limits(&stage4->service),
                .callbacks = &http_callbacks,
                .hooks = http_service_hooks(&stage4->service),
            },
    };

    return tcp_server_run(&config);
}

static void describe(struct stage4 *stage4)
{
    const struct pool_options *pool = &stage4->pool;

    stage4->service.limits = (struct http_limits){
        .request_line = (size_t)stage4->max_request_line,
        .head = (size_t)stage4->max_head,
        .fields = (size_t)stage4->max_fields,
        .body = (size_t)stage4->max_body,
    };
    stage4->status = (struct status_page){
        .program = stage4->program.name,
        .dispatcher = pool->dispatchers.names[pool->dispatcher],
        .wakeup = pool->wakeups.names[pool->wakeup],
        .policy = pool->policies.names[pool->policy],
        .threads = pool->threads,
    };
}

/* Files and router live as long as the loops do, and a little longer. */
static int serve_site(struct stage4 *stage4)
{
    struct static_files *files = NULL;
    struct router *router = NULL;
    int status = 1;
    int result = stage4->root != NULL ? static_files_create(stage4->root, &files) : 0;

    if (result < 0) {
        fprintf(stderr, "%s: --root: cannot open '%s': %s\n", stage4->program.name, stage4->root,
                strerror(-result));
        return 1;
    }
    result = router_create(&router);
    if (result == 0) {
        result = site_add_routes(router, &stage4->status, files);
    }
    if (result == 0) {
        stage4->service.router = router;
        status = serve(stage4);
    } else {
        fprintf(stderr, "%s: %s\n", stage4->program.name, strerror(-result));
    }
    router_destroy(router);
    static_files_destroy(files);
    return status;
}

int stage4_main(int argc, char **argv, const struct server_extensions *extensions)
{
    const struct http_limits limits = HTTP_LIMITS_DEFAULT;
    struct stage4 stage4 = {
        .program.name = "stage4-http",
        .options = SERVER_OPTIONS_DEFAULT,
        .max_request_line = (long)limits.request_line,
        .max_head = (long)limits.head,
        .max_fields = (long)limits.fields,
        .max_body = (long)limits.body,
    };
    int status;
    int result = pool_options_init(&stage4.pool, extensions);

    if (result < 0) {
        cli_complain(&stage4.program, "the extensions: %s", strerror(-result));
        return 2;
    }
    if (!parse_options(&stage4, argc, argv, &status)) {
        return status;
    }
    describe(&stage4);
    return serve_site(&stage4);
}
