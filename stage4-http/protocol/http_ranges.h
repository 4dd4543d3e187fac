/*
 * http_ranges: which bytes of a file a Range field asks for (RFC 9110, section 14).
 *
 * A server may ignore any Range (14.2) and send the whole file. So whatever is unclear, or costs
 * the server more than the client, is answered as if it had not been there.
 */
#ifndef HTTP_RANGES_H
#define HTTP_RANGES_H

#include "http_request.h"

enum { HTTP_RANGES_MAX = 16 };

struct http_byte_range {
    uint64_t offset;
    uint64_t length; /* never 0 in what http_ranges_parse finds */
};

struct http_ranges {
    struct http_byte_range items[HTTP_RANGES_MAX]; /* in the order in which they were asked for */
    size_t count;
};

enum http_ranges_result {
    HTTP_RANGES_WHOLE,         /* 200: as if there were no Range */
    HTTP_RANGES_PARTIAL,       /* 206: at least one range */
    HTTP_RANGES_UNSATISFIABLE, /* 416: a valid field, and none of its ranges is in the file */
};

/*
 * `value` is the field's value, without white space around it; `length` that of the file.
 *
 *     "bytes=" whatever the case; another unit is ignored                   14.1, 14.2
 *     "first-last" "first-" "-how many of the end", in a list               14.1.1, 14.1.2, 5.6.1
 *     last before first, or anything else: the field is invalid, ignored    14.1.1, 14.2
 *     last behind the end: up to the end; "-N" with N too large: all of it  14.1.2
 *     first behind the end, or "-0": this range is not satisfiable          14.1.2
 *     no range is satisfiable: 416                                          14.2, 15.5.17
 *     more than HTTP_RANGES_MAX, more than two that overlap another, or together more than the
 *     file: ignored, an attack or a mistake                                 14.2, 17.15
 *     an empty file has no bytes, but an end: "-N" is satisfied by all of it, which no
 *     Content-Range can say, hence 200                                      14.1.2, 14.4
 *
 * Numbers too large for 64 bits are as good as the largest. `ret` counts for HTTP_RANGES_PARTIAL.
 */
enum http_ranges_result http_ranges_parse(struct http_span value, uint64_t length,
                                          struct http_ranges *ret);

#endif
