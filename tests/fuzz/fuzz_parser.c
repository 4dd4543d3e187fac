/*
 * The head of a request: however it is split, http_parser comes to the same result at the same
 * byte; what it accepts is what head_model reads there, and survives being written out again.
 */
#include "fuzz.h"
#include "head_model.h"
#include "http_parser.h"

#include <stdlib.h>
#include <string.h>

enum { SPLITS = 3 };

/* Small, so that short inputs reach them; and those of the server. */
static const struct http_limits small_limits = {
    .request_line = 100, .head = 400, .fields = 8, .body = 1000};
static const struct http_limits server_limits = HTTP_LIMITS_DEFAULT;

struct outcome {
    struct http_parser parser;
    struct http_request request;
    enum http_progress progress;
    size_t fed;
};

static void start(struct outcome *outcome, const struct http_limits *limits)
{
    /* As an exchange that served other requests: what is not set anew shows up as nonsense. */
    memset(outcome, 0xa5, sizeof *outcome);
    http_parser_init(&outcome->parser, limits, &outcome->request);
    outcome->progress = HTTP_PARTIAL;
    outcome->fed = 0;
}

/* What is not refused keeps to the limits, also while it is still growing. */
static void check_limits(const struct outcome *outcome)
{
    const struct http_parser *parser = &outcome->parser;
    size_t line = parser->phase == HTTP_FIELDS ? 0 : parser->position - parser->line_start;

    fuzz_require(parser->position <= parser->limits->head, "%zu bytes of head", parser->position);
    fuzz_require(line <= parser->limits->request_line, "%zu bytes of request line", line);
    fuzz_require(outcome->request.field_count <= parser->limits->fields, "%zu fields",
                 outcome->request.field_count);
    fuzz_require(outcome->request.content_length <= parser->limits->body ||
                     outcome->progress == HTTP_PARTIAL,
                 "a body of %llu bytes", (unsigned long long)outcome->request.content_length);
}

static void feed(struct outcome *outcome, const uint8_t *bytes, size_t length)
{
    char *copy = fuzz_copy(bytes, length);

    outcome->progress = http_parser_feed(&outcome->parser, copy, length);
    outcome->fed = length;
    free(copy);
    fuzz_require(outcome->parser.position <= length, "position %zu of %zu bytes",
                 outcome->parser.position, length);
    /* It is there for the access log, also of what was refused. */
    fuzz_require(outcome->request.line.offset + outcome->request.line.length <= length,
                 "a request line of %u bytes at %u, in %zu", outcome->request.line.length,
                 outcome->request.line.offset, length);
    if (outcome->progress != HTTP_ERROR) {
        check_limits(outcome);
    }
}

static bool same_range(struct http_range a, struct http_range b)
{
    return a.offset == b.offset && a.length == b.length;
}

static bool same_fields(const struct http_request *a, const struct http_request *b)
{
    for (size_t i = 0; i < a->field_count && i < b->field_count; i++) {
        if (!same_range(a->fields[i].name, b->fields[i].name) ||
            !same_range(a->fields[i].value, b->fields[i].value)) {
            return false;
        }
    }
    return a->field_count == b->field_count;
}

static bool same_framing(const struct http_request *a, const struct http_request *b)
{
    return a->has_content_length == b->has_content_length && a->chunked == b->chunked &&
           a->keep_alive == b->keep_alive && a->expects_continue == b->expects_continue &&
           a->content_length == b->content_length;
}

static bool same_request(const struct http_request *a, const struct http_request *b)
{
    return a->method == b->method && a->minor_version == b->minor_version &&
           same_range(a->line, b->line) && same_range(a->target, b->target) &&
           same_range(a->target_path, b->target_path) && same_range(a->query, b->query) &&
           same_fields(a, b) && same_framing(a, b);
}

static void require_same(const struct outcome *got, const struct outcome *expected, const char *how)
{
    const struct http_parser *a = &got->parser;
    const struct http_parser *b = &expected->parser;

    fuzz_require(got->progress == expected->progress && a->error_status == b->error_status,
                 "%s: progress %d, status %d; fed whole: %d, %d", how, got->progress,
                 a->error_status, expected->progress, b->error_status);
    if (got->progress == HTTP_ERROR) {
        return;
    }
    fuzz_require(a->position == b->position && a->line_start == b->line_start &&
                     a->phase == b->phase,
                 "%s: at byte %zu of the line from %zu; fed whole: %zu, %zu", how, a->position,
                 a->line_start, b->position, b->line_start);
    fuzz_require(got->progress != HTTP_COMPLETE || same_request(&got->request, &expected->request),
                 "%s: another request than fed whole", how);
}

