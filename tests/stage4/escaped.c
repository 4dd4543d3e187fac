#include "escaped.h"

#include <stdio.h>

enum { TEXTS = 4, LONGEST = 1200, ROOM_FOR_ONE = 8 };

static size_t put(char *text, unsigned char c)
{
    switch (c) {
    case '\r':
        return (size_t)sprintf(text, "\\r");
    case '\n':
        return (size_t)sprintf(text, "\\n");
    case '\t':
        return (size_t)sprintf(text, "\\t");
    default:
        return (size_t)sprintf(text, c >= 0x20 && c < 0x7f ? "%c" : "\\x%02x", c);
    }
}

const char *escaped(const void *bytes, size_t length)
{
    static char texts[TEXTS][LONGEST];
    static unsigned turn;
    const unsigned char *next = bytes;
    char *text = texts[turn++ % TEXTS];
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < length; i++) {
        if (used + 2 * ROOM_FOR_ONE > LONGEST) {
            snprintf(text + used, ROOM_FOR_ONE, "...");
            break;
        }
        used += put(text + used, next[i]);
    }
    return text;
}
