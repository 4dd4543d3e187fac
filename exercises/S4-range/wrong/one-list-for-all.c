/* caught-by: two_threads_may_ask_at_once, under thread */
/* Nothing is remembered; static only saves the stack. Until two loops decide at the same time. */
#include "byte_range.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <strings.h>

struct range {
    uint64_t first;
    uint64_t last; /* included */
};

/* The bytes that are left to read. */
struct text {
    const char *at;
    const char *end;
};

static bool take_char(struct text *text, char c)
{
    if (text->at == text->end || *text->at != c) {
        return false;
    }
    text->at++;
    return true;
}

static void skip_white_space(struct text *text)
{
    while (text->at < text->end && (*text->at == ' ' || *text->at == '\t')) {
        text->at++;
    }
}

/* Returns whether there was a digit. A number that does not fit is the largest. */
static bool take_number(struct text *text, uint64_t *ret)
{
    const char *start = text->at;

    *ret = 0;
    while (text->at < text->end && *text->at >= '0' && *text->at <= '9') {
        unsigned digit = (unsigned)(*text->at++ - '0');
        *ret = *ret > (UINT64_MAX - digit) / 10 ? UINT64_MAX : *ret * 10 + digit;
    }
    return text->at > start;
}

/*
 * Returns whether it is a range at all; *ret_found, whether any byte of the file is in it. Of an
 * empty file "-5" is all there is, although that is nothing.
 */
static bool take_range(struct text *text, uint64_t size, struct range *ret, bool *ret_found)
{
    uint64_t first;
    uint64_t last;
    bool has_first = take_number(text, &first);

    if (!take_char(text, '-')) {
        return false;
    }
    bool has_last = take_number(text, &last);
    if (has_first) {
        *ret = (struct range){first, has_last && last < size ? last : size - 1};
        *ret_found = first < size;
        return !has_last || first <= last;
    }
    *ret = (struct range){last < size ? size - last : 0, size - 1};
    *ret_found = last > 0;
    return has_last;
}

/*
 * Takes the whole list; the ranges that are in the file go to `ranges`. Returns how many items
 * there were, or 0 if the field is malformed.
 */
static size_t take_list(struct text *text, uint64_t size, struct range *ranges, size_t *ret_found)
{
    size_t items = 0;

    *ret_found = 0;
    while (text->at < text->end) {
        if (*text->at != ',') {
            struct range range;
            bool found;
            if (!take_range(text, size, &range, &found)) {
                return 0;
            }
            if (found && items < RANGES_MOST) {
                ranges[(*ret_found)++] = range;
            }
            items++;
        }
        skip_white_space(text);
        if (text->at < text->end && !take_char(text, ',')) {
            return 0;
        }
        skip_white_space(text);
    }
    return items;
}

/*
 * Joins the others to the first one, until none touches it any more. A file's last byte has a
 * number below UINT64_MAX, so adding 1 is safe.
 */
static bool join(struct range *ranges, size_t count)
{
    struct range *whole = &ranges[0];

    for (size_t left = count - 1, i = 1; left > 0; i++) {
        if (i > left) {
            return false;
        }
        if (ranges[i].first <= whole->last + 1 && whole->first <= ranges[i].last + 1) {
            whole->first = ranges[i].first < whole->first ? ranges[i].first : whole->first;
            whole->last = ranges[i].last > whole->last ? ranges[i].last : whole->last;
            ranges[i] = ranges[left--];
            i = 0;
        }
    }
    return true;
}

void range_decide(const char *value, size_t length, uint64_t size, struct range_answer *ret)
{
    struct text text = {value, value + length};
    static struct range ranges[RANGES_MOST];
    size_t found = 0;

    *ret = (struct range_answer){.status = 200};
    if (length < 7 || strncasecmp(value, "bytes=", 6) != 0 || value[6] == ' ' || value[6] == '\t') {
        return;
    }
    text.at += 6;
    size_t items = take_list(&text, size, ranges, &found);
    if (items == 0 || items > RANGES_MOST || (size == 0 && found > 0)) {
        return;
    }
    if (found == 0) {
        ret->status = 416;
        snprintf(ret->content_range, sizeof ret->content_range, "bytes */%" PRIu64, size);
    } else if (join(ranges, found)) {
        ret->status = 206;
        ret->first = ranges[0].first;
        ret->last = ranges[0].last;
        snprintf(ret->content_range, sizeof ret->content_range,
                 "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, ret->first, ret->last, size);
    }
}
