/*
 * listing_page: a directory's page taken apart, as a browser would: its links decoded, their texts
 * without markup. What a browser could misunderstand fails the test.
 */
#ifndef LISTING_PAGE_H
#define LISTING_PAGE_H

#include "listing.h"

#include <limits.h>
#include <stddef.h>

enum { LISTING_PAGE_ROWS = LISTING_MOST + 10 };

struct listing_row {
    char link[NAME_MAX + 2];
    char text[NAME_MAX + 2];
    char target[3 * NAME_MAX + 2]; /* the link as it stands in the page */
};

struct listing_page {
    struct listing_row rows[LISTING_PAGE_ROWS];
    size_t row_count;
    char *text; /* the whole page, ended by NUL */
};

/* Takes the page of a response; gives back what it held before. Start with a zeroed one. */
void listing_page_take(struct listing_page *page, const struct http_response *response);
void listing_page_release(struct listing_page *page);

/* Fails the test unless the page has this in it. */
void listing_page_expect(const struct listing_page *page, const char *what);

#endif
