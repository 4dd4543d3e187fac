/* fails-at: a_whole_line_is_complete */
/*
 * S4-split: the first line of a request, in whatever pieces it comes.
 *
 * exercises/S4-split/README.md has the whole contract; request_line.h beside it has the struct.
 */
#include "request_line.h"

enum line_progress request_line_feed(struct request_line *line, const char *piece, size_t length,
                                     size_t *ret_used)
{
    /*
     * TODO: go through the bytes of this piece, and of this piece only. line->words is yours, all
     * zero at first, and keeps what you write there until the next piece comes.
     */
    (void)line;
    (void)piece;
    *ret_used = length;
    return LINE_PARTIAL;
}
