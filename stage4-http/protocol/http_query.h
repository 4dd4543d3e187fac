/* http_query: the parameters behind the '?' of a target: "name=value&name=value". */
#ifndef HTTP_QUERY_H
#define HTTP_QUERY_H

#include "http_request.h"

/*
 * A parameter that is a decimal number from `minimum` to `maximum`. Returns false if it is anything
 * else; *ret_value is `missing` if the parameter is not there.
 */
bool http_query_number(const struct http_request *request, const char *name, long minimum,
                       long maximum, long missing, long *ret_value);

#endif
