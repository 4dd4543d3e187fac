/*
 * parser_feeding: the discipline that every input of the parser goes through.
 *
 * Byte by byte first. Then, for every prefix: fed whole to a new parser it must be answered as it
 * was byte by byte, and where more is needed, the rest must lead to the same end. Always from
 * moved_memory.
 */
#ifndef PARSER_FEEDING_H
#define PARSER_FEEDING_H

#include "http_parser.h"

/* What is expected is a request_text, or the status of an error as "400", or "partial". */
struct parser_case {
    const char *what;
    const char *bytes;
    size_t length;
    const char *expected;
};

/* clang-format off */
#define PARSER_CASE(what, bytes, expected)                                                         \
    {                                                                                              \
        what, bytes, sizeof(bytes) - 1, expected                                                   \
    }
/* clang-format on */

struct parser_cases {
    const struct parser_case *cases;
    int count;
};

void check_parser_case(const struct parser_case *parser_case, const struct http_limits *limits);

#endif
