/* caught-by: a_line_cut_in_two_gives_the_same_result */
/* Where a CR is there is a LF behind it, sooner or later. Later it is in another piece. */
#include "request_line.h"

#include <stdbool.h>

enum { METHOD_MAX = 16 };

enum state { METHOD, TARGET_FIRST, TARGET, VERSION };

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
    return false;
}

/* Returns whether the byte may stand where it stands. */
static bool take(struct request_line *line, char c)
{
    switch ((enum state)line->words[STATE]) {
    case METHOD:
        return take_method(line, c);
    case TARGET_FIRST:
        line->words[STATE] = TARGET;
        return c == '/' && keep(line, c);
    case TARGET:
        return take_target(line, c);
    case VERSION:
        return take_version(line, c);
    }
    return false;
}

enum line_progress request_line_feed(struct request_line *line, const char *piece, size_t length,
                                     size_t *ret_used)
{
    for (size_t i = 0; i < length; i++) {
        bool is_last = line->words[VERSION_LENGTH] == sizeof version;
        *ret_used = i;
        if (is_last && piece[i] == '\r' && piece[i + 1] == '\n') {
            *ret_used = i + 2;
            return LINE_COMPLETE;
        }
        if (!take(line, piece[i])) {
            /* The LF is what is bad, if it was a CR. */
            *ret_used = is_last && piece[i] == '\r' ? i + 1 : i;
            return LINE_BAD;
        }
    }
    *ret_used = length;
    return LINE_PARTIAL;
}
