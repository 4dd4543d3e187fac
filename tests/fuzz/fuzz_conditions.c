/*
 * The field lines of a request: what If-Match and its kin decide does not depend on how a list is
 * cut into lines (RFC 9110, 5.3), and neither does Connection; a list of tags decides what the tags
 * in it say; and a date is read only as it would be written.
 */
#include "fuzz.h"
#include "http_conditions.h"
#include "http_date.h"
#include "http_parser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALIDATORS = 2 };

static const struct http_limits limits = {
    .request_line = 100, .head = 100000, .fields = HTTP_MAX_FIELDS, .body = 1000};

/* 784111777 is Sun, 06 Nov 1994 08:49:37 GMT. */
static const struct http_validators validators[VALIDATORS] = {
    {.tag = "\"a\"", .modified = 784111777},
    {.tag = "W/\"b,c\"", .modified = 0},
};

/* Everything that the fields of a request decide here. */
struct verdict {
    bool accepted;
    bool keep_alive;
    int status[VALIDATORS];
    bool range_applies[VALIDATORS];
};

static bool same_verdict(const struct verdict *a, const struct verdict *b)
{
    bool same = a->keep_alive == b->keep_alive;

    for (int i = 0; i < VALIDATORS; i++) {
        same = same && a->status[i] == b->status[i] && a->range_applies[i] == b->range_applies[i];
    }
    return same;
}

static void judge(const char *head, size_t length, struct http_request *request,
                  struct verdict *ret)
{
    struct http_parser parser;

    http_parser_init(&parser, &limits, request);
    ret->accepted =
        http_parser_feed(&parser, head, length) == HTTP_COMPLETE && parser.position == length;
    if (!ret->accepted) {
        return;
    }
    request->head = head;
    ret->keep_alive = request->keep_alive;
    for (int i = 0; i < VALIDATORS; i++) {
        ret->status[i] = http_conditions_check(request, &validators[i]);
        ret->range_applies[i] = http_conditions_range_applies(request, &validators[i]);
        fuzz_require(ret->status[i] == 0 || ret->status[i] == 412 ||
                         (ret->status[i] == 304 && request->method == HTTP_GET),
                     "status %d for %s", ret->status[i], http_method_names[request->method]);
    }
}

static bool is_list(struct http_span name)
{
    return http_span_equals(name, "If-Match") || http_span_equals(name, "If-None-Match") ||
           http_span_equals(name, "Connection");
}

/* Room for a line as it is, and for a list in which each comma becomes a line. */
static size_t room_for(const struct http_request *request)
{
    size_t room = 100;

    for (size_t i = 0; i < request->field_count; i++) {
        size_t line = request->fields[i].name.length + sizeof ":\r\n";
        room += (line + 1) * (request->fields[i].value.length + 1);
    }
    return room;
}

static char *put(char *out, const char *bytes, size_t length)
{
    return mempcpy(out, bytes, length);
}

static char *put_line(char *out, struct http_span name, const char *value, size_t length)
{
    out = put(out, name.data, name.length);
    out = put(out, ":", 1);
    out = put(out, value, length);
    return put(out, "\r\n", 2);
}

/* A comma between quotes cuts nothing. */
static char *put_items(char *out, struct http_span name, struct http_span value)
{
    bool quoted = false;
    size_t start = 0;

    for (size_t i = 0; i < value.length; i++) {
        quoted = quoted != (value.data[i] == '"');
        if (value.data[i] == ',' && !quoted) {
            out = put_line(out, name, value.data + start, i - start);
            start = i + 1;
        }
    }
    return put_line(out, name, value.data + start, value.length - start);
}

/* The same request with each item of a list in a line of its own. Returns its length. */
static size_t write_cut(const struct http_request *request, const char *method, char *ret)
{
    char *out = stpcpy(stpcpy(ret, method), " / HTTP/1.1\r\n");

    for (size_t i = 0; i < request->field_count; i++) {
        struct http_span name = http_request_text(request, request->fields[i].name);
        struct http_span value = http_request_text(request, request->fields[i].value);
        out = is_list(name) ? put_items(out, name, value)
                            : put_line(out, name, value.data, value.length);
    }
    return (size_t)(put(out, "\r\n", 2) - ret);
}

static void try_cut(const struct http_request *request, const char *method,
                    const struct verdict *expected)
{
    struct http_request cut_request;
    struct verdict verdict;
    char *cut = malloc(room_for(request));

    fuzz_require(cut != NULL, "no memory");
    judge(cut, write_cut(request, method, cut), &cut_request, &verdict);
    /* More lines than are allowed are another matter. */
    fuzz_require(!verdict.accepted || same_verdict(&verdict, expected),
                 "cut into lines, a list decides otherwise: status %d and %d, before %d and %d",
                 verdict.status[0], verdict.status[1], expected->status[0], expected->status[1]);
    free(cut);
}

