#include "stage4.h"

#include "access_log.h"
#include "http_service.h"
#include "pool_options.h"
#include "site.h"
#include "tcp_server.h"
#include "worker_pool.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    LONGEST_MS = 3600000,
    LAST_JOBS_MS = 2000, /* at the end: for handlers to notice that they are cancelled */
};

struct stage4 {
    struct cli_program program;
    struct server_options options;
    struct pool_options pool;
    const char *root; /* NULL: the welcome page */
    int listing;
    const char *access_log; /* "off", "-" or a file */
    long workers;
    long queue;
    long drain_delay;
    long max_connections;
    long max_requests;
    long max_request_line;
    long max_head;
    long max_fields;
    long max_body;
    long header_timeout;
    long idle_timeout;
    long stall_timeout;
    long min_body_rate;
    long min_read_rate;
    struct http_service service;
    struct status_page status;
};

static void set_defaults(struct stage4 *stage4)
{
    const struct http_limits limits = HTTP_LIMITS_DEFAULT;
    const struct http_patience patience = HTTP_PATIENCE_DEFAULT;

    *stage4 = (struct stage4){
        .program.name = "stage4-http",
        .options = SERVER_OPTIONS_DEFAULT,
        .access_log = "off",
        .workers = 4,
        .queue = 128,
        .max_connections = 10000,
        .max_requests = 100000,
        .max_request_line = (long)limits.request_line,
        .max_head = (long)limits.head,
        .max_fields = (long)limits.fields,
        .max_body = (long)limits.body,
        .header_timeout = patience.header_ms,
        .idle_timeout = patience.idle_ms,
        .stall_timeout = patience.stall_ms,
        .min_body_rate = patience.min_body_rate,
        .min_read_rate = patience.min_read_rate,
    };
}

/* clang-format off */
#define NUMBER_ROW(option, label, variable, explanation, low, high) \
    {.name = option, .argument = label, .help = explanation, \
     .kind = CLI_NUMBER, .target = &(variable), .minimum = (low), .maximum = (high)}

#define SITE_ROWS(s) \
    CLI_HEADED("The site"), \
    {.name = "root", .argument = "DIR", .help = "serve the files below DIR (the welcome page)", \
     .kind = CLI_STRING, .target = &(s)->root}, \
    {.name = "listing", .argument = "WHEN", .help = "list directories without index.html", \
     .kind = CLI_CHOICE, .target = &(s)->listing, .choices = off_and_on}, \
    {.name = "access-log", .argument = "FILE", \
     .help = "one line a request; -: standard output (off)", \
     .kind = CLI_STRING, .target = &(s)->access_log}, \
    NUMBER_ROW("workers", "N", (s)->workers, "threads for handlers that block; 0: these answer 503 (4)", 0, 256), \
    NUMBER_ROW("queue", "N", (s)->queue, "jobs that may wait for them; beyond: 503 (128)", \
               1, 1000000), \
    NUMBER_ROW("drain-delay", "MS", (s)->drain_delay, \
               "at the end, go on accepting so long (0)", 0, LONGEST_MS)

#define LIMIT_ROWS(s) \
    CLI_HEADED("Limits"), \
    NUMBER_ROW("max-connections", "N", (s)->max_connections, \
               "at a time; beyond: 503 (10000)", 1, 10000000), \
    NUMBER_ROW("max-requests", "N", (s)->max_requests, \
               "on one connection; then it closes (100000)", 1, 1000000000), \
    NUMBER_ROW("max-request-line", "N", (s)->max_request_line, \
               "bytes; beyond: 414 (8192)", 64, 65536), \
    NUMBER_ROW("max-head", "N", (s)->max_head, \
               "bytes of line and fields; beyond: 431 (32768)", 128, 1024 * 1024), \
    NUMBER_ROW("max-fields", "N", (s)->max_fields, \
               "header fields; beyond: 431 (100)", 1, HTTP_MAX_FIELDS), \
    NUMBER_ROW("max-body", "N", (s)->max_body, \
               "bytes of a request's body; beyond: 413 (1048576)", 0, 1024 * 1024 * 1024)

#define PATIENCE_ROWS(s) \
    CLI_HEADED("Time limits"), \
    NUMBER_ROW("header-timeout", "MS", (s)->header_timeout, \
               "for a whole head; beyond: 408, or closed if nothing came (10000)", 100, LONGEST_MS), \
    NUMBER_ROW("idle-timeout", "MS", (s)->idle_timeout, \
               "between two requests; beyond: closed (60000)", 100, LONGEST_MS), \
    NUMBER_ROW("stall-timeout", "MS", (s)->stall_timeout, \
               "for body or answer to move on at the rates below (10000)", 100, LONGEST_MS), \
    NUMBER_ROW("min-body-rate", "N", (s)->min_body_rate, \
               "bytes/s of a body; below: 408; 0: any will do (256)", 0, 1000000000), \
    NUMBER_ROW("min-read-rate", "N", (s)->min_read_rate, \
               "bytes/s a client takes; below: cut off; 0: any will do (256)", 0, 1000000000)
/* clang-format on */

static bool parse_options(struct stage4 *stage4, int argc, char **argv, int *ret_status)
{
    static const char *const off_and_on[] = {"off", "on", NULL};
    const struct cli_option table[] = {
        SERVER_OPTIONS_ROWS(stage4->options),
        POOL_OPTIONS_ROWS(stage4->pool),
        SITE_ROWS(stage4),
        LIMIT_ROWS(stage4),
        PATIENCE_ROWS(stage4),
        CLI_HEADED("Help"),
        CLI_END,
    };

    stage4->program.summary = "An HTTP/1.1 server on the reactors of stage 3.";
    stage4->program.options = table;
    bool go_on = cli_parse(&stage4->program, argc, argv, ret_status);
    stage4->program.options = NULL; /* the table ends here */
    return go_on;
}

