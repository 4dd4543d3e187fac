/*
 * head_model: what an accepted head must look like, read line by line from the whole of it.
 *
 * Slow, simple, and without a line of the parser's code: two who agree by different ways are
 * probably right.
 */
#ifndef HEAD_MODEL_H
#define HEAD_MODEL_H

#include "http_request.h"

/* Requires that `request`, whose head is these bytes, says what they say. */
void head_model_check(const char *head, size_t length, const struct http_request *request);

#endif
