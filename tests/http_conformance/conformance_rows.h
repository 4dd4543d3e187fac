/* conformance_rows: how the tables are written. Private to this folder. */
#ifndef CONFORMANCE_ROWS_H
#define CONFORMANCE_ROWS_H

#include "conformance.h"

#define HOST "Host: a\r\n"
#define GET_LINE "GET /hello HTTP/1.1\r\n"
#define GET GET_LINE HOST
#define GET_1_0 "GET /hello HTTP/1.0\r\n"
#define HELLO "Hello, world!\n"
#define LENGTH(digits) "Content-Length: " digits "\r\n"
#define ABC "Content-Length: 3\r\n\r\nabc"
#define CHUNKED "Transfer-Encoding: chunked\r\n"

/* /hello does not take POST: 405, but the body must be read all the same. */
#define POST "POST /hello HTTP/1.1\r\n" HOST
#define ECHO "POST /echo HTTP/1.1\r\n" HOST

#define NEXT_REQUEST GET "\r\n"

#define TIMES_10(text) text text text text text text text text text text
#define TIMES_100(text) TIMES_10(TIMES_10(text))
#define TIMES_1000(text) TIMES_10(TIMES_100(text))

/* clang-format off */
#define BYTES(text) {(text), sizeof(text) - 1}

#define ROW(section, says, text, what_becomes, ...) \
    {.rule = (section), .sentence = (says), .bytes = BYTES(text), .end = (what_becomes), \
     __VA_ARGS__}

/* One answer, and the server knows where the next request starts. */
#define ANSWERED(section, status, says, text) \
    ROW(section, says, text, STAYS_OPEN, .answers = {status})

/* The same with the content of the answer. */
#define RETURNED(section, says, text, returned) \
    ROW(section, says, text, STAYS_OPEN, .answers = {200}, .content = BYTES(returned))

/* One answer and the end: what looks like another request behind it must not be parsed. */
#define REFUSED(section, status, says, text) \
    ROW(section, says, text NEXT_REQUEST, CLOSES, .answers = {status})

#define GROUP(name, description, table, server_options) \
    const struct conformance_group name = { \
        .title = (description), .options = (server_options), \
        .rows = (table), .count = sizeof(table) / sizeof(table)[0]}
/* clang-format on */

extern const struct conformance_group conformance_9112_2_message;
extern const struct conformance_group conformance_9112_2_version;
extern const struct conformance_group conformance_9112_3_request_line;
extern const struct conformance_group conformance_9112_3_2_target;
extern const struct conformance_group conformance_9112_3_2_host;
extern const struct conformance_group conformance_9112_5_fields;
extern const struct conformance_group conformance_9112_6_content_length;
extern const struct conformance_group conformance_9112_6_transfer_encoding;
extern const struct conformance_group conformance_9112_6_answers;
extern const struct conformance_group conformance_9112_7_chunked;
extern const struct conformance_group conformance_9112_9_connection;
extern const struct conformance_group conformance_9110_methods;
extern const struct conformance_group conformance_9110_expect;
extern const struct conformance_group conformance_limits;
extern const struct conformance_group conformance_small_limits;
extern const struct conformance_group conformance_three_requests;
extern const struct conformance_group conformance_strangers;

#endif
