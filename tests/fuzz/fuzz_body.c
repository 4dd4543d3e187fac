/*
 * What comes behind a head: read as chunks and read as a body of some length. However it is split,
 * http_body comes to the same verdict, which for chunks is that of chunk_model; it never touches
 * what is behind the body, and no limit is passed.
 */
#include "chunk_model.h"
#include "fuzz.h"
#include "http_body.h"

#include <stdlib.h>
#include <string.h>

/* The two of framing are those of http_body.c. */
enum { SPLITS = 3, OVERHEAD = 4096, OVERHEAD_PER_BYTE = 16, SMALL_LIMIT = 32 };

static const struct http_limits small_limits = {.body = SMALL_LIMIT};
static const struct http_limits server_limits = HTTP_LIMITS_DEFAULT;

/* What is tried: the bytes, and how they are to be read. */
struct trial {
    const char *bytes;
    size_t length;
    struct http_request request;
    const struct http_limits *limits;
};

struct outcome {
    struct http_body body;
    struct buffer content;
    enum http_progress progress;
    size_t used;
};

static void start(struct outcome *outcome, const struct trial *trial)
{
    memset(outcome, 0xa5, sizeof *outcome);
    http_body_init(&outcome->body, &trial->request, trial->limits);
    outcome->content = (struct buffer){0};
    outcome->progress = HTTP_PARTIAL;
    outcome->used = 0;
}

static void feed(struct outcome *outcome, const struct trial *trial, size_t length)
{
    char *copy = fuzz_copy(trial->bytes + outcome->used, length);
    size_t used = SIZE_MAX;

    outcome->progress = http_body_feed(&outcome->body, copy, length, &outcome->content, &used);
    free(copy);
    fuzz_require(used <= length, "%zu of %zu bytes used", used, length);
    fuzz_require(outcome->progress != HTTP_PARTIAL || used == length,
                 "%zu of %zu bytes used, and more wanted", used, length);
    fuzz_require(outcome->content.length <= trial->limits->body, "%zu bytes of content; limit %zu",
                 outcome->content.length, trial->limits->body);
    outcome->used += used;
    size_t content = outcome->content.length;
    fuzz_require(outcome->progress == HTTP_ERROR ||
                     outcome->used - content <= OVERHEAD + OVERHEAD_PER_BYTE * content,
                 "%zu bytes used for %zu of content", outcome->used, content);
}

static bool holds(const struct buffer *content, const char *bytes, size_t length)
{
    return content->length == length &&
           (length == 0 || memcmp(buffer_data(content), bytes, length) == 0);
}

static void require_same(const struct outcome *got, const struct outcome *expected, const char *how)
{
    fuzz_require(got->progress == expected->progress &&
                     got->body.error_status == expected->body.error_status,
                 "%s: progress %d, status %d; fed whole: %d, %d", how, got->progress,
                 got->body.error_status, expected->progress, expected->body.error_status);
    fuzz_require(
        got->progress == HTTP_ERROR ||
            (got->used == expected->used &&
             holds(&got->content, buffer_data(&expected->content), expected->content.length)),
        "%s: %zu bytes used for %zu of content; fed whole: %zu, %zu", how, got->used,
        got->content.length, expected->used, expected->content.length);
}

/* Returns the number of bytes that decided; more than there are if none did. */
static size_t try_byte_by_byte(const struct trial *trial, const struct outcome *whole)
{
    struct outcome outcome;
    size_t fed = 0;

    start(&outcome, trial);
    while (fed < trial->length && outcome.progress == HTTP_PARTIAL) {
        feed(&outcome, trial, 1);
        fed++;
    }
    require_same(&outcome, whole, "byte by byte");
    buffer_release(&outcome.content);
    return outcome.progress == HTTP_PARTIAL ? trial->length + 1 : fed;
}

static void try_split(const struct trial *trial, const struct outcome *whole,
                      struct random_numbers *numbers, size_t decided_at)
{
    struct outcome outcome;

    start(&outcome, trial);
    for (size_t end = 0; end < trial->length && outcome.progress == HTTP_PARTIAL;) {
        size_t piece = fuzz_piece(numbers, trial->length - end);
        feed(&outcome, trial, piece);
        end += piece;
        fuzz_require((outcome.progress == HTTP_PARTIAL) == (end < decided_at),
                     "%zu bytes: progress %d; byte by byte it was decided at %zu", end,
                     outcome.progress, decided_at);
    }
    require_same(&outcome, whole, "split");
    buffer_release(&outcome.content);
}

