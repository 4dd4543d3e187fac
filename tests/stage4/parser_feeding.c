#include "parser_feeding.h"

#include "escaped.h"
#include "moved_memory.h"
#include "request_text.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct feeding {
    struct http_parser parser;
    struct http_request request;
    const struct parser_case *input;
    char text[REQUEST_TEXT];
};

static struct feeding *start(const struct parser_case *input, const struct http_limits *limits)
{
    struct feeding *feeding = malloc(sizeof *feeding);

    ck_assert_ptr_nonnull(feeding);
    /* As an exchange that served other requests: whatever is not set anew shows up as nonsense. */
    memset(feeding, 0xa5, sizeof *feeding);
    feeding->input = input;
    http_parser_init(&feeding->parser, limits, &feeding->request);
    return feeding;
}

/* Feeds the first `length` bytes. Returns whether the parser wants more. */
static bool feed(struct feeding *feeding, size_t length)
{
    const char *bytes = moved_memory(feeding->input->bytes, length);

    switch (http_parser_feed(&feeding->parser, bytes, length)) {
    case HTTP_PARTIAL:
        strcpy(feeding->text, "partial");
        return true;
    case HTTP_COMPLETE:
        request_text(&feeding->request, bytes, feeding->text);
        return false;
    case HTTP_ERROR:
        snprintf(feeding->text, sizeof feeding->text, "%d", feeding->parser.error_status);
        return false;
    }
    return false;
}

static void expect(const struct feeding *feeding, const char *expected, const char *how,
                   size_t split)
{
    const struct parser_case *input = feeding->input;

    ck_assert_msg(strcmp(feeding->text, expected) == 0,
                  "%s, %s %zu:\nexpected: %s\ngot:      %s\ninput:    %s", input->what, how, split,
                  escaped(expected, strlen(expected)),
                  escaped(feeding->text, strlen(feeding->text)),
                  escaped(input->bytes, input->length));
}

/* Found by looking for the empty line, which is not how the parser does it. */
static size_t head_length(const struct parser_case *input)
{
    size_t skipped = input->length >= 2 && memcmp(input->bytes, "\r\n", 2) == 0 ? 2 : 0;
    const char *end =
        memmem(input->bytes + skipped, input->length - skipped, "\r\n\r\n", sizeof "\r\n\r\n" - 1);

    return end == NULL ? 0 : (size_t)(end - input->bytes) + 4;
}

/* Returns with how many bytes the parser came to its result; more than there are if it did not. */
static size_t feed_byte_by_byte(struct feeding *feeding)
{
    size_t length = 0;

    strcpy(feeding->text, "partial");
    while (length < feeding->input->length) {
        length++;
        if (!feed(feeding, length)) {
            return length;
        }
    }
    return length + 1;
}

static void check_split(const struct parser_case *input, const struct http_limits *limits,
                        size_t split, size_t decided_at)
{
    struct feeding *feeding = start(input, limits);
    bool more = feed(feeding, split);

    expect(feeding, split < decided_at ? "partial" : input->expected, "after a first feed of",
           split);
    if (more && split < input->length) {
        more = feed(feeding, input->length);
        expect(feeding, input->expected, "split at", split);
    }
    if (!more && feeding->parser.error_status == 0) {
        ck_assert_msg(feeding->parser.position == head_length(input),
                      "%s, split at %zu: expected a head of %zu bytes, got %zu\ninput: %s",
                      input->what, split, head_length(input), feeding->parser.position,
                      escaped(input->bytes, input->length));
    }
    free(feeding);
}

void check_parser_case(const struct parser_case *input, const struct http_limits *limits)
{
    struct feeding *feeding = start(input, limits);
    size_t decided_at = feed_byte_by_byte(feeding);

    expect(feeding, input->expected, "byte by byte, decided at byte", decided_at);
    free(feeding);
    for (size_t split = 0; split <= input->length; split++) {
        check_split(input, limits, split, decided_at);
    }
}