/* Returns the number of bytes that decided; more than there are if none did. */
static size_t try_byte_by_byte(const uint8_t *bytes, size_t length,
                               const struct http_limits *limits, const struct outcome *whole)
{
    struct outcome outcome;

    start(&outcome, limits);
    for (size_t i = 1; i <= length && outcome.progress == HTTP_PARTIAL; i++) {
        feed(&outcome, bytes, i);
    }
    require_same(&outcome, whole, "byte by byte");
    return outcome.progress == HTTP_PARTIAL ? length + 1 : outcome.fed;
}

static void try_split(const uint8_t *bytes, size_t length, const struct http_limits *limits,
                      const struct outcome *whole, struct random_numbers *numbers,
                      size_t decided_at)
{
    struct outcome outcome;

    start(&outcome, limits);
    for (size_t end = 0; end < length && outcome.progress == HTTP_PARTIAL;) {
        end += fuzz_piece(numbers, length - end);
        feed(&outcome, bytes, end);
        fuzz_require((outcome.progress == HTTP_PARTIAL) == (end < decided_at),
                     "%zu bytes: progress %d; byte by byte it was decided at %zu", end,
                     outcome.progress, decided_at);
    }
    require_same(&outcome, whole, "split");
}

static char *put(char *out, const char *bytes, size_t length)
{
    return mempcpy(out, bytes, length);
}

static char *put_range(char *out, const struct http_request *request, struct http_range range)
{
    struct http_span text = http_request_text(request, range);

    return put(out, text.data, text.length);
}

/* Writes the request without anything it could do without. Returns its length. */
static size_t write_out(const struct http_request *request, char *ret)
{
    const char *method = http_method_names[request->method];
    char *out = put(ret, method, strlen(method));

    out = put(out, " ", 1);
    out = put_range(out, request, request->target);
    out = put(out, request->minor_version == 0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n", 11);
    for (size_t i = 0; i < request->field_count; i++) {
        out = put_range(out, request, request->fields[i].name);
        out = put(out, ":", 1);
        out = put_range(out, request, request->fields[i].value);
        out = put(out, "\r\n", 2);
    }
    out = put(out, "\r\n", 2);
    return (size_t)(out - ret);
}

static bool same_text(const struct http_request *a, struct http_range in_a,
                      const struct http_request *b, struct http_range in_b)
{
    struct http_span text_a = http_request_text(a, in_a);
    struct http_span text_b = http_request_text(b, in_b);

    return text_a.length == text_b.length && memcmp(text_a.data, text_b.data, text_a.length) == 0;
}

static bool same_texts(const struct http_request *a, const struct http_request *b)
{
    bool same = a->method == b->method && a->minor_version == b->minor_version &&
                same_text(a, a->target, b, b->target) &&
                same_text(a, a->target_path, b, b->target_path) &&
                same_text(a, a->query, b, b->query) && a->field_count == b->field_count;

    for (size_t i = 0; same && i < a->field_count; i++) {
        same = same_text(a, a->fields[i].name, b, b->fields[i].name) &&
               same_text(a, a->fields[i].value, b, b->fields[i].value);
    }
    return same && same_framing(a, b);
}

/* What was written out has no white space to drop, so it is at most as long as the original. */
static void try_written_out(const struct http_request *request, const struct http_limits *limits,
                            size_t head_length)
{
    struct outcome again;
    char *bytes = malloc(head_length);

    fuzz_require(bytes != NULL, "no memory");
    size_t length = write_out(request, bytes);
    fuzz_require(length <= head_length, "%zu bytes written out from %zu", length, head_length);
    start(&again, limits);
    again.progress = http_parser_feed(&again.parser, bytes, length);
    again.request.head = bytes;
    fuzz_require(again.progress == HTTP_COMPLETE && again.parser.position == length,
                 "written out and parsed again: progress %d, status %d", again.progress,
                 again.parser.error_status);
    fuzz_require(same_texts(request, &again.request), "written out, it is another request");
    free(bytes);
}

static void try_limits(const uint8_t *bytes, size_t length, const struct http_limits *limits)
{
    struct random_numbers numbers = fuzz_numbers(bytes, length);
    struct outcome whole;

    start(&whole, limits);
    if (length > 0) {
        feed(&whole, bytes, length);
    }
    size_t decided_at = try_byte_by_byte(bytes, length, limits, &whole);
    for (int i = 0; i < SPLITS; i++) {
        try_split(bytes, length, limits, &whole, &numbers, decided_at);
    }
    if (whole.progress == HTTP_COMPLETE) {
        char *head = fuzz_copy(bytes, whole.parser.position);
        whole.request.head = head;
        head_model_check(head, whole.parser.position, &whole.request);
        try_written_out(&whole.request, limits, whole.parser.position);
        free(head);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    try_limits(bytes, length, &small_limits);
    try_limits(bytes, length, &server_limits);
    return 0;
}
