#include "http_transcript.h"

#include "integration.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void http_transcript_init(struct http_transcript *transcript)
{
    transcript->length = 0;
    transcript->taken = 0;
    transcript->over = NULL;
}

static bool contains(const struct http_transcript *transcript, const char *ending)
{
    return ending != NULL &&
           memmem(transcript->bytes, transcript->length, ending, strlen(ending)) != NULL;
}

void http_transcript_receive(struct http_transcript *transcript, int fd, const char *ending)
{
    while (transcript->over == NULL && !contains(transcript, ending)) {
        size_t room = sizeof transcript->bytes - transcript->length;
        struct pollfd client = {.fd = fd, .events = POLLIN};
        if (room == 0) {
            transcript->over = "more than any answer";
        } else if (poll(&client, 1, patience_ms()) != 1) {
            transcript->over = "neither a byte nor the end";
        } else {
            ssize_t n = recv(fd, transcript->bytes + transcript->length, room, 0);
            transcript->length += n > 0 ? (size_t)n : 0;
            transcript->over = n > 0 ? NULL : n == 0 ? "the end" : strerror(errno);
        }
    }
}

/* RFC 9110, 5.6.7: IMF-fixdate, with the right day of the week. Written again it is the same. */
static bool is_date(const char *text)
{
    struct tm fields = {0};
    char again[64];
    const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &fields);

    if (end == NULL || *end != '\0') {
        return false;
    }
    time_t seconds = timegm(&fields);
    gmtime_r(&seconds, &fields);
    strftime(again, sizeof again, "%a, %d %b %Y %H:%M:%S GMT", &fields);
    return strcmp(text, again) == 0;
}

/* RFC 9112, 5: name ":" value CRLF. Returns what is behind the line; NULL: it is none. */
static const char *skip_field(const char *line)
{
    const char *c = line;

    while (isalnum((unsigned char)*c) || *c == '-') {
        c++;
    }
    if (c == line || c[0] != ':' || c[1] != ' ') {
        return NULL;
    }
    while (*c >= ' ' && *c != '\x7f') {
        c++;
    }
    return c[0] == '\r' && c[1] == '\n' ? c + 2 : NULL;
}

/* RFC 9112, 4: "HTTP/1.1" SP three digits SP reason CRLF, then fields and an empty line. */
static bool is_head(struct http_answer *answer)
{
    char reason[3];
    int status_end = 0;
    const char *line = strstr(answer->head, "\r\n");

    if (sscanf(answer->head, "HTTP/1.1 %3d%n %2[A-Z]", &answer->status, &status_end, reason) != 2 ||
        status_end != (int)strlen("HTTP/1.1 200")) {
        return false;
    }
    line += 2;
    while (line != NULL && strcmp(line, "\r\n") != 0) {
        line = skip_field(line);
    }
    return line != NULL;
}

static size_t count_fields(const struct http_answer *answer, const char *name_and_colon)
{
    size_t count = 0;

    for (const char *at = answer->head; (at = strcasestr(at, name_and_colon)) != NULL; at++) {
        count++;
    }
    return count;
}

static bool has_no_content(int status)
{
    return status < 200 || status == 204 || status == 304;
}

/* RFC 9112, 6.3: one way to find the end, or none where there is nothing to end. */
static bool is_framed(const struct http_answer *answer, enum http_ending ending)
{
    char coding[64];
    size_t lengths = count_fields(answer, "\r\nContent-Length:");
    size_t codings = count_fields(answer, "\r\nTransfer-Encoding:");
    bool none = has_no_content(answer->status) || ending == ENDS_WITH_CONNECTION;

    return lengths + codings == (none ? 0 : 1) &&
           (codings == 0 ||
            (http_answer_field(answer, "Transfer-Encoding", coding, sizeof coding) &&
             strcmp(coding, "chunked") == 0));
}

