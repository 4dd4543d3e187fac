#include "range_answers.h"

#include "escaped.h"
#include "sockets.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void expect_pattern(const char *bytes, size_t offset, size_t length)
{
    char *expected = malloc(length + 1);
    size_t same = 0;

    ck_assert_ptr_nonnull(expected);
    pattern(expected, offset, length);
    while (same < length && bytes[same] == expected[same]) {
        same++;
    }
    ck_assert_msg(same == length, "byte %zu of the range at %zu is not the right one", same,
                  offset);
    free(expected);
}

/* Compares what stands at *at, which may be followed by anything, and moves behind it. */
static void expect_text(const char **at, const char *end, const char *text)
{
    size_t length = strlen(text);

    ck_assert_msg((size_t)(end - *at) >= length && memcmp(*at, text, length) == 0,
                  "expected %s, got %.60s", escaped(text, length),
                  escaped(*at, (size_t)(end - *at)));
    *at += length;
}

void expect_parts(const struct test_answer *answer, const char *type, size_t size,
                  const struct http_byte_range *parts, size_t count)
{
    static const char multipart[] = "multipart/byteranges; boundary=";
    const char *at = answer->body;
    const char *end = at + answer->body_length;
    char boundary[100];
    char text[300];

    const char *content_type = answer_field(answer, "Content-Type");
    ck_assert_msg(strncmp(content_type, multipart, strlen(multipart)) == 0, "%s", content_type);
    snprintf(boundary, sizeof boundary, "%s", content_type + strlen(multipart));
    ck_assert_uint_ge(strlen(boundary), 16);
    ck_assert_uint_le(strlen(boundary), 70);
    for (size_t i = 0; i < count; i++) {
        size_t length = (size_t)parts[i].length;
        snprintf(text, sizeof text,
                 "\r\n--%s\r\nContent-Type: %s\r\nContent-Range: bytes %zu-%zu/%zu\r\n\r\n",
                 boundary, type, (size_t)parts[i].offset, (size_t)parts[i].offset + length - 1,
                 size);
        expect_text(&at, end, text);
        ck_assert_uint_le(length, (size_t)(end - at));
        expect_pattern(at, (size_t)parts[i].offset, length);
        at += length;
    }
    snprintf(text, sizeof text, "\r\n--%s--\r\n", boundary);
    expect_text(&at, end, text);
    ck_assert_msg(at == end, "%zd bytes more than the parts", end - at);
}
