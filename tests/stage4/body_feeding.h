/*
 * body_feeding: the discipline that every body goes through: byte by byte, whole, and cut in two at
 * every place, always from moved_memory.
 */
#ifndef BODY_FEEDING_H
#define BODY_FEEDING_H

#include "http_body.h"

enum { CHUNKED = -1 };

struct body_case {
    const char *what;
    const char *bytes;
    size_t length;
    long framing;        /* CHUNKED, or the Content-Length */
    int status;          /* 0: complete, BODY_PARTIAL, or the status of the error */
    const char *content; /* when complete */
    size_t content_length;
    size_t used; /* when complete */
};

enum { BODY_PARTIAL = -1 };

/* A whole body, and what is pipelined behind it. */
/* clang-format off */
#define BODY(what, framing, bytes, behind, content)                                                \
    {                                                                                              \
        what, bytes behind, sizeof(bytes behind) - 1, framing, 0, content, sizeof(content) - 1,    \
            sizeof(bytes) - 1                                                                      \
    }
/* clang-format on */

/* One that is refused, or that is not complete. */
/* clang-format off */
#define BAD_BODY(what, bytes, status)                                                              \
    {                                                                                              \
        what, bytes, sizeof(bytes) - 1, CHUNKED, status, NULL, 0, 0                                \
    }
/* clang-format on */

void check_body_case(const struct body_case *body_case, const struct http_limits *limits);

#endif
