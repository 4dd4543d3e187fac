#include "head_model.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A field line, cut at its colon, without white space around the value. */
struct line {
    const char *name;
    size_t name_length;
    const char *value;
    size_t value_length;
};

/* What the lines say about where the request ends. */
struct framing {
    unsigned hosts, lengths, codings;
    uint64_t length;
};

/* RFC 9112, 2.2 and 5.5: CR and LF only together, at the ends of lines; no control characters. */
static void check_bytes(const char *head, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)head[i];
        bool line_end = (c == '\r' && i + 1 < length && head[i + 1] == '\n') ||
                        (c == '\n' && i > 0 && head[i - 1] == '\r');
        fuzz_require(line_end || c == '\t' || (c >= 0x20 && c != 0x7f),
                     "accepted with byte 0x%02x at %zu", c, i);
    }
}

/* The end is the first empty line that is not in front. Returns where the request line starts. */
static const char *check_end(const char *head, size_t length)
{
    size_t skipped = length >= 2 && memcmp(head, "\r\n", 2) == 0 ? 2 : 0;
    const char *end = memmem(head + skipped, length - skipped, "\r\n\r\n", 4);

    fuzz_require(end != NULL && end + 4 == head + length, "the head does not end where it ends");
    return head + skipped;
}

static const char *line_end(const char *line, const char *end)
{
    return memmem(line, (size_t)(end - line), "\r\n", 2);
}

static bool is_white(char c)
{
    return c == ' ' || c == '\t';
}

static struct line cut(const char *start, const char *end)
{
    const char *colon = start;

    while (colon < end && *colon != ':') {
        fuzz_require((unsigned char)*colon < 0x80 &&
                         strchr(" \t\"(),/;<=>?@[\\]{}", *colon) == NULL,
                     "a field name with byte 0x%02x", (unsigned char)*colon);
        colon++;
    }
    fuzz_require(colon > start && colon < end, "a field without a name or a colon");
    const char *value = colon + 1;
    for (; value < end && is_white(*value); value++) {
    }
    for (; end > value && is_white(end[-1]); end--) {
    }
    return (struct line){start, (size_t)(colon - start), value, (size_t)(end - value)};
}

static bool is_named(const struct line *line, const char *name)
{
    return line->name_length == strlen(name) && strncasecmp(line->name, name, strlen(name)) == 0;
}

static uint64_t number_of(const struct line *line)
{
    unsigned __int128 number = 0;

    fuzz_require(line->value_length > 0, "an empty Content-Length");
    for (size_t i = 0; i < line->value_length; i++) {
        fuzz_require(line->value[i] >= '0' && line->value[i] <= '9',
                     "a Content-Length with byte 0x%02x", (unsigned char)line->value[i]);
        number = number * 10 + (unsigned)(line->value[i] - '0');
        fuzz_require(number <= UINT64_MAX, "a Content-Length beyond 64 bits");
    }
    return (uint64_t)number;
}

static void take(struct framing *framing, const struct line *line)
{
    framing->hosts += is_named(line, "host");
    if (is_named(line, "content-length")) {
        framing->lengths++;
        framing->length = number_of(line);
    }
    if (is_named(line, "transfer-encoding")) {
        framing->codings++;
        fuzz_require(line->value_length == 7 && strncasecmp(line->value, "chunked", 7) == 0,
                     "a Transfer-Encoding that is not chunked");
    }
}

static bool is_at(const struct http_request *request, struct http_range range, const char *start,
                  size_t length)
{
    return request->head + range.offset == start && range.length == length;
}

/* RFC 9112, 3: method SP target SP version, and no other white space. */
static void check_request_line(const struct http_request *request, const char *line,
                               const char *end)
{
    const char *method = http_method_names[request->method];
    const char *target = line + strlen(method) + 1;
    size_t length = (size_t)(end - target) - strlen(" HTTP/1.1");

    fuzz_require(is_at(request, request->line, line, (size_t)(end - line)),
                 "the line is not the request line");
    fuzz_require(memcmp(line, method, strlen(method)) == 0 && target[-1] == ' ',
                 "the method is not %s", method);
    fuzz_require(end - target > 9 && memcmp(end - 9, " HTTP/1.", 8) == 0 &&
                     request->minor_version == (end[-1] == '0' ? 0 : 1),
                 "the version is not 1.%u", request->minor_version);
    fuzz_require(is_at(request, request->target, target, length) &&
                     memchr(target, ' ', length) == NULL && memchr(target, '\t', length) == NULL,
                 "the target is not what is between the two spaces");
}

/* Both lie in the target, the query behind a question mark right behind the path. */
static void check_path_and_query(const struct http_request *request)
{
    const char *target = request->head + request->target.offset;
    const char *end = target + request->target.length;
    const char *path = request->head + request->target_path.offset;
    const char *path_end = path + request->target_path.length;
    const char *query = request->head + request->query.offset;

    if (request->method == HTTP_CONNECT || *target == '*') {
        fuzz_require(request->target_path.length == 0 && request->query.length == 0,
                     "a path where there is none");
        return;
    }
    const char *question = memchr(target, '?', request->target.length);
    fuzz_require(path >= target && path_end == (question != NULL ? question : end),
                 "the path does not end where the query or the target does");
    fuzz_require(request->target_path.length == 0 || *path == '/', "a path that is not absolute");
    fuzz_require(question != NULL ? query == question + 1 && query + request->query.length == end
                                  : request->query.length == 0,
                 "the query is not what is behind the question mark");
}

/* RFC 9112, 3.2 and 6: one Host; a length or chunks, and never both. */
static void check_framing(const struct http_request *request, const struct framing *framing)
{
    fuzz_require(framing->hosts <= 1 && (framing->hosts == 1 || request->minor_version == 0),
                 "%u Hosts", framing->hosts);
    fuzz_require(framing->lengths + framing->codings <= 1, "%u lengths and %u codings",
                 framing->lengths, framing->codings);
    fuzz_require(request->chunked == (framing->codings == 1), "chunked or not?");
    fuzz_require(!request->chunked || request->minor_version == 1, "chunked in 1.0");
    fuzz_require(request->has_content_length == (framing->lengths == 1) &&
                     request->content_length == framing->length,
                 "another Content-Length");
}

void head_model_check(const char *head, size_t length, const struct http_request *request)
{
    struct framing framing = {0};
    size_t count = 0;

    check_bytes(head, length);
    const char *start = check_end(head, length);
    const char *end = line_end(start, head + length);
    check_request_line(request, start, end);
    check_path_and_query(request);
    for (start = end + 2; (end = line_end(start, head + length)) > start; start = end + 2) {
        struct line line = cut(start, end);
        take(&framing, &line);
        fuzz_require(
            count < request->field_count &&
                is_at(request, request->fields[count].name, start, line.name_length) &&
                is_at(request, request->fields[count].value, line.value, line.value_length),
            "field %zu is not where its line is", count);
        count++;
    }
    fuzz_require(count == request->field_count, "%zu field lines and %zu fields", count,
                 request->field_count);
    check_framing(request, &framing);
}
