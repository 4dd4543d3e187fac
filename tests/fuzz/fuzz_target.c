/*
 * The target of a request line, the authority in it, and a number in its query: the forms of RFC
 * 9112, 3.2, and the host of RFC 3986, 3.2.2, read here in the most direct way that there is.
 */
#include "authority_model.h"
#include "fuzz.h"
#include "http_authority.h"
#include "http_parser.h"
#include "http_query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { ROOM_FOR_REST = 64, SMALLEST = 2, LARGEST = 5000, MISSING = 7 };

/* Where the parts of a target are. */
struct parts {
    bool valid;
    size_t path;
    size_t path_length;
    size_t query; /* 0: there is none */
};

/* Visible ASCII without what quotes or cuts a target. */
static bool has_target_characters(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] <= ' ' || text[i] > '~' || strchr("\"<>#", text[i]) != NULL) {
            return false;
        }
    }
    return length > 0;
}

static size_t scheme_length(const char *text, size_t length)
{
    static const char *const schemes[] = {"http://", "https://"};

    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(schemes[i]);
        if (length >= n && strncasecmp(text, schemes[i], n) == 0) {
            return n;
        }
    }
    return 0;
}

static struct parts split_path(const char *text, size_t length, size_t path)
{
    const char *question = memchr(text + path, '?', length - path);
    size_t path_end = question != NULL ? (size_t)(question - text) : length;

    return (struct parts){
        .valid = true,
        .path = path,
        .path_length = path_end - path,
        .query = question != NULL ? path_end + 1 : 0,
    };
}

/* RFC 9110, 9.3.6: CONNECT names a port. */
static bool ends_in_port(const char *text, size_t length)
{
    size_t digits = 0;

    while (digits < length && text[length - digits - 1] >= '0' &&
           text[length - digits - 1] <= '9') {
        digits++;
    }
    return digits > 0 && digits < length && text[length - digits - 1] == ':';
}

static struct parts read_target(enum http_method method, const char *text, size_t length)
{
    const struct parts bad = {.valid = false};
    const struct parts none = {.valid = true};

    if (!has_target_characters(text, length)) {
        return bad;
    }
    if (method == HTTP_CONNECT) {
        return authority_model_is_valid(text, length) && ends_in_port(text, length) ? none : bad;
    }
    if (length == 1 && *text == '*') {
        return method == HTTP_OPTIONS ? none : bad;
    }
    if (*text == '/') {
        return split_path(text, length, 0);
    }
    size_t scheme = scheme_length(text, length);
    size_t authority = 0;
    while (scheme + authority < length && strchr("/?", text[scheme + authority]) == NULL) {
        authority++;
    }
    if (scheme == 0 || !authority_model_is_valid(text + scheme, authority)) {
        return bad;
    }
    return split_path(text, length, scheme + authority);
}

static bool is_at(struct http_range range, size_t offset, size_t length)
{
    return range.length == length && (length == 0 || range.offset == offset);
}

static void check_parts(const struct http_request *request, const struct parts *parts,
                        size_t length, size_t start)
{
    size_t query_length = parts->query != 0 ? length - parts->query : 0;

    fuzz_require(is_at(request->target, start, length), "the target is not all of the target");
    fuzz_require(is_at(request->target_path, start + parts->path, parts->path_length),
                 "path of %u bytes at %u", request->target_path.length,
                 request->target_path.offset);
    fuzz_require(is_at(request->query, start + parts->query, query_length),
                 "query of %u bytes at %u", request->query.length, request->query.offset);
}

static void try_target(enum http_method method, const char *text, size_t length)
{
    static const struct http_limits limits = HTTP_LIMITS_DEFAULT;
    struct http_request request;
    struct http_parser parser;
    char *head = malloc(length + ROOM_FOR_REST);

    fuzz_require(head != NULL, "no memory");
    size_t start = (size_t)sprintf(head, "%s ", http_method_names[method]);
    memcpy(head + start, text, length);
    size_t rest = (size_t)sprintf(head + start + length, " HTTP/1.1\r\nHost: x\r\n\r\n");
    http_parser_init(&parser, &limits, &request);
    enum http_progress progress = http_parser_feed(&parser, head, start + length + rest);
    struct parts parts = read_target(method, text, length);
    fuzz_require(progress == (parts.valid ? HTTP_COMPLETE : HTTP_ERROR),
                 "%s: progress %d, status %d, of a target that is %s", http_method_names[method],
                 progress, parser.error_status, parts.valid ? "valid" : "not valid");
    if (parts.valid) {
        check_parts(&request, &parts, length, start);
    }
    free(head);
}

static void try_authority(const char *text, size_t length)
{
    char *copy = fuzz_copy(text, length);

    bool valid = http_is_authority(copy, copy + length);
    fuzz_require(valid == authority_model_is_valid(text, length), "an authority that is %s",
                 valid ? "not valid, and accepted" : "valid, and refused");
    free(copy);
}

/* The text behind the "n=" that the query, or a parameter of it, begins with first. */
static const char *find_number(const char *query, size_t length)
{
    for (size_t i = 0; i + 2 <= length; i++) {
        if ((i == 0 || query[i - 1] == '&') && memcmp(query + i, "n=", 2) == 0) {
            return query + i + 2;
        }
    }
    return NULL;
}

static bool read_number(const char *text, const char *end, long *ret)
{
    const char *start = text;

    for (*ret = 0; text < end && *text >= '0' && *text <= '9'; text++) {
        *ret = *ret > LARGEST ? *ret : *ret * 10 + (*text - '0');
    }
    return text > start && (text == end || *text == '&') && *ret >= SMALLEST && *ret <= LARGEST;
}

static void try_query(const char *text, size_t length)
{
    char *copy = fuzz_copy(text, length);
    struct http_request request = {.head = copy, .query = {0, (uint32_t)length}};
    const char *found = find_number(copy, length);
    long expected = MISSING;
    long number = -1;

    bool expected_good = found == NULL || read_number(found, copy + length, &expected);
    bool good = http_query_number(&request, "n", SMALLEST, LARGEST, MISSING, &number);
    fuzz_require(good == expected_good && (!good || number == expected),
                 "n is %ld, %s; expected %ld, %s", number, good ? "good" : "bad", expected,
                 expected_good ? "good" : "bad");
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const struct http_limits limits = HTTP_LIMITS_DEFAULT;
    const char *text = (const char *)bytes;

    try_authority(text, length);
    try_query(text, length);
    /*
     * A line end would start another line than the one in question; one too long is fuzz_parser's.
     */
    if (memchr(text, '\r', length) == NULL && length + ROOM_FOR_REST <= limits.request_line) {
        try_target(HTTP_GET, text, length);
        try_target(HTTP_OPTIONS, text, length);
        try_target(HTTP_CONNECT, text, length);
    }
    return 0;
}
