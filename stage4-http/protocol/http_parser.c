#include "http_parser.h"

#include "http_authority.h"
#include "http_chars.h"
#include "http_list.h"

#include <string.h>
#include <strings.h>

void http_parser_init(struct http_parser *parser, const struct http_limits *limits,
                      struct http_request *request)
{
    *parser = (struct http_parser){.limits = limits, .request = request};
    /* Not the whole struct: its field table is 2 KB that field_count makes invisible. */
    request->head = "";
    request->method = HTTP_GET;
    request->minor_version = 1;
    request->line = (struct http_range){0};
    request->target = (struct http_range){0};
    request->target_path = (struct http_range){0};
    request->query = (struct http_range){0};
    request->field_count = 0;
    request->has_content_length = false;
    request->chunked = false;
    request->expects_continue = false;
    request->conditional = false;
    request->content_length = 0;
    request->path = (struct http_span){"", 0};
    request->body = (struct http_span){"", 0};
    request->parameter_count = 0;
}

static bool fail(struct http_parser *parser, int status)
{
    parser->error_status = status;
    return false;
}

static struct http_range range(const char *bytes, const char *from, const char *to)
{
    return (struct http_range){(uint32_t)(from - bytes), (uint32_t)(to - from)};
}

static bool starts_with(const char *text, const char *end, const char *prefix)
{
    size_t length = strlen(prefix);

    return (size_t)(end - text) >= length && strncasecmp(text, prefix, length) == 0;
}

/* RFC 9110, 9.1: method names are case-sensitive. One we do not know is 501. */
static bool parse_method(struct http_parser *parser, const char *text, size_t length)
{
    for (int i = 0; i < HTTP_METHOD_COUNT; i++) {
        const char *name = http_method_names[i];
        if (strlen(name) == length && memcmp(name, text, length) == 0) {
            parser->request->method = (enum http_method)i;
            return true;
        }
    }
    return fail(parser, http_all(text, length, HTTP_TCHAR) ? 501 : 400);
}

/*
 * RFC 9112, 2.3: exactly "HTTP/" digit "." digit. 1.x with x > 1 is handled as 1.1 (RFC 9110, 2.5).
 */
static bool parse_version(struct http_parser *parser, const char *text, size_t length)
{
    bool form = length == 8 && memcmp(text, "HTTP/", 5) == 0 && text[5] >= '0' && text[5] <= '9' &&
                text[6] == '.' && text[7] >= '0' && text[7] <= '9';

    if (!form) {
        return fail(parser, 400);
    }
    if (text[5] != '1') {
        return fail(parser, 505);
    }
    parser->request->minor_version = text[7] == '0' ? 0 : 1;
    return true;
}

/* RFC 9112, 3.2: origin-form, absolute-form, asterisk-form (OPTIONS), authority-form (CONNECT). */
static bool parse_target(struct http_parser *parser, const char *bytes, const char *text,
                         const char *end)
{
    struct http_request *request = parser->request;
    const char *path = text;

    request->target = range(bytes, text, end);
    if (!http_all(text, (size_t)(end - text), HTTP_TARGET)) {
        return fail(parser, 400);
    }
    if (request->method == HTTP_CONNECT) {
        return (http_is_authority(text, end) && http_authority_has_port(text, end)) ||
               fail(parser, 400);
    }
    if (end - text == 1 && *text == '*') {
        return request->method == HTTP_OPTIONS || fail(parser, 400);
    }
    if (*text != '/') {
        size_t scheme = starts_with(text, end, "http://")    ? 7
                        : starts_with(text, end, "https://") ? 8
                                                             : 0;
        path = text + scheme;
        while (path < end && *path != '/' && *path != '?') {
            path++;
        }
        if (scheme == 0 || !http_is_authority(text + scheme, path)) {
            return fail(parser, 400);
        }
    }
    const char *question = memchr(path, '?', (size_t)(end - path));
    request->target_path = range(bytes, path, question != NULL ? question : end);
    if (question != NULL) {
        request->query = range(bytes, question + 1, end);
    }
    return true;
}

/* RFC 9112, 3: method SP request-target SP HTTP-version, with single spaces. */
static bool parse_request_line(struct http_parser *parser, const char *bytes, const char *line,
                               const char *end)
{
    const char *method_end = memchr(line, ' ', (size_t)(end - line));
    const char *target_end = memrchr(line, ' ', (size_t)(end - line));

    /* One space or none: HTTP/0.9 looks like that, and is not spoken any more. */
    if (method_end == NULL || method_end == target_end) {
        return fail(parser, 400);
    }
    return parse_version(parser, target_end + 1, (size_t)(end - target_end - 1)) &&
           parse_method(parser, line, (size_t)(method_end - line)) &&
           parse_target(parser, bytes, method_end + 1, target_end);
}

