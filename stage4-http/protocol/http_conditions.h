/*
 * http_conditions: whether a request wants the file as it is now (RFC 9110, section 13).
 *
 * A client that has a copy asks for a newer one only (If-None-Match, If-Modified-Since); one that
 * has read something and now changes it, or reads on, asks that it be unchanged (If-Match,
 * If-Unmodified-Since, If-Range).
 */
#ifndef HTTP_CONDITIONS_H
#define HTTP_CONDITIONS_H

#include "http_request.h"

#include <time.h>

/* What tells one version of the selected representation from another. */
struct http_validators {
    const char *tag; /* an entity tag, with its quotes, and W/ in front of a weak one */
    time_t modified;
};

/*
 * Returns 0: perform the request; or the status to answer instead, 304 or 412. The order in which
 * the fields count is that of 13.2.2. A list of tags that is malformed has no tag in it, and a date
 * that is invalid or there twice is ignored.
 */
int http_conditions_check(const struct http_request *request,
                          const struct http_validators *current);

/* Whether If-Range (13.1.5) lets Range count: it is not there, or names exactly this version. */
bool http_conditions_range_applies(const struct http_request *request,
                                   const struct http_validators *current);

#endif
