/* caught-by: two_threads_may_ask_at_once, under thread */
/* Set afresh by each call, so nothing is remembered. Until two loops call at the same time. */
#include "framing.h"

#include <string.h>
#include <strings.h>

struct found {
    bool has_length;
    uint64_t length;
    bool has_encoding;
    bool last_is_chunked; /* of all Transfer-Encoding lines together */
};

static bool is_token(struct text text)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";

    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        char letter = (char)(c | 0x20);
        bool is_plain = (c >= '0' && c <= '9') || (letter >= 'a' && letter <= 'z');
        if (!is_plain && (c == '\0' || strchr(marks, c) == NULL)) {
            return false;
        }
    }
    return text.length > 0;
}

static bool is_one_line(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '\r' || text.data[i] == '\n' || text.data[i] == '\0') {
            return false;
        }
    }
    return true;
}

static bool equals(struct text text, const char *word)
{
    return text.length == strlen(word) && strncasecmp(text.data, word, text.length) == 0;
}

static bool is_white_space(char c)
{
    return c == ' ' || c == '\t';
}

static struct text trim(struct text text)
{
    while (text.length > 0 && is_white_space(text.data[0])) {
        text = (struct text){text.data + 1, text.length - 1};
    }
    while (text.length > 0 && is_white_space(text.data[text.length - 1])) {
        text.length--;
    }
    return text;
}

/* Takes the item up to the next comma off the front; *ret_more says that a comma was there. */
static struct text take_item(struct text *rest, bool *ret_more)
{
    const char *comma = rest->length > 0 ? memchr(rest->data, ',', rest->length) : NULL;
    struct text item = *rest;

    *ret_more = comma != NULL;
    if (comma != NULL) {
        item.length = (size_t)(comma - rest->data);
        *rest = (struct text){comma + 1, rest->length - item.length - 1};
    }
    return trim(item);
}

static bool take_number(struct text text, uint64_t *ret)
{
    *ret = 0;
    for (size_t i = 0; i < text.length; i++) {
        unsigned digit = (unsigned char)text.data[i] - (unsigned)'0';
        if (digit > 9 || *ret > (UINT64_MAX - digit) / 10) {
            return false;
        }
        *ret = *ret * 10 + digit;
    }
    return text.length > 0;
}

static bool take_content_length(struct found *found, struct text value)
{
    bool more = true;

    while (more) {
        uint64_t length;
        if (!take_number(take_item(&value, &more), &length) ||
            (found->has_length && found->length != length)) {
            return false;
        }
        found->has_length = true;
        found->length = length;
    }
    return true;
}

static bool take_transfer_encoding(struct found *found, struct text value)
{
    bool more = true;

    found->has_encoding = true;
    while (more) {
        struct text coding = take_item(&value, &more);
        if (!is_token(coding) || found->last_is_chunked) {
            return false;
        }
        found->last_is_chunked = equals(coding, "chunked");
    }
    return true;
}

/*
 * Returns whether the lines are lines; *ret_sound, whether also the two fields are well formed and
 * do not contradict themselves.
 */
static bool collect(const struct message *message, struct found *found, bool *ret_sound)
{
    *ret_sound = true;
    for (size_t i = 0; i < message->field_count; i++) {
        struct text name = message->fields[i].name;
        struct text value = message->fields[i].value;
        if (!is_token(name) || !is_one_line(value)) {
            return false;
        }
        if (equals(name, "Content-Length")) {
            *ret_sound = take_content_length(found, value) && *ret_sound;
        } else if (equals(name, "Transfer-Encoding")) {
            *ret_sound = take_transfer_encoding(found, value) && *ret_sound;
        }
    }
    return true;
}

static bool never_has_a_body(const struct message *message)
{
    int status = message->status;

    return message->answers_head || (status >= 100 && status < 200) || status == 204 ||
           status == 304;
}

struct framing framing_of(const struct message *message)
{
    static struct found found;
    bool is_request = message->status == 0;
    bool sound;

    found = (struct found){.has_length = false};
    if (!collect(message, &found, &sound)) {
        return (struct framing){FRAMING_REFUSED, 0};
    }
    if (!is_request && never_has_a_body(message)) {
        return (struct framing){FRAMING_NONE, 0};
    }
    if (!sound || (found.has_encoding && (found.has_length || message->minor_version == 0))) {
        return (struct framing){FRAMING_REFUSED, 0};
    }
    if (found.has_encoding && found.last_is_chunked) {
        return (struct framing){FRAMING_CHUNKED, 0};
    }
    if (found.has_encoding && is_request) {
        return (struct framing){FRAMING_REFUSED, 0};
    }
    if (found.has_length) {
        return (struct framing){FRAMING_LENGTH, found.length};
    }
    return (struct framing){is_request ? FRAMING_NONE : FRAMING_UNTIL_CLOSE, 0};
}
