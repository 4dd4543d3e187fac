#include "http_ranges.h"

#include "http_list.h"

#include <string.h>
#include <strings.h>

/* Takes digits off the front, perhaps none. Returns how many; a number too large is the largest. */
static size_t take_number(struct http_span *text, uint64_t *ret)
{
    size_t digits = 0;
    uint64_t number = 0;

    while (digits < text->length && text->data[digits] >= '0' && text->data[digits] <= '9') {
        unsigned digit = (unsigned)(text->data[digits++] - '0');
        number = number > (UINT64_MAX - digit) / 10 ? UINT64_MAX : number * 10 + digit;
    }
    text->data += digits;
    text->length -= digits;
    *ret = number;
    return digits;
}

enum validity { INVALID, UNSATISFIABLE, SATISFIABLE };

/* One range-spec; *ret counts for SATISFIABLE. */
static enum validity parse_range(struct http_span text, uint64_t length,
                                 struct http_byte_range *ret)
{
    uint64_t first;
    uint64_t last;
    bool has_first = take_number(&text, &first) > 0;

    if (text.length == 0 || text.data[0] != '-') {
        return INVALID;
    }
    text.data++;
    text.length--;
    bool has_last = take_number(&text, &last) > 0;
    if (text.length > 0 || (!has_first && !has_last) || (has_first && has_last && last < first)) {
        return INVALID;
    }
    if (has_first) {
        uint64_t end = has_last && last < length ? last + 1 : length;
        *ret = (struct http_byte_range){first, end - first};
        return first < length ? SATISFIABLE : UNSATISFIABLE;
    }
    uint64_t wanted = last < length ? last : length; /* "-N": so many of the end */
    *ret = (struct http_byte_range){length - wanted, wanted};
    return last > 0 ? SATISFIABLE : UNSATISFIABLE;
}

static bool overlap(const struct http_byte_range *a, const struct http_byte_range *b)
{
    return a->offset < b->offset + b->length && b->offset < a->offset + a->length;
}

static bool is_abuse(const struct http_ranges *ranges, uint64_t length)
{
    size_t overlapping = 0;
    uint64_t total = 0;

    for (size_t i = 0; i < ranges->count; i++) {
        bool overlaps = false;
        for (size_t j = 0; j < ranges->count; j++) {
            overlaps = overlaps || (i != j && overlap(&ranges->items[i], &ranges->items[j]));
        }
        overlapping += overlaps;
        if (ranges->items[i].length > length - total) {
            return true;
        }
        total += ranges->items[i].length;
    }
    return overlapping > 2;
}

/* What stands behind "bytes=", if that is what the value begins with. */
static bool skip_unit(struct http_span *value)
{
    static const char unit[] = "bytes=";
    size_t length = sizeof unit - 1;

    if (value->length < length || strncasecmp(value->data, unit, length) != 0) {
        return false;
    }
    value->data += length;
    value->length -= length;
    /* White space stands around commas, not here. */
    return value->length > 0 && value->data[0] != ' ' && value->data[0] != '\t';
}

enum http_ranges_result http_ranges_parse(struct http_span value, uint64_t length,
                                          struct http_ranges *ret)
{
    struct http_byte_range range;
    struct http_span item;
    size_t asked = 0;

    ret->count = 0;
    if (!skip_unit(&value)) {
        return HTTP_RANGES_WHOLE;
    }
    while (http_list_item(&value, &item)) {
        enum validity validity = parse_range(item, length, &range);
        if (validity == INVALID || ++asked > HTTP_RANGES_MAX) {
            return HTTP_RANGES_WHOLE;
        }
        if (validity == SATISFIABLE) {
            ret->items[ret->count++] = range;
        }
    }
    if (ret->count == 0) {
        return asked > 0 ? HTTP_RANGES_UNSATISFIABLE : HTTP_RANGES_WHOLE;
    }
    return length == 0 || is_abuse(ret, length) ? HTTP_RANGES_WHOLE : HTTP_RANGES_PARTIAL;
}
