#include "http_request.h"

#include <string.h>
#include <strings.h>

const char *const http_method_names[HTTP_METHOD_COUNT] = {
    [HTTP_GET] = "GET",         [HTTP_HEAD] = "HEAD",       [HTTP_POST] = "POST",
    [HTTP_PUT] = "PUT",         [HTTP_DELETE] = "DELETE",   [HTTP_PATCH] = "PATCH",
    [HTTP_OPTIONS] = "OPTIONS", [HTTP_CONNECT] = "CONNECT", [HTTP_TRACE] = "TRACE",
};

bool http_span_equals(struct http_span span, const char *text)
{
    return strlen(text) == span.length && strncasecmp(span.data, text, span.length) == 0;
}

bool http_request_field(const struct http_request *request, const char *name,
                        struct http_span *ret_value)
{
    for (size_t i = 0; i < request->field_count; i++) {
        if (http_span_equals(http_request_text(request, request->fields[i].name), name)) {
            *ret_value = http_request_text(request, request->fields[i].value);
            return true;
        }
    }
    *ret_value = (struct http_span){"", 0};
    return false;
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
