/* parser_cases: the tables of test_http_parser. */
#ifndef PARSER_CASES_H
#define PARSER_CASES_H

#include "parser_feeding.h"

extern const struct parser_cases valid_requests;   /* RFC 9112, 2 to 5: what there is in them */
extern const struct parser_cases framing_requests; /* RFC 9112, 6 and 9: where they end */
extern const struct parser_cases invalid_requests; /* and how they are refused */
extern const struct parser_cases invalid_hosts;
extern const struct parser_cases invalid_framing;

#endif
