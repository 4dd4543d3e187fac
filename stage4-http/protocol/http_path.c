#include "http_path.h"

#include "http_chars.h"

#include <string.h>

/* The byte at *at, decoded; moves *at behind it. -1: not a valid encoding. */
static int decode_one(const char **at, const char *end)
{
    const char *c = *at;

    if (*c != '%') {
        *at = c + 1;
        return (unsigned char)*c;
    }
    if (end - c < 3 || http_hex_value(c[1]) < 0 || http_hex_value(c[2]) < 0) {
        return -1;
    }
    *at = c + 3;
    int value = http_hex_value(c[1]) * 16 + http_hex_value(c[2]);
    return value == '/' ? -1 : value;
}

static bool is_dot_segment(const char *segment, const char *end)
{
    size_t length = (size_t)(end - segment);

    return (length == 1 && segment[0] == '.') ||
           (length == 2 && segment[0] == '.' && segment[1] == '.');
}

static bool has_dot_segment(const char *path, const char *end)
{
    while (path < end) {
        const char *segment = path + 1;
        const char *slash = memchr(segment, '/', (size_t)(end - segment));
        path = slash != NULL ? slash : end;
        if (is_dot_segment(segment, path)) {
            return true;
        }
    }
    return false;
}

int http_path_decode(struct http_span path, struct buffer *ret)
{
    if (path.length == 0) {
        path = (struct http_span){"/", 1};
    }
    buffer_consume(ret, ret->length);
    char *out = buffer_reserve(ret, path.length + 1);
    if (out == NULL) {
        return 500;
    }
    char *start = out;
    for (const char *at = path.data, *end = path.data + path.length; at < end;) {
        size_t plain = http_run(at, (size_t)(end - at), HTTP_PLAIN);
        memcpy(out, at, plain);
        out += plain;
        at += plain;
        if (at < end) {
            int c = decode_one(&at, end);
            if (c < 0x20 || c == 0x7f || c == '\\') {
                return 400;
            }
            *out++ = (char)c;
        }
    }
    if (has_dot_segment(start, out)) {
        return 400;
    }
    *out = '\0';
    buffer_commit(ret, (size_t)(out - start));
    return 0;
}
