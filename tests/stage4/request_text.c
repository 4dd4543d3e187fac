#include "request_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct text {
    char *text;
    size_t length;
};

static void put(struct text *text, const char *label, struct http_span span)
{
    int n = snprintf(text->text + text->length, REQUEST_TEXT - text->length, "%s%.*s", label,
                     (int)span.length, span.data);

    text->length += (size_t)n;
    if (text->length >= REQUEST_TEXT) {
        text->length = REQUEST_TEXT - 1; /* cut short; it equals no expectation then */
    }
}

static void put_word(struct text *text, const char *word)
{
    put(text, word, (struct http_span){"", 0});
}

static void put_framing(struct text *text, const struct http_request *request)
{
    char length[40];

    put_word(text, request->keep_alive ? " keep-alive" : " close");
    if (request->has_content_length) {
        snprintf(length, sizeof length, " length=%" PRIu64, request->content_length);
        put_word(text, length);
    }
    put_word(text, request->chunked ? " chunked" : "");
    put_word(text, request->expects_continue ? " continue" : "");
    put_word(text, "\n");
}

void request_text(const struct http_request *request, const char *head,
                  char ret_text[static REQUEST_TEXT])
{
    struct http_request placed = {.head = head};
    struct text text = {.text = ret_text};
    char version[16];

    snprintf(version, sizeof version, " 1.%u", request->minor_version);
    ret_text[0] = '\0';
    put_word(&text, http_method_names[request->method]);
    put_word(&text, version);
    put(&text, " target=", http_request_text(&placed, request->target));
    put(&text, " path=", http_request_text(&placed, request->target_path));
    put(&text, " query=", http_request_text(&placed, request->query));
    put_framing(&text, request);
    for (size_t i = 0; i < request->field_count; i++) {
        put(&text, "", http_request_text(&placed, request->fields[i].name));
        put(&text, "=", http_request_text(&placed, request->fields[i].value));
        put_word(&text, "\n");
    }
}
