/* caught-by: a_bad_byte_is_noticed_when_it_comes */
/* RFC 9112, 3.2.4, has OPTIONS * as well. This contract has not. */
#include "request_line.h"

#include <stdbool.h>

enum { METHOD_MAX = 16 };

enum state { METHOD, TARGET_FIRST, TARGET, VERSION, LINE_FEED };

/* The line's own words. */
enum { STATE, VERSION_LENGTH };

static const char version[] = "HTTP/1.";

static bool keep(struct request_line *line, char c)
{
    if (line->length == REQUEST_LINE_MAX) {
        return false;
    }
    line->text[line->length++] = c;
    return true;
}

static bool take_method(struct request_line *line, char c)
{
    if (c == ' ' && line->length > 0) {
        line->method_length = line->length;
        line->words[STATE] = TARGET_FIRST;
        return keep(line, c);
    }
    return c >= 'A' && c <= 'Z' && line->length < METHOD_MAX && keep(line, c);
}

static bool take_target(struct request_line *line, char c)
{
    if (c == ' ') {
        line->target_length = line->length - line->method_length - 1;
        line->words[STATE] = VERSION;
        return keep(line, c);
    }
    return c >= '!' && c <= '~' && keep(line, c);
}

static bool take_version(struct request_line *line, char c)
{
    size_t at = line->words[VERSION_LENGTH]++;

    if (at < sizeof version - 1) {
        return c == version[at] && keep(line, c);
    }
    if (at == sizeof version - 1) {
        line->minor_version = (unsigned)(c - '0');
        return c >= '0' && c <= '9' && keep(line, c);
    }
    line->words[STATE] = LINE_FEED;
    return c == '\r';
}

/* Returns whether the byte may stand where it stands. */
static bool take(struct request_line *line, char c)
{
    switch ((enum state)line->words[STATE]) {
    case METHOD:
        return take_method(line, c);
    case TARGET_FIRST:
        line->words[STATE] = TARGET;
        return (c == '/' || c == '*') && keep(line, c);
    case TARGET:
        return take_target(line, c);
    case VERSION:
        return take_version(line, c);
    case LINE_FEED:
        return c == '\n';
    }
    return false;
}

enum line_progress request_line_feed(struct request_line *line, const char *piece, size_t length,
                                     size_t *ret_used)
{
    for (size_t i = 0; i < length; i++) {
        bool is_last = line->words[STATE] == LINE_FEED;
        *ret_used = i;
        if (!take(line, piece[i])) {
            return LINE_BAD;
        }
        if (is_last) {
            *ret_used = i + 1;
            return LINE_COMPLETE;
        }
    }
    *ret_used = length;
    return LINE_PARTIAL;
}
