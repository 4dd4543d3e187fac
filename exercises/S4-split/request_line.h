/*
 * request_line: the first line of a request, in whatever pieces it comes.
 *
 * Set to zero at first, by who owns it. After LINE_COMPLETE or LINE_BAD it is not fed again before
 * it has been set to zero again.
 */
#ifndef REQUEST_LINE_H
#define REQUEST_LINE_H

#include <stddef.h>

enum { REQUEST_LINE_MAX = 8000 }; /* bytes, without the line end */

enum line_progress { LINE_PARTIAL, LINE_COMPLETE, LINE_BAD };

struct request_line {
    /* What was found. It counts after LINE_COMPLETE. */
    char text[REQUEST_LINE_MAX]; /* the line without its end; no NUL behind it */
    size_t length;               /* of text */
    size_t method_length;        /* text begins with the method, */
    size_t target_length;        /* and one space behind it stands the target */
    unsigned minor_version;      /* HTTP/1.x: x */
    /* For whatever has to be remembered from one piece to the next. */
    size_t words[4];
};

/* README.md has the contract. The piece may be gone when the call is over. */
enum line_progress request_line_feed(struct request_line *line, const char *piece, size_t length,
                                     size_t *ret_used);

#endif
