#include "site.h"

#include "http_query.h"
#include "stream_page.h"
#include "welcome_page.h"
#include "worker_pool.h"

#include <string.h>

enum { LONGEST_PAUSE_MS = 60000 };

/* Text that a client has sent: a browser must not take it for a page and run what is in it. */
static void answer_foreign_text(struct http_response *response, struct buffer *text, int result)
{
    if (result < 0) {
        http_response_error(response, 503);
    } else {
        http_response_add_field(response, "X-Content-Type-Options", "nosniff");
        http_response_copy(response, "text/plain", buffer_data(text), text->length);
    }
    buffer_release(text);
}

static void hello_handler(struct http_request *request, struct http_response *response,
                          const struct http_context *context)
{
    static const char text[] = "Hello, world!\n";

    (void)request;
    (void)context;
    http_response_borrow(response, "text/plain", text, sizeof text - 1);
}

static void echo_handler(struct http_request *request, struct http_response *response,
                         const struct http_context *context)
{
    (void)context;
    http_response_add_field(response, "X-Content-Type-Options", "nosniff");
    http_response_borrow(response, "application/octet-stream", request->body.data,
                         request->body.length);
}

static void headers_handler(struct http_request *request, struct http_response *response,
                            const struct http_context *context)
{
    struct buffer text = {0};
    int result = 0;

    (void)context;
    for (size_t i = 0; result == 0 && i < request->field_count; i++) {
        struct http_span name = http_request_text(request, request->fields[i].name);
        struct http_span value = http_request_text(request, request->fields[i].value);
        result = buffer_printf(&text, "%.*s: %.*s\n", (int)name.length, name.data,
                               (int)value.length, value.data);
    }
    answer_foreign_text(response, &text, result);
}

/* RFC 6265, 4.2.1: cookie-pair *( ";" SP cookie-pair ). What is no pair is left out. */
static int append_cookies(struct buffer *text, struct http_span value)
{
    const char *end = value.data + value.length;
    int result = 0;

    for (const char *at = value.data; result == 0 && at < end;) {
        const char *semicolon = memchr(at, ';', (size_t)(end - at));
        const char *stop = semicolon != NULL ? semicolon : end;
        while (at < stop && *at == ' ') {
            at++;
        }
        if (memchr(at, '=', (size_t)(stop - at)) != NULL) {
            result = buffer_printf(text, "%.*s\n", (int)(stop - at), at);
        }
        at = semicolon != NULL ? semicolon + 1 : end;
    }
    return result;
}

static void cookies_handler(struct http_request *request, struct http_response *response,
                            const struct http_context *context)
{
    struct buffer text = {0};
    int result = 0;

    (void)context;
    for (size_t i = 0; result == 0 && i < request->field_count; i++) {
        if (http_span_equals(http_request_text(request, request->fields[i].name), "Cookie")) {
            result = append_cookies(&text, http_request_text(request, request->fields[i].value));
        }
    }
    answer_foreign_text(response, &text, result);
}

/* On a worker: a loop that waited here would keep all its other clients waiting. */
static void slow_handler(struct http_request *request, struct http_response *response,
                         const struct http_context *context)
{
    long ms;

    if (!http_query_number(request, "ms", 0, LONGEST_PAUSE_MS, 1000, &ms)) {
        http_response_error(response, 400);
    } else if (worker_pause(context->workers, context->job, (unsigned)ms)) {
        static const char text[] = "That took a while.\n";
        http_response_borrow(response, "text/plain", text, sizeof text - 1);
    } else {
        http_response_error(response, 503); /* the server is ending, or the client has left */
    }
}

static void health_handler(struct http_request *request, struct http_response *response,
                           const struct http_context *context)
{
    const struct http_service *service = context->user;

    (void)request;
    http_response_add_field(response, "Cache-Control", "no-store");
    if (atomic_load(&service->ending)) {
        http_response_error(response, 503);
    } else {
        http_response_borrow(response, "text/plain", "ok\n", 3);
    }
}

static void welcome_handler(struct http_request *request, struct http_response *response,
                            const struct http_context *context)
{
    (void)request;
    (void)context;
    http_response_borrow(response, "text/html; charset=utf-8", welcome_page, welcome_page_length);
}

int site_add_routes(struct router *router, struct http_service *service, struct status_page *status,
                    struct static_files *files)
{
    const struct http_route routes[] = {
        {.method = HTTP_GET, .pattern = "/hello", .handler = hello_handler},
        {.method = HTTP_POST, .pattern = "/echo", .handler = echo_handler},
        {.method = HTTP_GET, .pattern = "/headers", .handler = headers_handler},
        {.method = HTTP_POST, .pattern = "/headers", .handler = headers_handler},
        {.method = HTTP_GET, .pattern = "/cookies", .handler = cookies_handler},
        {.method = HTTP_GET, .pattern = "/slow", .handler = slow_handler, .blocking = true},
        {.method = HTTP_GET, .pattern = "/stream", .handler = stream_page_handler},
        {.method = HTTP_GET, .pattern = "/healthz", .handler = health_handler, .user = service},
        {.method = HTTP_GET, .pattern = "/status", .handler = status_page_handler, .user = status},
    };
    const struct http_route welcome = {
        .method = HTTP_GET,
        .pattern = "/",
        .handler = welcome_handler,
    };
    const struct http_route all_files = {
        .method = HTTP_GET,
        .pattern = "/*",
        .handler = static_files_handler,
        .user = files,
        .release_local = static_files_release_local,
    };
    int result = 0;

    for (size_t i = 0; result == 0 && i < sizeof routes / sizeof routes[0]; i++) {
        result = router_add(router, &routes[i]);
    }
    return result < 0 ? result : router_add(router, files != NULL ? &all_files : &welcome);
}
