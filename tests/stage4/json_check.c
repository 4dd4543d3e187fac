#include "json_check.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { DEEPEST = 16 };

/* Each takes one thing from the front and returns what is behind it, or NULL. */
static const char *take_value(const char *at, const char *end, int depth);

static const char *skip_space(const char *at, const char *end)
{
    while (at < end && strchr(" \t\r\n", *at) != NULL) {
        at++;
    }
    return at;
}

static const char *take_string(const char *at, const char *end)
{
    if (at == end || *at != '"') {
        return NULL;
    }
    for (at++; at < end && *at != '"'; at++) {
        if ((unsigned char)*at < 0x20 || (*at == '\\' && ++at == end)) {
            return NULL;
        }
    }
    return at < end ? at + 1 : NULL;
}

static const char *take_number(const char *at, const char *end)
{
    const char *start = at;

    while (at < end && isdigit((unsigned char)*at)) {
        at++;
    }
    return at > start && (*start != '0' || at == start + 1) ? at : NULL;
}

static const char *take_member(const char *at, const char *end, int depth)
{
    at = take_string(skip_space(at, end), end);
    at = at != NULL ? skip_space(at, end) : NULL;
    return at != NULL && at < end && *at == ':' ? take_value(at + 1, end, depth) : NULL;
}

/* What stands between brackets, separated by commas. */
static const char *take_list(const char *at, const char *end, char close, int depth,
                             const char *(*take)(const char *at, const char *end, int depth))
{
    at = skip_space(at + 1, end);
    if (at < end && *at == close) {
        return at + 1;
    }
    while ((at = take(at, end, depth)) != NULL) {
        at = skip_space(at, end);
        if (at == end || (*at != ',' && *at != close)) {
            return NULL;
        }
        if (*at++ == close) {
            return at;
        }
    }
    return NULL;
}

static const char *take_value(const char *at, const char *end, int depth)
{
    at = skip_space(at, end);
    if (at == end || depth > DEEPEST) {
        return NULL;
    }
    switch (*at) {
    case '{':
        return take_list(at, end, '}', depth + 1, take_member);
    case '[':
        return take_list(at, end, ']', depth + 1, take_value);
    case '"':
        return take_string(at, end);
    default:
        return take_number(at, end);
    }
}

bool json_is_valid(const char *text, size_t length)
{
    const char *end = text + length;
    const char *behind = take_value(text, end, 0);

    return behind != NULL && skip_space(behind, end) == end;
}

size_t json_members(const char *text, const char *name)
{
    char member[64];
    size_t count = 0;

    snprintf(member, sizeof member, "\"%s\":", name);
    for (const char *at = text; (at = strstr(at, member)) != NULL; at++) {
        count++;
    }
    return count;
}