/* What every head must say, and may say only once. */
static const char *check_fields(struct http_answer *answer, enum http_ending ending)
{
    char value[64];

    if (!is_framed(answer, ending)) {
        return "not framed in one way";
    }
    answer->close = http_answer_field(answer, "Connection", value, sizeof value) &&
                    strcasecmp(value, "close") == 0;
    if (answer->status < 200) {
        return NULL;
    }
    if (count_fields(answer, "\r\nDate:") != 1 ||
        !http_answer_field(answer, "Date", value, sizeof value) || !is_date(value)) {
        return "no valid Date";
    }
    return count_fields(answer, "\r\nServer:") == 1 ? NULL : "no Server";
}

static const char *take_head(struct http_transcript *transcript, enum http_ending ending,
                             struct http_answer *answer)
{
    const char *start = transcript->bytes + transcript->taken;
    size_t left = transcript->length - transcript->taken;
    const char *end = memmem(start, left, "\r\n\r\n", 4);

    if (left == 0) {
        return "no answer";
    }
    size_t length = end != NULL ? (size_t)(end + 4 - start) : sizeof answer->head;
    if (length >= sizeof answer->head) {
        return "a head that does not end";
    }
    memcpy(answer->head, start, length);
    answer->head[length] = '\0';
    transcript->taken += length;
    return is_head(answer) ? check_fields(answer, ending) : "not a head";
}

/* Takes so many bytes as (further) content, closing the gap that chunk sizes leave. */
static bool take_content(struct http_transcript *transcript, struct http_answer *answer,
                         size_t length)
{
    if (length > transcript->length - transcript->taken) {
        return false;
    }
    memmove(answer->body + answer->body_length, transcript->bytes + transcript->taken, length);
    answer->body_length += length;
    transcript->taken += length;
    return true;
}

static bool take_crlf(struct http_transcript *transcript)
{
    bool there = transcript->length - transcript->taken >= 2 &&
                 memcmp(transcript->bytes + transcript->taken, "\r\n", 2) == 0;

    transcript->taken += there ? 2 : 0;
    return there;
}

/* RFC 9112, 7.1; without extensions and trailers, which this server does not send. */
static bool take_chunks(struct http_transcript *transcript, struct http_answer *answer)
{
    size_t size = 1;

    while (size > 0) {
        const char *line = transcript->bytes + transcript->taken;
        size_t left = transcript->length - transcript->taken;
        size_t digits = 0;
        for (size = 0; digits < left && digits < 8 && isxdigit((unsigned char)line[digits]);) {
            char digit[] = {line[digits++], '\0'};
            size = size * 16 + strtoul(digit, NULL, 16);
        }
        transcript->taken += digits;
        if (digits == 0 || !take_crlf(transcript) || !take_content(transcript, answer, size) ||
            !take_crlf(transcript)) {
            return false;
        }
    }
    return true;
}

static const char *take_body(struct http_transcript *transcript, enum http_ending ending,
                             struct http_answer *answer)
{
    char digits[64];

    if (ending == ENDS_WITH_HEAD || has_no_content(answer->status)) {
        return NULL;
    }
    if (ending == ENDS_WITH_CONNECTION) {
        take_content(transcript, answer, transcript->length - transcript->taken);
        return NULL;
    }
    if (!http_answer_field(answer, "Content-Length", digits, sizeof digits)) {
        return take_chunks(transcript, answer) ? NULL : "chunks that are none, or do not end";
    }
    if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0') {
        return "a Content-Length that is no number";
    }
    return take_content(transcript, answer, strtoul(digits, NULL, 10))
               ? NULL
               : "less content than was promised";
}

const char *http_transcript_take(struct http_transcript *transcript, enum http_ending ending,
                                 struct http_answer *ret_answer)
{
    const char *problem = take_head(transcript, ending, ret_answer);

    ret_answer->body = transcript->bytes + transcript->taken;
    ret_answer->body_length = 0;
    return problem != NULL ? problem : take_body(transcript, ending, ret_answer);
}

char *http_escape(const char *bytes, size_t length)
{
    char *text = malloc(4 * length + 1);
    char *out = text;

    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        out += c == '\r'              ? sprintf(out, "\\r")
               : c == '\n'            ? sprintf(out, "\\n")
               : c >= ' ' && c < 0x7f ? sprintf(out, "%c", c)
                                      : sprintf(out, "\\x%02x", c);
    }
    *out = '\0';
    return text;
}
