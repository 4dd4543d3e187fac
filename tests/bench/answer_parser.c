#include "answer_parser.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define VERSION_START "HTTP/1."

enum {
    VERSION_START_LENGTH = sizeof VERSION_START - 1,
    STATUS_AT = sizeof "HTTP/1.x " - 1,
    STATUS_END = STATUS_AT + 3,
};

/* What the lines of one head have said so far. */
struct head {
    int status;
    bool closes;
    bool has_length;
    uint64_t length;
};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* "HTTP/1.1 200 OK", and the reason may be missing with its space. */
static int read_status_line(struct head *head, const char *line, size_t length)
{
    if (length < STATUS_END || memcmp(line, VERSION_START, VERSION_START_LENGTH) != 0 ||
        !is_digit(line[VERSION_START_LENGTH]) || line[STATUS_AT - 1] != ' ' ||
        (length > STATUS_END && line[STATUS_END] != ' ')) {
        return -EPROTO;
    }
    for (size_t i = STATUS_AT; i < STATUS_END; i++) {
        if (!is_digit(line[i])) {
            return -EPROTO;
        }
        head->status = head->status * 10 + (line[i] - '0');
    }
    /* HTTP/1.0 ends after an answer. An interim answer (1xx) was not asked for. */
    head->closes = line[VERSION_START_LENGTH] == '0';
    return head->status >= 200 && head->status <= 599 ? 0 : -EPROTO;
}

struct value {
    const char *bytes;
    size_t length;
};

/* Is this line the field of that name? Then the value, without white space around it. */
static bool field_is(const char *line, size_t length, const char *name, struct value *ret_value)
{
    size_t at = strlen(name);

    if (length <= at || line[at] != ':' || strncasecmp(line, name, at) != 0) {
        return false;
    }
    for (at++; at < length && (line[at] == ' ' || line[at] == '\t');) {
        at++;
    }
    while (length > at && (line[length - 1] == ' ' || line[length - 1] == '\t')) {
        length--;
    }
    *ret_value = (struct value){.bytes = line + at, .length = length - at};
    return true;
}

static int read_length(struct head *head, const struct value *value)
{
    uint64_t number = 0;

    for (size_t i = 0; i < value->length; i++) {
        uint64_t digit = (uint64_t)(value->bytes[i] - '0');
        if (!is_digit(value->bytes[i]) || number > (UINT64_MAX - digit) / 10) {
            return -EPROTO;
        }
        number = number * 10 + digit;
    }
    if (value->length == 0 || (head->has_length && head->length != number)) {
        return -EPROTO;
    }
    head->has_length = true;
    head->length = number;
    return 0;
}

static int read_field(struct head *head, const char *line, size_t length)
{
    struct value value;

    if (field_is(line, length, "Content-Length", &value)) {
        return read_length(head, &value);
    }
    if (field_is(line, length, "Transfer-Encoding", &value)) {
        return -ENOTSUP;
    }
    if (field_is(line, length, "Connection", &value) && value.length == strlen("close") &&
        strncasecmp(value.bytes, "close", value.length) == 0) {
        head->closes = true;
    }
    return 0;
}

/* The head is complete: what does it say about the body? (RFC 9112, 6.3) */
static int begin_body(struct answer_parser *parser, const struct head *head)
{
    bool never_has_one = head->status == 204 || head->status == 304;

    if (!never_has_one && !head->has_length) {
        return -ENODATA;
    }
    parser->status = head->status;
    parser->closes = head->closes;
    parser->in_body = true;
    parser->body_left = never_has_one ? 0 : head->length;
    return 0;
}

/* Returns 1 and the head's length, 0 if it is not complete yet, or -errno. */
static int read_head(struct answer_parser *parser, const char *bytes, size_t length,
                     size_t *ret_length)
{
    struct head head = {0};
    const char *line = bytes;
    const char *newline;

    while ((newline = memchr(line, '\n', (size_t)(bytes + length - line))) != NULL) {
        if (newline == line || newline[-1] != '\r') {
            return -EPROTO;
        }
        size_t line_length = (size_t)(newline - line) - 1;
        size_t so_far = (size_t)(newline + 1 - bytes);
        if (so_far > ANSWER_HEAD_MOST) {
            return -EMSGSIZE;
        }
        if (line_length == 0 && line != bytes) {
            *ret_length = so_far;
            int result = begin_body(parser, &head);
            return result < 0 ? result : 1;
        }
        int result = line == bytes ? read_status_line(&head, line, line_length)
                                   : read_field(&head, line, line_length);
        if (result < 0) {
            return result;
        }
        line = newline + 1;
    }
    /* Garbage without a single newline has to be known for what it is, too. */
    size_t start = length < VERSION_START_LENGTH ? length : VERSION_START_LENGTH;
    if (memcmp(bytes, VERSION_START, start) != 0) {
        return -EPROTO;
    }
    return length < ANSWER_HEAD_MOST ? 0 : -EMSGSIZE;
}

int answer_parser_feed(struct answer_parser *parser, const char *bytes, size_t length,
                       size_t *ret_used)
{
    size_t head = 0;

    if (!parser->in_body) {
        int result = read_head(parser, bytes, length, &head);
        if (result <= 0) {
            *ret_used = 0;
            return result;
        }
    }
    size_t rest = length - head;
    size_t body = rest < parser->body_left ? rest : (size_t)parser->body_left;
    parser->body_left -= body;
    parser->in_body = parser->body_left > 0;
    *ret_used = head + body;
    return parser->in_body ? 0 : 1;
}