/*
 * RFC 9112, 6.2 and 6.3: digits, once. Anything else can be read as another length by someone else.
 */
static bool take_content_length(struct http_parser *parser, struct http_span value)
{
    struct http_request *request = parser->request;
    uint64_t length = 0;

    if (request->has_content_length || value.length == 0) {
        return fail(parser, 400);
    }
    for (size_t i = 0; i < value.length; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') {
            return fail(parser, 400);
        }
        unsigned digit = (unsigned)(value.data[i] - '0');
        if (length > (UINT64_MAX - digit) / 10) {
            return fail(parser, 413);
        }
        length = length * 10 + digit;
    }
    request->has_content_length = true;
    request->content_length = length;
    return true;
}

/*
 * RFC 9112, 6.1: we know one coding, and it may be there once. "gzip, chunked" begins with a coding
 * that we do not have: 501. "chunked, chunked" is an attack, and what begins with no name is none.
 */
static bool take_transfer_encoding(struct http_parser *parser, struct http_span value)
{
    struct http_span coding = {value.data, 0};

    while (coding.length < value.length && http_is(value.data[coding.length], HTTP_TCHAR)) {
        coding.length++;
    }
    if (parser->seen_transfer_encoding || coding.length == 0) {
        return fail(parser, 400);
    }
    parser->seen_transfer_encoding = true;
    if (!http_span_equals(coding, "chunked")) {
        return fail(parser, 501);
    }
    parser->request->chunked = true;
    return coding.length == value.length || fail(parser, 400);
}

/* RFC 9110, 7.6.1: a list of tokens, whatever the case. */
static bool take_connection(struct http_parser *parser, struct http_span value)
{
    struct http_span option;

    while (http_list_item(&value, &option)) {
        parser->wants_close = parser->wants_close || http_span_equals(option, "close");
        parser->wants_keep_alive =
            parser->wants_keep_alive || http_span_equals(option, "keep-alive");
    }
    return true;
}

static bool take_host(struct http_parser *parser, struct http_span value)
{
    /* RFC 9112, 3.2: a server must refuse more than one, or an invalid one. */
    return (++parser->host_count == 1 &&
            http_is_authority(value.data, value.data + value.length)) ||
           fail(parser, 400);
}

static bool take_expect(struct http_parser *parser, struct http_span value)
{
    if (!http_span_equals(value, "100-continue")) {
        return fail(parser, 417); /* RFC 9110, 10.1.1 */
    }
    parser->request->expects_continue = true;
    return true;
}

/* The fields that decide where this request ends and what becomes of the connection. */
static bool take_field(struct http_parser *parser, struct http_span name, struct http_span value)
{
    /* No two of them are of the same length. */
    switch (name.length) {
    case sizeof "Host" - 1:
        return !http_span_equals(name, "Host") || take_host(parser, value);
    case sizeof "Expect" - 1:
        return !http_span_equals(name, "Expect") || take_expect(parser, value);
    case sizeof "Connection" - 1:
        return !http_span_equals(name, "Connection") || take_connection(parser, value);
    case sizeof "Content-Length" - 1:
        return !http_span_equals(name, "Content-Length") || take_content_length(parser, value);
    case sizeof "Transfer-Encoding" - 1:
        return !http_span_equals(name, "Transfer-Encoding") ||
               take_transfer_encoding(parser, value);
    default:
        return true;
    }
}

/*
 * RFC 9112, 5: field-name ":" OWS field-value OWS. A name that is no token catches the space before
 * the colon (5.1) and the folded line (5.2), which begins with white space; both are 400.
 */
static bool parse_field(struct http_parser *parser, const char *bytes, const char *line,
                        const char *end)
{
    struct http_request *request = parser->request;
    const char *colon = line + http_run(line, (size_t)(end - line), HTTP_TCHAR);

    if (colon == line || colon == end || *colon != ':') {
        return fail(parser, 400);
    }
    if (request->field_count >= parser->limits->fields) {
        return fail(parser, 431);
    }
    struct http_span value =
        http_span_trim((struct http_span){colon + 1, (size_t)(end - colon - 1)});
    request->fields[request->field_count++] = (struct http_field){
        .name = range(bytes, line, colon),
        .value = range(bytes, value.data, value.data + value.length),
    };
    if (*line == 'I' || *line == 'i') {
        request->conditional = request->conditional || starts_with(line, colon, "If-");
    }
    return take_field(parser, (struct http_span){line, (size_t)(colon - line)}, value);
}

