/* caught-by: a_bad_byte_is_noticed_when_it_comes */
/* Collects up to the LF, then parses. Who never sends a LF is never refused. */
#include "request_line.h"

#include <stdbool.h>
#include <string.h>

/* The whole line is there. Returns how many of its bytes are good; all: it is a good line. */
static size_t parse(struct request_line *line, const char *text, size_t length)
{
    size_t i = 0;

    while (i < length && i < 16 && text[i] >= 'A' && text[i] <= 'Z') {
        i++;
    }
    line->method_length = i;
    if (i == 0 || i == length || text[i] != ' ') {
        return i;
    }
    i++;
    if (i == length || text[i] != '/') {
        return i;
    }
    while (i < length && text[i] >= '!' && text[i] <= '~') {
        i++;
    }
    line->target_length = i - line->method_length - 1;
    if (i == length || text[i] != ' ') {
        return i;
    }
    i++;
    for (const char *version = "HTTP/1."; *version != '\0'; version++) {
        if (i == length || text[i] != *version) {
            return i;
        }
        i++;
    }
    if (i == length || text[i] < '0' || text[i] > '9') {
        return i;
    }
    line->minor_version = (unsigned)(text[i] - '0');
    return i + 1;
}

enum line_progress request_line_feed(struct request_line *line, const char *piece, size_t length,
                                     size_t *ret_used)
{
    const char *end = memchr(piece, '\n', length);
    size_t count = end != NULL ? (size_t)(end - piece) + 1 : length;

    if (line->length + count > sizeof line->text + 2) {
        *ret_used = sizeof line->text - line->length;
        return LINE_BAD;
    }
    for (size_t i = 0; i < count && line->length < sizeof line->text; i++) {
        line->text[line->length++] = piece[i];
    }
    *ret_used = count;
    if (end == NULL) {
        return LINE_PARTIAL;
    }
    line->length -= line->length >= 2 ? 2 : line->length;
    if (parse(line, line->text, line->length) == line->length) {
        return LINE_COMPLETE;
    }
    *ret_used = 0;
    return LINE_BAD;
}
