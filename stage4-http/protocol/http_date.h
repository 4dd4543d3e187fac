/* http_date: points in time as HTTP writes them (RFC 9110, 5.6.7). */
#ifndef HTTP_DATE_H
#define HTTP_DATE_H

#include "http_request.h"

#include <time.h>

/* Writes "Sun, 06 Nov 1994 08:49:37 GMT". */
enum { HTTP_DATE_TEXT = 32 };
void http_date_format(time_t time, char ret_text[static HTTP_DATE_TEXT]);

/*
 * Reads that form, or one of the two old ones: "Sunday, 06-Nov-94 08:49:37 GMT" and "Sun Nov  6
 * 08:49:37 1994". `now` decides which century a year of two digits is in. Returns false for
 * anything else, and for what is no day of the calendar.
 */
bool http_date_parse(struct http_span text, time_t now, time_t *ret_time);

#endif
