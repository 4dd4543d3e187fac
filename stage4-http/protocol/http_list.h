/*
 * http_list: the items of a list, one after the other (RFC 9110, 5.6.1).
 *
 * Empty items are passed over, white space around an item is not part of it. A comma between double
 * quotes belongs to its item; a backslash there is a character like any other, since entity tags
 * have no escapes (8.8.3).
 */
#ifndef HTTP_LIST_H
#define HTTP_LIST_H

#include "http_request.h"

/* Takes the next item off the front of a field value. Returns false when there is none. */
bool http_list_item(struct http_span *rest, struct http_span *ret_item);

/* A list field of a request: all its lines are one list (RFC 9110, 5.3). */
struct http_list {
    const struct http_request *request;
    const char *name;
    size_t next_field;
    struct http_span rest; /* of the line in progress */
};

/* Borrows both. */
void http_list_init(struct http_list *list, const struct http_request *request, const char *name);

/* Returns false behind the last item of the last line. */
bool http_list_next(struct http_list *list, struct http_span *ret_item);

#endif
