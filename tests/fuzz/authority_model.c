#include "authority_model.h"

#include <ctype.h>
#include <string.h>

struct text {
    const char *start;
    size_t length;
};

static struct text part(struct text text, size_t from, size_t to)
{
    return (struct text){text.start + from, to - from};
}

static size_t find(struct text text, char c)
{
    const char *found = memchr(text.start, c, text.length);

    return found != NULL ? (size_t)(found - text.start) : text.length;
}

/* At most so many digits, of a number that is at most so large. */
static bool is_number(struct text text, size_t most_digits, unsigned long largest)
{
    unsigned long number = 0;

    for (size_t i = 0; i < text.length && i < most_digits; i++) {
        if (!isdigit((unsigned char)text.start[i])) {
            return false;
        }
        number = number * 10 + (unsigned long)(text.start[i] - '0');
    }
    return text.length <= most_digits && number <= largest;
}

/* Four numbers without zeros in front. */
static bool is_ipv4(struct text text)
{
    unsigned count = 0;

    while (true) {
        size_t dot = find(text, '.');
        struct text number = part(text, 0, dot);
        bool zero_in_front = dot > 1 && *number.start == '0';
        if (dot == 0 || zero_in_front || !is_number(number, 3, 255)) {
            return false;
        }
        count++;
        if (dot == text.length) {
            return count == 4;
        }
        text = part(text, dot + 1, text.length);
    }
}

static bool is_group(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (!isxdigit((unsigned char)text.start[i])) {
            return false;
        }
    }
    return text.length >= 1 && text.length <= 4;
}

/*
 * Groups with colons between, the last maybe an IPv4 address, which counts for two. Returns how
 * many groups, or 99 if there is something else.
 */
static unsigned count_groups(struct text text, bool may_end_in_ipv4)
{
    unsigned count = 0;

    if (text.length == 0) {
        return 0;
    }
    while (true) {
        size_t colon = find(text, ':');
        struct text group = part(text, 0, colon);
        bool last = colon == text.length;
        if (is_group(group)) {
            count++;
        } else if (last && may_end_in_ipv4 && is_ipv4(group)) {
            count += 2;
        } else {
            return 99;
        }
        if (last) {
            return count;
        }
        text = part(text, colon + 1, text.length);
    }
}

/* RFC 4291, 2.2: eight groups, or fewer and one "::" for at least one. */
static bool is_ipv6(struct text text)
{
    const char *gap = memmem(text.start, text.length, "::", 2);

    if (gap == NULL) {
        return count_groups(text, true) == 8;
    }
    size_t at = (size_t)(gap - text.start);
    return count_groups(part(text, 0, at), false) +
               count_groups(part(text, at + 2, text.length), true) <=
           7;
}

/* Unreserved, sub-delims and percent-encoding. */
static bool is_name(struct text text)
{
    static const char others[] = "-._~!$&'()*+,;=";

    for (size_t i = 0; i < text.length; i++) {
        char c = text.start[i];
        if (c == '%') {
            if (text.length - i < 3 || !isxdigit((unsigned char)text.start[i + 1]) ||
                !isxdigit((unsigned char)text.start[i + 2])) {
                return false;
            }
        } else if (!isalnum((unsigned char)c) && memchr(others, c, sizeof others - 1) == NULL) {
            return false;
        }
    }
    return text.length > 0;
}

bool authority_model_is_valid(const char *start, size_t length)
{
    struct text text = {start, length};
    bool bracket = length > 0 && *start == '[';
    size_t host_end = find(text, bracket ? ']' : ':');

    if (bracket && (host_end == length || !is_ipv6(part(text, 1, host_end)))) {
        return false;
    }
    if (!bracket && !is_name(part(text, 0, host_end))) {
        return false;
    }
    size_t rest = bracket ? host_end + 1 : host_end;
    return rest == length ||
           (start[rest] == ':' && is_number(part(text, rest + 1, length), 5, 65535));
}
