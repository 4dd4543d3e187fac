#include "http_response.h"

#include "http_chars.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Larger bodies and field blocks give their memory back when the response is done. */
enum { KEPT_CAPACITY = 64 * 1024 };

/* RFC 9110, section 15; 431 is RFC 6585. */
static const struct {
    int status;
    const char *reason;
} reasons[] = {
    {100, "Continue"},
    {200, "OK"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

const char *http_reason(int status)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].status == status) {
            return reasons[i].reason;
        }
    }
    return "Unknown";
}

static void drop_body(struct http_response *response)
{
    if (response->source != NULL) {
        response->source->release(response->source);
        response->source = NULL;
    }
    buffer_clear(&response->copied, KEPT_CAPACITY);
    response->type = NULL;
    response->bytes = NULL;
    response->length = 0;
}

void http_response_reset(struct http_response *response)
{
    drop_body(response);
    buffer_clear(&response->fields, KEPT_CAPACITY);
    response->status = 200;
    response->failed = false;
}

void http_response_release(struct http_response *response)
{
    drop_body(response);
    buffer_release(&response->fields);
    buffer_release(&response->copied);
}

int http_response_add_field(struct http_response *response, const char *name, const char *value)
{
    size_t name_length = strlen(name);
    size_t value_length = strlen(value);

    if (!http_all(name, name_length, HTTP_TCHAR) ||
        (value_length > 0 && !http_all(value, value_length, HTTP_TEXT))) {
        return -EINVAL;
    }
    char *at = buffer_reserve(&response->fields, name_length + value_length + 4);
    if (at == NULL) {
        response->failed = true;
        return -ENOMEM;
    }
    memcpy(at, name, name_length);
    memcpy(at + name_length, ": ", 2);
    memcpy(at + name_length + 2, value, value_length);
    memcpy(at + name_length + 2 + value_length, "\r\n", 2);
    buffer_commit(&response->fields, name_length + value_length + 4);
    return 0;
}

int http_response_add_lines(struct http_response *response, const char *lines, size_t length)
{
    int result = buffer_append(&response->fields, lines, length);

    response->failed = response->failed || result < 0;
    return result;
}

static void set_body(struct http_response *response, const char *type, uint64_t length)
{
    drop_body(response);
    response->type = type;
    response->length = length;
}

void http_response_copy(struct http_response *response, const char *type, const void *bytes,
                        size_t length)
{
    set_body(response, type, length);
    if (buffer_append(&response->copied, bytes, length) < 0) {
        response->failed = true;
        response->length = 0; /* what is not there must not be promised */
    }
    response->bytes = buffer_data(&response->copied);
}

void http_response_borrow(struct http_response *response, const char *type, const void *bytes,
                          size_t length)
{
    set_body(response, type, length);
    response->bytes = bytes;
}

void http_response_stream(struct http_response *response, const char *type,
                          struct http_source *source, uint64_t length)
{
    set_body(response, type, length);
    response->source = source;
}

void http_response_error(struct http_response *response, int status)
{
    char text[80];
    int length = snprintf(text, sizeof text, "%d %s\n", status, http_reason(status));

    response->status = status;
    http_response_copy(response, "text/plain; charset=utf-8", text, (size_t)length);
}