/* In all the ways; what came of feeding it whole is for the caller to judge and release. */
static void try_trial(const struct trial *trial, struct random_numbers *numbers,
                      struct outcome *ret_whole)
{
    start(ret_whole, trial);
    if (trial->length > 0) {
        feed(ret_whole, trial, trial->length);
    }
    size_t decided_at = try_byte_by_byte(trial, ret_whole);
    for (int i = 0; i < SPLITS; i++) {
        try_split(trial, ret_whole, numbers, decided_at);
    }
}

static void check_against_model(const struct trial *trial, const struct outcome *whole)
{
    char *content = malloc(trial->length + 1);

    fuzz_require(content != NULL, "no memory");
    struct chunk_verdict model =
        chunk_model_read(trial->bytes, trial->length, trial->limits->body, content);
    int status = whole->progress == HTTP_COMPLETE  ? CHUNK_MODEL_COMPLETE
                 : whole->progress == HTTP_PARTIAL ? CHUNK_MODEL_PARTIAL
                                                   : whole->body.error_status;
    fuzz_require(status == model.status, "status %d; by the grammar it is %d", status,
                 model.status);
    fuzz_require(model.status > 0 ||
                     (whole->used == model.used && holds(&whole->content, content, model.content)),
                 "%zu bytes used for %zu of content; by the grammar %zu, %zu", whole->used,
                 whole->content.length, model.used, model.content);
    free(content);
}

/* Cuts the content into chunks. Returns them, and what is behind them: "next". */
static struct buffer encode(const struct buffer *content, struct random_numbers *numbers)
{
    struct buffer chunks = {0};
    int result = 0;

    for (size_t at = 0; at < content->length;) {
        size_t piece = fuzz_piece(numbers, content->length - at);
        result |= buffer_printf(&chunks, "%zx\r\n", piece);
        result |= buffer_append(&chunks, buffer_data(content) + at, piece);
        result |= buffer_append(&chunks, "\r\n", 2);
        at += piece;
    }
    result |= buffer_printf(&chunks, "0\r\n\r\nnext");
    fuzz_require(result == 0, "no memory");
    return chunks;
}

static void try_encoded_again(const struct trial *trial, const struct buffer *content,
                              struct random_numbers *numbers)
{
    struct buffer chunks = encode(content, numbers);
    struct trial again = *trial;
    struct outcome outcome;

    again.bytes = buffer_data(&chunks);
    again.length = chunks.length;
    start(&outcome, &again);
    feed(&outcome, &again, again.length);
    fuzz_require(outcome.progress == HTTP_COMPLETE && outcome.used + 4 == chunks.length,
                 "encoded again: progress %d, status %d, %zu of %zu bytes used", outcome.progress,
                 outcome.body.error_status, outcome.used, chunks.length - 4);
    fuzz_require(holds(&outcome.content, buffer_data(content), content->length),
                 "encoded again, it has another content");
    buffer_release(&outcome.content);
    buffer_release(&chunks);
}

static void try_chunks(const char *bytes, size_t length, const struct http_limits *limits,
                       struct random_numbers *numbers)
{
    struct trial trial = {
        .bytes = bytes, .length = length, .request = {.chunked = true}, .limits = limits};
    struct outcome whole;

    try_trial(&trial, numbers, &whole);
    if (length <= OVERHEAD) {
        check_against_model(&trial, &whole);
    }
    if (whole.progress == HTTP_COMPLETE) {
        try_encoded_again(&trial, &whole.content, numbers);
    }
    buffer_release(&whole.content);
}

static void try_length(const char *bytes, size_t length, size_t body_length,
                       struct random_numbers *numbers)
{
    struct trial trial = {
        .bytes = bytes,
        .length = length,
        .request = {.has_content_length = true, .content_length = body_length},
        .limits = &server_limits,
    };
    struct outcome whole;
    size_t expected = body_length < length ? body_length : length;

    try_trial(&trial, numbers, &whole);
    fuzz_require(whole.progress == (body_length <= length ? HTTP_COMPLETE : HTTP_PARTIAL),
                 "%zu of %zu bytes: progress %d", length, body_length, whole.progress);
    fuzz_require(whole.used == expected && holds(&whole.content, bytes, expected),
                 "%zu bytes of %zu: %zu used, content %zu", length, body_length, whole.used,
                 whole.content.length);
    buffer_release(&whole.content);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct random_numbers numbers = fuzz_numbers(bytes, length);
    const char *text = (const char *)bytes;

    try_chunks(text, length, &small_limits, &numbers);
    try_chunks(text, length, &server_limits, &numbers);
    /* A body of no bytes has no http_body. */
    try_length(text, length, 1 + random_below(&numbers, length + 1), &numbers);
    return 0;
}
