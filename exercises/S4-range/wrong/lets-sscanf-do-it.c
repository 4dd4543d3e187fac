/* caught-by: a_malformed_field_is_ignored */
/* Lets sscanf do the work, which takes signs and white space for part of a number. */
#include "byte_range.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void answer(struct range_answer *ret, uint64_t first, uint64_t last, uint64_t size)
{
    if (first >= size) {
        ret->status = 416;
        snprintf(ret->content_range, sizeof ret->content_range, "bytes */%" PRIu64, size);
        return;
    }
    ret->status = 206;
    ret->first = first;
    ret->last = last < size ? last : size - 1;
    snprintf(ret->content_range, sizeof ret->content_range,
             "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, ret->first, ret->last, size);
}

void range_decide(const char *value, size_t length, uint64_t size, struct range_answer *ret)
{
    char text[512] = "";
    uint64_t first;
    uint64_t last;

    *ret = (struct range_answer){.status = 200};
    if (length < 7 || length >= sizeof text || strncasecmp(value, "bytes=", 6) != 0) {
        return;
    }
    memcpy(text, value + 6, length - 6);
    if (text[0] == '-' && sscanf(text + 1, "%" SCNu64, &last) == 1) {
        answer(ret, last == 0 ? size : last < size ? size - last : 0, size - 1, size);
    } else if (sscanf(text, "%" SCNu64 "-%" SCNu64, &first, &last) == 2 && first <= last) {
        answer(ret, first, last, size);
    } else if (sscanf(text, "%" SCNu64 "-%" SCNu64, &first, &last) == 1 && strchr(text, '-')) {
        answer(ret, first, size - 1, size);
    }
}
