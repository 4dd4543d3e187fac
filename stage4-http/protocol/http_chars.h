/* http_chars: the character classes of RFC 9110, section 5.6, as one table look-up. */
#ifndef HTTP_CHARS_H
#define HTTP_CHARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HTTP_TCHAR = 1,  /* of a token: methods and field names */
    HTTP_TEXT = 2,   /* of a field value: visible, obs-text, space and tab */
    HTTP_TARGET = 4, /* of a request target */
    HTTP_HOST = 8,   /* of a host's name (RFC 3986, 3.2.2): unreserved and sub-delims */
    HTTP_PLAIN = 16, /* of a path, where it stands for itself */
};

extern const uint8_t http_char_class[256];

static inline bool http_is(char c, unsigned classes)
{
    return (http_char_class[(unsigned char)c] & classes) != 0;
}

/* How many bytes at the beginning are. */
static inline size_t http_run(const char *text, size_t length, unsigned classes)
{
    size_t run = 0;

    while (run < length && http_is(text[run], classes)) {
        run++;
    }
    return run;
}

/* Whether all of it is, and there is something. */
static inline bool http_all(const char *text, size_t length, unsigned classes)
{
    return length > 0 && http_run(text, length, classes) == length;
}

/* The value of a hexadecimal digit, or -1. */
static inline int http_hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

#endif