/* What only the whole head can tell. */
static bool finish(struct http_parser *parser)
{
    struct http_request *request = parser->request;

    if (request->minor_version >= 1 && parser->host_count == 0) {
        return fail(parser, 400); /* RFC 9112, 3.2 */
    }
    if (parser->seen_transfer_encoding &&
        (request->has_content_length || request->minor_version == 0)) {
        /* RFC 9112, 6.1 and 6.3: two ways to find the end are one too many. */
        return fail(parser, 400);
    }
    if (request->minor_version == 0) {
        request->expects_continue = false; /* RFC 9110, 10.1.1 */
    }
    if (request->content_length > parser->limits->body) {
        return fail(parser, 413);
    }
    request->keep_alive =
        !parser->wants_close && (request->minor_version >= 1 || parser->wants_keep_alive);
    return true;
}

/* One line without its end. Returns whether to go on; *ret_done says that it was the last one. */
static bool take_line(struct http_parser *parser, const char *bytes, const char *line,
                      const char *end, bool *ret_done)
{
    switch (parser->phase) {
    case HTTP_BEFORE_REQUEST:
        parser->phase = HTTP_REQUEST_LINE;
        if (line == end) {
            return true; /* RFC 9112, 2.2: one empty line before the request is forgiven */
        }
        /* fall through */
    case HTTP_REQUEST_LINE:
        parser->phase = HTTP_FIELDS;
        return parse_request_line(parser, bytes, line, end);
    case HTTP_FIELDS:
        if (line == end) {
            *ret_done = true;
            return finish(parser);
        }
        return parse_field(parser, bytes, line, end);
    }
    return fail(parser, 400);
}

/*
 * How far to look: at most one byte beyond the nearest limit. So the rule that is broken first, in
 * the order of the bytes, decides the status, and no split of the bytes can change it. Limits count
 * while a line is still growing: nobody has to send its end to be refused.
 */
static size_t scan_end(const struct http_parser *parser, size_t length)
{
    size_t most = parser->limits->head;
    size_t line_most = parser->line_start + parser->limits->request_line;

    if (parser->phase != HTTP_FIELDS && line_most < most) {
        most = line_most;
    }
    return length <= most ? length : most + 1;
}

/*
 * The place of the first byte that is no text, from `from` on and before `end`. Every byte of every
 * head comes by here, hence eight at a time: that halves its instructions.
 */
static size_t end_of_text(const char *bytes, size_t from, size_t end)
{
    while (from + 8 <= end) {
        unsigned classes = HTTP_TEXT;
#pragma GCC unroll 8
        for (size_t i = 0; i < 8; i++) {
            classes &= http_char_class[(unsigned char)bytes[from + i]];
        }
        if (classes == 0) {
            break;
        }
        from += 8;
    }
    while (from < end && http_is(bytes[from], HTTP_TEXT)) {
        from++;
    }
    return from;
}

static bool within_limits(struct http_parser *parser)
{
    if (parser->position > parser->limits->head) {
        return fail(parser, 431);
    }
    return parser->phase == HTTP_FIELDS ||
           parser->position - parser->line_start <= parser->limits->request_line ||
           fail(parser, 414);
}

enum http_progress http_parser_feed(struct http_parser *parser, const char *bytes, size_t length)
{
    bool done = false;

    while (!done) {
        size_t end = end_of_text(bytes, parser->position, scan_end(parser, length));
        parser->position = end;
        if (parser->phase != HTTP_FIELDS) {
            parser->request->line = range(bytes, bytes + parser->line_start, bytes + end);
        }
        /*
         * The first byte tells TLS and other strangers: no need to wait for a line that never ends.
         */
        if (parser->phase != HTTP_FIELDS && end > parser->line_start &&
            !http_is(bytes[parser->line_start], HTTP_TCHAR)) {
            parser->error_status = 400;
            return HTTP_ERROR;
        }
        if (!within_limits(parser)) {
            return HTTP_ERROR;
        }
        if (end == length || (bytes[end] == '\r' && end + 1 == length)) {
            return HTTP_PARTIAL;
        }
        /* A bare CR, a bare LF, a NUL or another control character is 400 (RFC 9112, 2.2). */
        if (bytes[end] != '\r' || bytes[end + 1] != '\n') {
            parser->error_status = 400;
            return HTTP_ERROR;
        }
        if (!take_line(parser, bytes, bytes + parser->line_start, bytes + end, &done)) {
            return HTTP_ERROR;
        }
        parser->position = end + 2;
        parser->line_start = parser->position;
    }
    /* The last line's end counts as well. */
    return within_limits(parser) ? HTTP_COMPLETE : HTTP_ERROR;
}
