#include "router.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct router {
    struct http_route *routes;
    size_t count;
};

int router_create(struct router **ret_router)
{
    struct router *router = calloc(1, sizeof *router);

    if (router == NULL) {
        return -ENOMEM;
    }
    *ret_router = router;
    return 0;
}

void router_destroy(struct router *router)
{
    if (router != NULL) {
        free(router->routes);
        free(router);
    }
}

int router_add(struct router *router, const struct http_route *route)
{
    struct http_route *routes = reallocarray(router->routes, router->count + 1, sizeof *routes);

    if (routes == NULL) {
        return -ENOMEM;
    }
    router->routes = routes;
    routes[router->count++] = *route;
    return 0;
}

static bool take_parameter(struct http_request *request, const char *name, const char *value,
                           size_t length)
{
    if (length == 0 || request->parameter_count == HTTP_MAX_PARAMETERS) {
        return false;
    }
    request->parameters[request->parameter_count++] =
        (struct http_parameter){.name = name, .value = {value, length}};
    return true;
}

/* Both begin with '/'. Parameters found on the way are left in the request. */
static bool matches(const char *pattern, struct http_request *request)
{
    const char *path = request->path.data;

    request->parameter_count = 0;
    while (*pattern == *path) {
        if (*pattern == '\0') {
            return true;
        }
        bool segment_begins = *pattern == '/';
        pattern++;
        path++;
        if (segment_begins && *pattern == '*') {
            return true;
        }
        if (segment_begins && *pattern == ':') {
            size_t length = strcspn(path, "/");
            if (!take_parameter(request, pattern + 1, path, length)) {
                return false;
            }
            pattern += strcspn(pattern, "/");
            path += length;
        }
    }
    return false;
}

static void allow(struct http_response *response, const bool methods[static HTTP_METHODS_SERVED])
{
    char text[80] = "OPTIONS";

    for (int i = 0; i < HTTP_METHODS_SERVED; i++) {
        if (methods[i]) {
            strncat(text, ", ", sizeof text - strlen(text) - 1);
            strncat(text, http_method_names[i], sizeof text - strlen(text) - 1);
        }
    }
    http_response_add_field(response, "Allow", text);
}

/* Which methods the path has; an empty path (asterisk-form) asks for those of the whole server. */
static bool collect_methods(const struct router *router, struct http_request *request,
                            bool ret_methods[static HTTP_METHODS_SERVED])
{
    bool any = request->target_path.length == 0 && request->method == HTTP_OPTIONS;
    bool everything = any;

    for (size_t i = 0; i < router->count; i++) {
        const struct http_route *route = &router->routes[i];
        if (everything || matches(route->pattern, request)) {
            any = true;
            ret_methods[route->method] = true;
            ret_methods[HTTP_HEAD] = ret_methods[HTTP_HEAD] || route->method == HTTP_GET;
        }
    }
    return any;
}

static void answer_without_route(const struct router *router, struct http_request *request,
                                 struct http_response *response)
{
    bool methods[HTTP_METHODS_SERVED] = {false};

    if (request->method >= HTTP_METHODS_SERVED) {
        http_response_error(response, 501); /* TRACE echoes secrets, CONNECT is for proxies */
    } else if (!collect_methods(router, request, methods)) {
        http_response_error(response, 404);
    } else if (request->method == HTTP_OPTIONS) {
        response->status = 204;
        allow(response, methods);
    } else {
        http_response_error(response, 405);
        allow(response, methods);
    }
}

const struct http_route *router_find(const struct router *router, struct http_request *request,
                                     struct http_response *response)
{
    enum http_method method = request->method == HTTP_HEAD ? HTTP_GET : request->method;

    for (size_t i = 0; i < router->count; i++) {
        const struct http_route *route = &router->routes[i];
        if (route->method == method && matches(route->pattern, request)) {
            return route;
        }
    }
    answer_without_route(router, request, response);
    return NULL;
}

size_t router_count(const struct router *router)
{
    return router->count;
}

const struct http_route *router_route(const struct router *router, size_t number)
{
    return &router->routes[number];
}

size_t router_number(const struct router *router, const struct http_route *route)
{
    return (size_t)(route - router->routes);
}
