/*
 * http_request: what the parser found, as offsets into the bytes of the request's head.
 *
 * Offsets and never pointers: while a request is incomplete its bytes move, from the buffer they
 * were read into to one that keeps them. `head` says where they are now; the accessors put both
 * together.
 *
 * Lives in an exchange, on one loop. Handlers get it for the time of their call.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_DELETE,
    HTTP_PATCH,
    HTTP_OPTIONS,
    HTTP_METHODS_SERVED,
    HTTP_CONNECT = HTTP_METHODS_SERVED,
    HTTP_TRACE,
    HTTP_METHOD_COUNT,
};

/* By enum http_method. */
extern const char *const http_method_names[HTTP_METHOD_COUNT];

enum { HTTP_MAX_FIELDS = 128, HTTP_MAX_PARAMETERS = 4 };

/* Some bytes, not ended by NUL. */
struct http_span {
    const char *data;
    size_t length;
};

struct http_range {
    uint32_t offset;
    uint32_t length;
};

struct http_field {
    struct http_range name;
    struct http_range value; /* without white space around it */
};

/* A piece of the path that the router's pattern named. */
struct http_parameter {
    const char *name; /* in the pattern: ends at the next slash or with it */
    struct http_span value;
};

struct http_request {
    const char *head;
    enum http_method method;
    unsigned minor_version;        /* of HTTP/1: 0 or 1 */
    struct http_range line;        /* the request line, or what has come of it */
    struct http_range target;      /* as it was sent */
    struct http_range target_path; /* of the target; empty in asterisk-form */
    struct http_range query;       /* behind the '?' */
    struct http_field fields[HTTP_MAX_FIELDS];
    size_t field_count;

    bool has_content_length;
    bool chunked;
    bool keep_alive;
    bool expects_continue;
    bool conditional; /* some field begins with "If-": without one, nobody need look for them */
    uint64_t content_length;

    /* Set by the service before a handler is called: */
    struct http_span path; /* percent-decoded, without dot segments; ended by NUL as well */
    struct http_span body;
    struct http_parameter parameters[HTTP_MAX_PARAMETERS];
    size_t parameter_count;
};

static inline struct http_span http_request_text(const struct http_request *request,
                                                 struct http_range range)
{
    return (struct http_span){request->head + range.offset, range.length};
}

/*
 * The place of the first field of that name, not before `from`: the whole name, whatever the case.
 * field_count if there is none.
 */
size_t http_request_find_field(const struct http_request *request, const char *name, size_t from);

/*
 * The value of the first field of that name: the whole name, whatever the case. Returns false, and
 * an empty value, if there is none.
 */
bool http_request_field(const struct http_request *request, const char *name,
                        struct http_span *ret_value);

/*
 * The same for a field that may be there only once: if it is there again, nobody knows which one
 * holds, and it counts as missing.
 */
bool http_request_single_field(const struct http_request *request, const char *name,
                               struct http_span *ret_value);

/* A parameter of the route's pattern by its name; empty if there is none. */
struct http_span http_request_parameter(const struct http_request *request, const char *name);

/* For when the bytes of the head are gone: what pointed at them is empty now. */
void http_request_forget_text(struct http_request *request);

/* Whether the span is `text`, whatever the case. */
static inline bool http_span_equals(struct http_span span, const char *text)
{
    return strlen(text) == span.length && strncasecmp(span.data, text, span.length) == 0;
}

/* Without the white space (space and tab) around it. */
struct http_span http_span_trim(struct http_span span);

#endif
