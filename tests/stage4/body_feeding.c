#include "body_feeding.h"

#include "escaped.h"
#include "moved_memory.h"

#include <check.h>
#include <string.h>

struct feeding {
    const struct body_case *input;
    struct http_body body;
    struct buffer content;
    size_t used;
    int status; /* as in body_case */
};

static struct feeding start(const struct body_case *input, const struct http_limits *limits)
{
    struct feeding feeding = {.input = input, .status = BODY_PARTIAL};
    struct http_request request = {
        .chunked = input->framing == CHUNKED,
        .has_content_length = input->framing != CHUNKED,
        .content_length = input->framing != CHUNKED ? (uint64_t)input->framing : 0,
    };

    memset(&feeding.body, 0xa5, sizeof feeding.body);
    http_body_init(&feeding.body, &request, limits);
    return feeding;
}

/* Feeds up to byte `end`, unless the end of the body or an error came before. */
static void feed_to(struct feeding *feeding, size_t end)
{
    const struct body_case *input = feeding->input;
    size_t offered = end - feeding->used;
    size_t used = 0;

    if (feeding->status != BODY_PARTIAL) {
        return;
    }
    enum http_progress progress =
        http_body_feed(&feeding->body, moved_memory(input->bytes + feeding->used, offered), offered,
                       &feeding->content, &used);
    ck_assert_msg(used <= offered, "%s: %zu bytes offered and %zu used", input->what, offered,
                  used);
    ck_assert_msg(progress != HTTP_PARTIAL || used == offered,
                  "%s: expected all of %zu bytes to be used, got %zu", input->what, offered, used);
    feeding->used += used;
    feeding->status = progress == HTTP_PARTIAL    ? BODY_PARTIAL
                      : progress == HTTP_COMPLETE ? 0
                                                  : feeding->body.error_status;
}

static void expect(struct feeding *feeding, const char *how, size_t split)
{
    const struct body_case *input = feeding->input;

    ck_assert_msg(feeding->status == input->status,
                  "%s, %s %zu: expected status %d, got %d\ninput: %s", input->what, how, split,
                  input->status, feeding->status, escaped(input->bytes, input->length));
    if (input->status == 0) {
        ck_assert_msg(
            feeding->content.length == input->content_length &&
                memcmp(buffer_data(&feeding->content) != NULL ? buffer_data(&feeding->content) : "",
                       input->content, input->content_length) == 0,
            "%s, %s %zu:\nexpected: %s\ngot:      %s\ninput: %s", input->what, how, split,
            escaped(input->content, input->content_length),
            escaped(buffer_data(&feeding->content), feeding->content.length),
            escaped(input->bytes, input->length));
        ck_assert_msg(feeding->used == input->used,
                      "%s, %s %zu: expected %zu bytes used, got %zu\ninput: %s", input->what, how,
                      split, input->used, feeding->used, escaped(input->bytes, input->length));
    }
    buffer_release(&feeding->content);
}

/* A prefix fed in one piece must be judged as it was byte by byte. */
static void check_split(const struct body_case *input, const struct http_limits *limits,
                        size_t split, size_t decided_at)
{
    struct feeding feeding = start(input, limits);

    feed_to(&feeding, split);
    ck_assert_msg((feeding.status == BODY_PARTIAL) == (split < decided_at),
                  "%s: the first %zu bytes in one piece: got %d; byte by byte it was decided at "
                  "byte %zu\ninput: %s",
                  input->what, split, feeding.status, decided_at,
                  escaped(input->bytes, input->length));
    feed_to(&feeding, input->length);
    expect(&feeding, "split at", split);
}

void check_body_case(const struct body_case *input, const struct http_limits *limits)
{
    struct feeding feeding = start(input, limits);
    size_t fed = 0;

    while (fed < input->length && feeding.status == BODY_PARTIAL) {
        fed++;
        feed_to(&feeding, fed);
    }
    size_t decided_at = feeding.status == BODY_PARTIAL ? input->length + 1 : fed;
    expect(&feeding, "byte by byte, decided at byte", decided_at);
    for (size_t split = 0; split <= input->length; split++) {
        check_split(input, limits, split, decided_at);
    }
}
