#include "http_request.h"

#include <string.h>

const char *const http_method_names[HTTP_METHOD_COUNT] = {
    [HTTP_GET] = "GET",         [HTTP_HEAD] = "HEAD",       [HTTP_POST] = "POST",
    [HTTP_PUT] = "PUT",         [HTTP_DELETE] = "DELETE",   [HTTP_PATCH] = "PATCH",
    [HTTP_OPTIONS] = "OPTIONS", [HTTP_CONNECT] = "CONNECT", [HTTP_TRACE] = "TRACE",
};

struct http_span http_span_trim(struct http_span span)
{
    while (span.length > 0 && (span.data[0] == ' ' || span.data[0] == '\t')) {
        span.data++;
        span.length--;
    }
    while (span.length > 0 &&
           (span.data[span.length - 1] == ' ' || span.data[span.length - 1] == '\t')) {
        span.length--;
    }
    return span;
}

size_t http_request_find_field(const struct http_request *request, const char *name, size_t from)
{
    size_t length = strlen(name);

    /* Most are told apart by their lengths, without a look at their bytes. */
    while (from < request->field_count &&
           (request->fields[from].name.length != length ||
            strncasecmp(request->head + request->fields[from].name.offset, name, length) != 0)) {
        from++;
    }
    return from;
}

bool http_request_field(const struct http_request *request, const char *name,
                        struct http_span *ret_value)
{
    size_t i = http_request_find_field(request, name, 0);
    bool found = i < request->field_count;

    *ret_value =
        found ? http_request_text(request, request->fields[i].value) : (struct http_span){"", 0};
    return found;
}

bool http_request_single_field(const struct http_request *request, const char *name,
                               struct http_span *ret_value)
{
    if (!http_request_field(request, name, ret_value)) {
        return false;
    }
    size_t first = http_request_find_field(request, name, 0);
    return http_request_find_field(request, name, first + 1) == request->field_count;
}

struct http_span http_request_parameter(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->parameter_count; i++) {
        const struct http_parameter *parameter = &request->parameters[i];
        size_t length = strcspn(parameter->name, "/");
        if (strlen(name) == length && memcmp(parameter->name, name, length) == 0) {
            return parameter->value;
        }
    }
    return (struct http_span){"", 0};
}

void http_request_forget_text(struct http_request *request)
{
    request->head = "";
    request->line = (struct http_range){0};
    request->target = (struct http_range){0};
    request->target_path = (struct http_range){0};
    request->query = (struct http_range){0};
    request->field_count = 0;
}
