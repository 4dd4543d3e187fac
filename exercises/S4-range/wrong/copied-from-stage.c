/* caught-by: ranges_that_make_one_piece_are_joined */
/* Asks http_ranges of stage 4, which leaves several ranges to a multipart answer: here there is none. */
#include "byte_range.h"

#include "http_ranges.h"

#include <inttypes.h>
#include <stdio.h>

void range_decide(const char *value, size_t length, uint64_t size, struct range_answer *ret)
{
    struct http_ranges ranges;

    *ret = (struct range_answer){.status = 200};
    switch (http_ranges_parse((struct http_span){value, length}, size, &ranges)) {
    case HTTP_RANGES_WHOLE:
        break;
    case HTTP_RANGES_UNSATISFIABLE:
        ret->status = 416;
        snprintf(ret->content_range, sizeof ret->content_range, "bytes */%" PRIu64, size);
        break;
    case HTTP_RANGES_PARTIAL:
        if (ranges.count > 1) {
            break;
        }
        ret->status = 206;
        ret->first = ranges.items[0].offset;
        ret->last = ret->first + ranges.items[0].length - 1;
        snprintf(ret->content_range, sizeof ret->content_range,
                 "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, ret->first, ret->last, size);
        break;
    }
}
