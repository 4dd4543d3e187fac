/* caught-by: no_byte_is_looked_at_again_and_again */
/* Right in every split: keeps the line, and parses all of it with every piece. */
#include "request_line.h"

#include <stdbool.h>
#include <string.h>

/* What is there of the line. Returns how many of its bytes are good. */
static size_t parse(struct request_line *line, const char *text, size_t length, bool *ret_done)
{
    size_t i = 0;

    *ret_done = false;

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
    *ret_done = true;
    return i + 1;
}

enum line_progress request_line_feed(struct request_line *line, const char *piece, size_t length,
                                     size_t *ret_used)
{
    for (size_t i = 0; i < length; i++) {
        bool done;
        parse(line, line->text, line->length, &done);
        *ret_used = i;
        if (done && line->words[0] == 0 && piece[i] == '\r') {
            line->words[0] = 1;
            continue;
        }
        if (line->words[0] == 1) {
            *ret_used = piece[i] == '\n' ? i + 1 : i;
            return piece[i] == '\n' ? LINE_COMPLETE : LINE_BAD;
        }
        if (done || line->length == REQUEST_LINE_MAX) {
            return LINE_BAD;
        }
        line->text[line->length++] = piece[i];
        if (parse(line, line->text, line->length, &done) < line->length) {
            return LINE_BAD;
        }
    }
    *ret_used = length;
    return LINE_PARTIAL;
}
