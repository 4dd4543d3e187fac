/*
 * request_text: all that the parser has found, as text, so that a table can say what is expected.
 *
 *     GET 1.1 target=/a?b path=/a query=b keep-alive
 *     Host=x
 *
 * Behind keep-alive or close there may be: length=5 chunked continue.
 */
#ifndef REQUEST_TEXT_H
#define REQUEST_TEXT_H

#include "http_request.h"

enum { REQUEST_TEXT = 4096 };

/* `head` is where the request's bytes are now. */
void request_text(const struct http_request *request, const char *head,
                  char ret_text[static REQUEST_TEXT]);

#endif
