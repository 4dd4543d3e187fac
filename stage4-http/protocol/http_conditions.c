#include "http_conditions.h"

#include "http_date.h"
#include "http_list.h"

#include <string.h>

/* RFC 9110, 8.8.3.2: two weak tags are never strongly equal, not even the same one. */
enum comparison { WEAK, STRONG };

static bool is_weak(struct http_span tag)
{
    return tag.length >= 2 && memcmp(tag.data, "W/", 2) == 0;
}

static struct http_span opaque_tag(struct http_span tag)
{
    return is_weak(tag) ? (struct http_span){tag.data + 2, tag.length - 2} : tag;
}

/* RFC 9110, 8.8.3: visible characters and obs-text between double quotes, perhaps W/ in front. */
static bool is_entity_tag(struct http_span tag)
{
    struct http_span opaque = opaque_tag(tag);

    if (opaque.length < 2 || opaque.data[0] != '"' || opaque.data[opaque.length - 1] != '"') {
        return false;
    }
    for (size_t i = 1; i < opaque.length - 1; i++) {
        unsigned char c = (unsigned char)opaque.data[i];
        if (c <= ' ' || c == '"' || c == 0x7f) {
            return false;
        }
    }
    return true;
}

static bool same_tag(struct http_span a, const char *tag, enum comparison comparison)
{
    struct http_span b = {tag, strlen(tag)};

    if (comparison == STRONG && (is_weak(a) || is_weak(b))) {
        return false;
    }
    a = opaque_tag(a);
    b = opaque_tag(b);
    return a.length == b.length && memcmp(a.data, b.data, a.length) == 0;
}

/* Whether the field is "*", which stands alone and means any tag, or a list with the tag in it. */
static bool lists_tag(const struct http_request *request, const char *name, const char *tag,
                      enum comparison comparison)
{
    struct http_list list;
    struct http_span item;
    size_t items = 0;
    bool any = false;
    bool found = false;

    http_list_init(&list, request, name);
    while (http_list_next(&list, &item)) {
        items++;
        if (http_span_equals(item, "*")) {
            any = true;
        } else if (is_entity_tag(item)) {
            found = found || same_tag(item, tag, comparison);
        } else {
            return false;
        }
    }
    return any ? items == 1 : found;
}

static bool has_field(const struct http_request *request, const char *name)
{
    return http_request_find_field(request, name, 0) < request->field_count;
}

static bool has_date(const struct http_request *request, const char *name, time_t *ret_date)
{
    struct http_span value;

    return http_request_single_field(request, name, &value) &&
           http_date_parse(value, time(NULL), ret_date);
}

int http_conditions_check(const struct http_request *request, const struct http_validators *current)
{
    bool reads = request->method == HTTP_GET || request->method == HTTP_HEAD;
    time_t date;

    if (!request->conditional) {
        return 0;
    }
    /* Is it still what the client knows? A tag says more than a date, which then is mute. */
    if (has_field(request, "If-Match")) {
        if (!lists_tag(request, "If-Match", current->tag, STRONG)) {
            return 412;
        }
    } else if (has_date(request, "If-Unmodified-Since", &date) && current->modified > date) {
        return 412;
    }
    /* Is it something that the client does not know yet? */
    if (has_field(request, "If-None-Match")) {
        if (lists_tag(request, "If-None-Match", current->tag, WEAK)) {
            return reads ? 304 : 412;
        }
    } else if (reads && has_date(request, "If-Modified-Since", &date) &&
               current->modified <= date) {
        return 304;
    }
    return 0;
}

bool http_conditions_range_applies(const struct http_request *request,
                                   const struct http_validators *current)
{
    struct http_span value;
    time_t date;

    if (!has_field(request, "If-Range")) {
        return true;
    }
    if (!http_request_single_field(request, "If-Range", &value)) {
        return false;
    }
    if (is_entity_tag(value)) {
        return same_tag(value, current->tag, STRONG);
    }
    return http_date_parse(value, time(NULL), &date) && date == current->modified;
}