static void try_fields(const char *method, const char *fields, size_t length)
{
    struct http_request request;
    struct verdict verdict;
    char *head = malloc(length + 100);

    fuzz_require(head != NULL, "no memory");
    char *out = stpcpy(stpcpy(head, method), " / HTTP/1.1\r\nHost: x\r\n");
    out = put(out, fields, length);
    out = put(out, "\r\n\r\n", 4);
    judge(head, (size_t)(out - head), &request, &verdict);
    if (verdict.accepted) {
        try_cut(&request, method, &verdict);
    }
    free(head);
}

/* Of which lists are built, and whether they are the second validator's tag, W/"b,c". */
static const struct piece {
    const char *text;
    bool matches_weakly;
} pieces[] = {
    {"\"a\"", false}, {"W/\"a\"", false}, {"\"b,c\"", true}, {"W/\"b,c\"", true}, {"\"b\"", false},
    {"\"\"", false},  {"\"\\\"", false},  {"", false},       {"\"b,,c\"", false}, {"\",\"", false},
};

enum { PIECES = sizeof pieces / sizeof pieces[0], MOST_PIECES = 30 };

static void require_status(const char *list, const char *behind, int expected)
{
    char head[MOST_PIECES * 16 + 100];
    struct http_request request;
    struct verdict verdict;

    int length = snprintf(head, sizeof head,
                          "GET / HTTP/1.1\r\nHost: x\r\nIf-None-Match: %s%s\r\n\r\n", list, behind);
    judge(head, (size_t)length, &request, &verdict);
    fuzz_require(verdict.accepted && verdict.status[1] == expected,
                 "status %d instead of %d for a list of tags: %s%s", verdict.status[1], expected,
                 list, behind);
}

/* Each byte is a piece and what stands before it. What a list says is clear: it is well formed. */
static void try_built_list(const uint8_t *bytes, size_t length)
{
    static const char *const separators[] = {",", ", ", " ,", ",\t", ",,"};
    char list[MOST_PIECES * 16];
    char *out = stpcpy(list, "");
    bool found = false;
    bool empty = true;

    for (size_t i = 0; i < length && i < MOST_PIECES; i++) {
        const struct piece *piece = &pieces[bytes[i] % PIECES];
        out = stpcpy(out, i > 0 ? separators[bytes[i] / PIECES % 5] : "");
        out = stpcpy(out, piece->text);
        found = found || piece->matches_weakly;
        empty = empty && *piece->text == '\0';
    }
    require_status(list, "", found ? 304 : 0);
    require_status(list, ", *", empty ? 304 : 0); /* any tag, but only where it stands alone */
}

/* One of the three forms of RFC 9110, 5.6.7, to the letter. */
static bool is_written(struct http_span text, const struct tm *utc)
{
    enum { FORMS = 3, LONGEST = 64 };
    char forms[FORMS][LONGEST];
    char day[24];
    char time[16];
    bool written = false;

    strftime(forms[0], LONGEST, "%a, %d %b %Y %H:%M:%S GMT", utc);
    strftime(day, sizeof day, "%A, %d-%b-", utc);
    strftime(time, sizeof time, "%H:%M:%S GMT", utc);
    snprintf(forms[1], LONGEST, "%s%02d %s", day, utc->tm_year % 100, time);
    strftime(forms[2], LONGEST, "%a %b %e %H:%M:%S %Y", utc);
    for (int i = 0; i < FORMS; i++) {
        written = written || (strlen(forms[i]) == text.length &&
                              memcmp(forms[i], text.data, text.length) == 0);
    }
    return written;
}

/* A date that is understood is written as it must be, and comes back as the same. */
static void try_date(struct http_span text)
{
    const time_t now = 1700000000;
    char written[HTTP_DATE_TEXT];
    struct tm utc;
    time_t date;
    time_t again;

    if (!http_date_parse(text, now, &date)) {
        return;
    }
    gmtime_r(&date, &utc);
    bool old = utc.tm_year < 1000 - 1900; /* strftime writes fewer digits */
    fuzz_require(old || is_written(text, &utc), "%.*s is taken for %lld", (int)text.length,
                 text.data, (long long)date);
    http_date_format(date, written);
    fuzz_require(
        http_date_parse((struct http_span){written, strlen(written)}, now, &again) && again == date,
        "%.*s is %lld, written as %s", (int)text.length, text.data, (long long)date, written);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *copy = fuzz_copy(bytes, length);
    const char *colon = memchr(copy, ':', length);

    try_fields("GET", copy, length);
    try_fields("PUT", copy, length);
    try_built_list(bytes, length);
    try_date((struct http_span){copy, length});
    if (colon != NULL) {
        size_t rest = length - (size_t)(colon + 1 - copy);
        try_date(http_span_trim((struct http_span){colon + 1, rest}));
    }
    free(copy);
    return 0;
}
