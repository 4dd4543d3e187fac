#include "listing_page.h"

#include "escaped.h"
#include "http_chars.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *find(const char *from, const char *what)
{
    const char *at = strstr(from, what);

    ck_assert_msg(at != NULL, "no %s in %s", what, escaped(from, strlen(from)));
    return at;
}

static void decode_link(const char *from, const char *end, char *ret)
{
    while (from < end) {
        if (*from == '%') {
            *ret++ = (char)(http_hex_value(from[1]) * 16 + http_hex_value(from[2]));
            from += 3;
        } else {
            ck_assert_msg(http_is(*from, HTTP_TARGET) && strchr("?&\\:", *from) == NULL,
                          "'%c' stands in a link", *from);
            *ret++ = *from++;
        }
    }
    *ret = '\0';
}

static void decode_text(const char *from, const char *end, char *ret)
{
    while (from < end) {
        int code = 0;
        ck_assert_msg(strchr("<>\"'", *from) == NULL, "'%c' stands in the text", *from);
        if (*from == '&') {
            ck_assert_int_eq(sscanf(from, "&#%3d;", &code), 1);
            *ret++ = (char)code;
            from = find(from, ";") + 1;
        } else {
            ck_assert_msg((unsigned char)*from >= ' ' && *from != 0x7f, "a control byte: %d",
                          *from);
            *ret++ = *from++;
        }
    }
    *ret = '\0';
}

void listing_page_take(struct listing_page *page, const struct http_response *response)
{
    static const char start[] = "<a href=\"";

    listing_page_release(page);
    page->text = strndup(response->bytes, (size_t)response->length);
    ck_assert_ptr_nonnull(page->text);
    for (const char *at = page->text; (at = strstr(at, start)) != NULL;) {
        const char *link = at + strlen(start);
        const char *link_end = find(link, "\"");
        const char *text = find(link_end, ">") + 1;
        ck_assert_uint_lt(page->row_count, LISTING_PAGE_ROWS);
        struct listing_row *row = &page->rows[page->row_count++];
        at = find(text, "</a>");
        decode_link(link, link_end, row->link);
        decode_text(text, at, row->text);
        snprintf(row->target, sizeof row->target, "%.*s", (int)(link_end - link), link);
    }
}

void listing_page_release(struct listing_page *page)
{
    free(page->text);
    page->text = NULL;
    page->row_count = 0;
}

void listing_page_expect(const struct listing_page *page, const char *what)
{
    find(page->text, what);
}
