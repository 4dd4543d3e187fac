/* caught-by: two_threads_may_ask_at_once, under thread */
/* Set afresh by each call, so nothing is remembered. Until two loops call at the same time. */
#include "verdict.h"

#include "http_chars.h"

#include <string.h>
#include <strings.h>

struct head {
    const char *method;
    size_t method_length;
    const char *target;
    size_t target_length;
    size_t fields;
    size_t hosts;
};

static bool is_control(char c)
{
    return (c >= 0 && c < ' ' && c != '\t') || c == 127;
}

static bool equals(const char *text, size_t length, const char *word)
{
    return length == strlen(word) && memcmp(text, word, length) == 0;
}

static bool is_visible(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '!' || text[i] > '~') {
            return false;
        }
    }
    return length > 0;
}

/* Returns 0, or the status of what is wrong with it. */
static int take_request_line(struct head *head, const char *line, size_t length)
{
    const char *end = line + length;
    const char *first = memchr(line, ' ', length);
    const char *second = first != NULL ? memchr(first + 1, ' ', (size_t)(end - first) - 1) : NULL;

    if (second == NULL || end - second != 9) {
        return 400;
    }
    const char *version = second + 1;
    head->method = line;
    head->method_length = (size_t)(first - line);
    head->target = first + 1;
    head->target_length = (size_t)(second - first) - 1;
    if (!http_all(line, head->method_length, HTTP_TCHAR) ||
        !is_visible(head->target, head->target_length) || memcmp(version, "HTTP/", 5) != 0 ||
        version[5] < '0' || version[5] > '9' || version[6] != '.' || version[7] < '0' ||
        version[7] > '9') {
        return 400;
    }
    return version[5] == '1' ? 0 : 505;
}

static int take_field(struct head *head, const char *line, size_t length)
{
    size_t name = http_run(line, length, HTTP_TCHAR);

    if (name == 0 || name == length || line[name] != ':') {
        return 400;
    }
    if (++head->fields > FIELDS_MOST) {
        return 431;
    }
    if (name == 14 && strncasecmp(line, "Content-Length", name) == 0) {
        return 413;
    }
    if (name == 17 && strncasecmp(line, "Transfer-Encoding", name) == 0) {
        return 413;
    }
    head->hosts += name == 4 && strncasecmp(line, "Host", name) == 0;
    return head->hosts > 1 ? 400 : 0;
}

/* The end of the head is certain. */
static int judge_request(const struct head *head)
{
    static const char *const others[] = {"POST",    "PUT",     "DELETE", "PATCH",
                                         "OPTIONS", "CONNECT", "TRACE"};

    if (equals(head->method, head->method_length, "GET") ||
        equals(head->method, head->method_length, "HEAD")) {
        return equals(head->target, head->target_length, "/hello") ? 200 : 404;
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (equals(head->method, head->method_length, others[i])) {
            return 405;
        }
    }
    return 501;
}

/*
 * Finds the end of the line that begins at `start`. Returns 0 and *ret_end, which is `length` if
 * the line is not complete; or the status of what is wrong.
 */
static int find_line(const char *bytes, size_t length, size_t start, size_t *ret_end)
{
    size_t end = start;

    while (end < length && !is_control(bytes[end])) {
        end++;
    }
    if (start == 0 && end > LINE_MOST) {
        return 414;
    }
    *ret_end = end;
    if (end == length) {
        return length > HEAD_MOST ? 431 : 0;
    }
    if (bytes[end] != '\r' || (end + 1 < length && bytes[end + 1] != '\n')) {
        return 400;
    }
    if (end + 1 == length) {
        *ret_end = length;
        return length > HEAD_MOST ? 431 : 0;
    }
    return end + 2 > HEAD_MOST ? 431 : 0;
}

struct verdict judge_head(const char *bytes, size_t length)
{
    static struct head head;

    head = (struct head){.fields = 0};

    for (size_t start = 0, end = 0;; start = end + 2) {
        int wrong = find_line(bytes, length, start, &end);
        if (wrong == 0 && end == length) {
            return (struct verdict){.status = 0};
        }
        if (wrong == 0 && start > 0 && end == start) {
            if (head.hosts != 1) {
                return (struct verdict){400, length, true};
            }
            return (struct verdict){judge_request(&head), end + 2, false};
        }
        if (wrong == 0) {
            wrong = start == 0 ? take_request_line(&head, bytes, end)
                               : take_field(&head, bytes + start, end - start);
        }
        if (wrong != 0) {
            return (struct verdict){wrong, length, true};
        }
    }
}
