/* caught-by: a_line_cut_in_two_gives_the_same_result */
/* The stage's parser, which is given all bytes from the first one on at every call. Here it is not. */
#include "request_line.h"

#include "http_chars.h"

#include <string.h>

/* RFC 9112, 3: method SP request-target SP HTTP-version, with single spaces. */
static bool parse_request_line(struct request_line *line, const char *text, const char *end)
{
    const char *method_end = memchr(text, ' ', (size_t)(end - text));
    const char *target_end = memrchr(text, ' ', (size_t)(end - text));

    if (method_end == NULL || method_end == target_end || end - target_end != 9) {
        return false;
    }
    line->method_length = (size_t)(method_end - text);
    line->target_length = (size_t)(target_end - method_end) - 1;
    line->minor_version = (unsigned)(end[-1] - '0');
    line->length = (size_t)(end - text);
    memcpy(line->text, text, line->length);
    return memcmp(target_end + 1, "HTTP/1.", 7) == 0 && method_end[1] == '/';
}

enum line_progress request_line_feed(struct request_line *line, const char *piece, size_t length,
                                     size_t *ret_used)
{
    size_t *position = &line->words[0];

    while (*position < length && http_is(piece[*position], HTTP_TEXT)) {
        (*position)++;
    }
    *ret_used = length;
    if (*position >= length || (piece[*position] == '\r' && *position + 1 == length)) {
        return LINE_PARTIAL;
    }
    *ret_used = *position;
    if (*position > REQUEST_LINE_MAX || piece[*position] != '\r' || piece[*position + 1] != '\n') {
        return LINE_BAD;
    }
    if (!parse_request_line(line, piece, piece + *position)) {
        *ret_used = 0;
        return LINE_BAD;
    }
    *ret_used = *position + 2;
    return LINE_COMPLETE;
}
