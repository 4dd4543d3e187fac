/* caught-by: several_lengths_are_one_or_none */
/* What the stage's parser does with these fields: it knows requests, one length, and one coding. */
#include "framing.h"

#include "http_chars.h"
#include "http_request.h"

struct parser {
    bool has_content_length;
    uint64_t content_length;
    bool seen_transfer_encoding;
};

static bool take_content_length(struct parser *parser, struct http_span value)
{
    uint64_t length = 0;

    if (parser->has_content_length || value.length == 0) {
        return false;
    }
    for (size_t i = 0; i < value.length; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') {
            return false;
        }
        unsigned digit = (unsigned)(value.data[i] - '0');
        if (length > (UINT64_MAX - digit) / 10) {
            return false;
        }
        length = length * 10 + digit;
    }
    parser->has_content_length = true;
    parser->content_length = length;
    return true;
}

static bool take_transfer_encoding(struct parser *parser, struct http_span value)
{
    if (parser->seen_transfer_encoding) {
        return false;
    }
    parser->seen_transfer_encoding = true;
    return http_span_equals(value, "chunked");
}

static bool take_field(struct parser *parser, const struct field_line *field)
{
    struct http_span name = {field->name.data, field->name.length};
    struct http_span value =
        http_span_trim((struct http_span){field->value.data, field->value.length});

    if (!http_all(name.data, name.length, HTTP_TCHAR) ||
        http_run(value.data, value.length, HTTP_TEXT) < value.length) {
        return false;
    }
    if (http_span_equals(name, "Content-Length")) {
        return take_content_length(parser, value);
    }
    return !http_span_equals(name, "Transfer-Encoding") || take_transfer_encoding(parser, value);
}

struct framing framing_of(const struct message *message)
{
    struct parser parser = {.has_content_length = false};

    for (size_t i = 0; i < message->field_count; i++) {
        if (!take_field(&parser, &message->fields[i])) {
            return (struct framing){FRAMING_REFUSED, 0};
        }
    }
    if (parser.seen_transfer_encoding &&
        (parser.has_content_length || message->minor_version == 0)) {
        return (struct framing){FRAMING_REFUSED, 0};
    }
    if (parser.seen_transfer_encoding) {
        return (struct framing){FRAMING_CHUNKED, 0};
    }
    if (parser.has_content_length) {
        return (struct framing){FRAMING_LENGTH, parser.content_length};
    }
    return (struct framing){message->status == 0 ? FRAMING_NONE : FRAMING_UNTIL_CLOSE, 0};
}