static void on_hangup(void *context)
{
    const struct http_service *service = context;

    if (service->log != NULL) {
        access_log_reopen(service->log);
    }
}

static void on_ending(void *context)
{
    struct http_service *service = context;

    atomic_store(&service->ending, true);
}

static void on_time_up(void *context)
{
    const struct http_service *service = context;

    if (service->workers != NULL) {
        worker_pool_cancel(service->workers);
    }
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
        .drain_delay_ms = (unsigned)stage4->drain_delay,
        .events =
            {
                .on_hangup = on_hangup,
                .on_ending = on_ending,
                .on_time_up = on_time_up,
                .context = &stage4->service,
            },
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
    stage4->service.patience = (struct http_patience){
        .header_ms = (unsigned)stage4->header_timeout,
        .idle_ms = (unsigned)stage4->idle_timeout,
        .stall_ms = (unsigned)stage4->stall_timeout,
        .min_body_rate = (unsigned)stage4->min_body_rate,
        .min_read_rate = (unsigned)stage4->min_read_rate,
    };
    stage4->service.max_requests = (size_t)stage4->max_requests;
    stage4->service.max_connections = (size_t)stage4->max_connections;
    stage4->status = (struct status_page){
        .service = &stage4->service,
        .program = stage4->program.name,
        .dispatcher = pool->dispatchers.names[pool->dispatcher],
        .wakeup = pool->wakeups.names[pool->wakeup],
        .policy = pool->policies.names[pool->policy],
        .threads = pool->threads,
    };
}

/*
 * A connection is a descriptor, and the soft limit is often 1024: up to the hard one nobody has to
 * be asked.
 */
static void raise_descriptor_limit(const struct stage4 *stage4)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) {
        return;
    }
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if ((rlim_t)stage4->max_connections > limit.rlim_cur) {
        log_warn("--max-connections=%ld, but there are no more than %llu descriptors",
                 stage4->max_connections, (unsigned long long)limit.rlim_cur);
    }
}

/*
 * Who starts a server with a standard stream closed must not find its messages in a log file, or
 * worse, sent to a client: the lowest free number is the next one given out.
 */
static void open_standard_streams(void)
{
    int fd = 0;

    while (fd >= 0 && fd <= STDERR_FILENO) {
        fd = open("/dev/null", O_RDWR);
    }
    if (fd > STDERR_FILENO) {
        close(fd);
    }
}

static int complain(const struct stage4 *stage4, const char *what, const char *name, int error)
{
    fprintf(stderr, "%s: %s '%s': %s\n", stage4->program.name, what, name, strerror(error));
    return 1;
}

/*
 * Each of the following opens one thing, serves, and closes it again. The workers come last, so
 * that they end first: a handler may still use the routes, the files and the log.
 */
static int serve_with_workers(struct stage4 *stage4)
{
    struct http_service *service = &stage4->service;

    if (stage4->workers > 0) {
        int result =
            worker_pool_create((size_t)stage4->workers, (size_t)stage4->queue, &service->workers);
        if (result < 0) {
            fprintf(stderr, "%s: no memory for %ld workers: %s\n", stage4->program.name,
                    stage4->workers, strerror(-result));
            return 1;
        }
    }
    int status = serve(stage4);
    if (worker_pool_destroy(service->workers, LAST_JOBS_MS) < 0) {
        log_error("handlers that do not end: %zu; giving up", worker_pool_busy(service->workers));
        _exit(1);
    }
    return status;
}

static int serve_routes(struct stage4 *stage4, struct static_files *files)
{
    struct router *router = NULL;
    int status = 1;
    int result = router_create(&router);

    if (result == 0) {
        result = site_add_routes(router, &stage4->service, &stage4->status, files);
    }
    if (result == 0) {
        stage4->service.router = router;
        status = serve_with_workers(stage4);
    } else {
        fprintf(stderr, "%s: %s\n", stage4->program.name, strerror(-result));
    }
    router_destroy(router);
    return status;
}

static int serve_with_files(struct stage4 *stage4)
{
    struct static_files *files = NULL;

    if (stage4->root != NULL) {
        const struct static_files_config config = {.root = stage4->root,
                                                   .listing = stage4->listing == 1};
        int result = static_files_create(&config, &files);
        if (result < 0) {
            return complain(stage4, "--root: cannot open", stage4->root, -result);
        }
    }
    int status = serve_routes(stage4, files);
    static_files_destroy(files);
    return status;
}

static int serve_with_log(struct stage4 *stage4)
{
    struct http_service *service = &stage4->service;

    if (strcmp(stage4->access_log, "off") != 0) {
        int result = access_log_create(stage4->access_log, &service->log);
        if (result < 0) {
            return complain(stage4, "--access-log: cannot open", stage4->access_log, -result);
        }
    }
    int status = serve_with_files(stage4);
    uint64_t dropped = access_log_destroy(service->log);
    if (dropped > 0) {
        log_warn("lines of the access log that were lost: %llu", (unsigned long long)dropped);
    }
    return status;
}

int stage4_main(int argc, char **argv, const struct server_extensions *extensions)
{
    struct stage4 stage4;
    int status;

    open_standard_streams();
    set_defaults(&stage4);
    int result = pool_options_init(&stage4.pool, extensions);
    if (result < 0) {
        cli_complain(&stage4.program, "the extensions: %s", strerror(-result));
        return 2;
    }
    if (!parse_options(&stage4, argc, argv, &status)) {
        return status;
    }
    log_set_level((enum log_level)stage4.options.log_level);
    describe(&stage4);
    raise_descriptor_limit(&stage4);
    return serve_with_log(&stage4);
}
