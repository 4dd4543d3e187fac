#include "range_model.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

typedef unsigned __int128 wide;

/* One range as it was written: "first-last", one of the two maybe missing. */
struct spec {
    bool has_first, has_last;
    wide first, last;
};

/* What the specs of a field amount to. */
struct found {
    size_t asked;
    size_t count;
    wide first[RANGE_MODEL_MOST];
    wide end[RANGE_MODEL_MOST];
};

static bool is_white(char c)
{
    return c == ' ' || c == '\t';
}

/* What is too large for 64 bits counts as the largest that is not. */
static size_t read_number(const char *text, size_t length, wide *ret)
{
    size_t digits = 0;

    *ret = 0;
    for (; digits < length && isdigit((unsigned char)text[digits]); digits++) {
        *ret = *ret * 10 + (unsigned)(text[digits] - '0');
        if (*ret > UINT64_MAX) {
            *ret = UINT64_MAX;
        }
    }
    return digits;
}

static bool read_spec(const char *text, size_t length, struct spec *ret)
{
    size_t first = read_number(text, length, &ret->first);

    if (first == length || text[first] != '-') {
        return false;
    }
    size_t rest = length - first - 1;
    size_t last = read_number(text + first + 1, rest, &ret->last);
    ret->has_first = first > 0;
    ret->has_last = last > 0;
    return last == rest && (ret->has_first || ret->has_last) &&
           !(ret->has_first && ret->has_last && ret->last < ret->first);
}

/* Puts into `found` what the spec selects of so many bytes, if that is anything. */
static void select_bytes(const struct spec *spec, wide file_length, struct found *found)
{
    wide first = spec->first;
    wide end = spec->has_last && spec->last + 1 < file_length ? spec->last + 1 : file_length;
    bool satisfiable = first < file_length;

    if (!spec->has_first) {
        first = spec->last < file_length ? file_length - spec->last : 0;
        end = file_length;
        satisfiable = spec->last > 0; /* also of an empty file */
    }
    if (satisfiable) {
        found->first[found->count] = first;
        found->end[found->count++] = end;
    }
}

/* The list behind the unit. Returns false if it is not one, or if it is too long. */
static bool read_list(const char *text, size_t length, wide file_length, struct found *found)
{
    for (size_t start = 0, end = 0; start < length; start = end + 1) {
        const char *comma = memchr(text + start, ',', length - start);
        struct spec spec;
        end = comma != NULL ? (size_t)(comma - text) : length;
        size_t from = start;
        size_t to = end;
        for (; from < to && is_white(text[from]); from++) {
        }
        for (; to > from && is_white(text[to - 1]); to--) {
        }
        if (from == to) {
            continue;
        }
        if (!read_spec(text + from, to - from, &spec) || ++found->asked > RANGE_MODEL_MOST) {
            return false;
        }
        select_bytes(&spec, file_length, found);
    }
    return true;
}

/* RFC 9110, 17.15: many ranges that overlap, or more bytes than there are. */
static bool is_abuse(const struct found *found, wide file_length)
{
    size_t overlapping = 0;
    wide total = 0;

    for (size_t i = 0; i < found->count; i++) {
        size_t others = 0;
        for (size_t j = 0; j < found->count; j++) {
            wide from = found->first[i] > found->first[j] ? found->first[i] : found->first[j];
            wide to = found->end[i] < found->end[j] ? found->end[i] : found->end[j];
            others += i != j && from < to;
        }
        overlapping += others > 0;
        total += found->end[i] - found->first[i];
    }
    return overlapping > 2 || total > file_length;
}

struct range_verdict range_model_read(const char *value, size_t value_length, uint64_t file_length)
{
    struct range_verdict verdict = {.result = RANGE_MODEL_WHOLE};
    struct found found = {0};

    if (value_length <= 6 || strncasecmp(value, "bytes=", 6) != 0 || is_white(value[6]) ||
        !read_list(value + 6, value_length - 6, file_length, &found)) {
        return verdict;
    }
    if (found.count == 0) {
        verdict.result = found.asked > 0 ? RANGE_MODEL_UNSATISFIABLE : RANGE_MODEL_WHOLE;
        return verdict;
    }
    if (file_length == 0 || is_abuse(&found, file_length)) {
        return verdict;
    }
    verdict.result = RANGE_MODEL_PARTIAL;
    verdict.count = found.count;
    for (size_t i = 0; i < found.count; i++) {
        verdict.first[i] = (uint64_t)found.first[i];
        verdict.last[i] = (uint64_t)(found.end[i] - 1);
    }
    return verdict;
}
