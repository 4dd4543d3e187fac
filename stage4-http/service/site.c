#include "site.h"

#include "welcome_page.h"

static void hello_handler(struct http_request *request, struct http_response *response,
                          const struct http_context *context)
{
    static const char text[] = "Hello, world!\n";

    (void)request;
    (void)context;
    http_response_borrow(response, "text/plain", text, sizeof text - 1);
}

static void welcome_handler(struct http_request *request, struct http_response *response,
                            const struct http_context *context)
{
    (void)request;
    (void)context;
    http_response_borrow(response, "text/html; charset=utf-8", welcome_page, welcome_page_length);
}

int site_add_routes(struct router *router, struct status_page *status, struct static_files *files)
{
    int result = router_add(router, HTTP_GET, "/hello", hello_handler, NULL);

    if (result == 0) {
        result = router_add(router, HTTP_GET, "/status", status_page_handler, status);
    }
    if (result == 0) {
        result = files != NULL ? router_add(router, HTTP_GET, "/*", static_files_handler, files)
                               : router_add(router, HTTP_GET, "/", welcome_handler, NULL);
    }
    return result;
}
