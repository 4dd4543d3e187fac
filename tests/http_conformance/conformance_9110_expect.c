/* RFC 9110, 10.1.1: a client that asks before it sends its body. */
#include "conformance_rows.h"

#define EXPECTING ECHO "Expect: 100-continue\r\n"
#define IN_VAIN POST "Expect: 100-continue\r\n" LENGTH("3") "\r\n"
#define EXPECTING_1_0 "POST /hello HTTP/1.0\r\nExpect: 100-continue\r\n"
#define PAUSE(head) .pause = sizeof(head) - 1
#define FIRST_HEAD EXPECTING LENGTH("3") "\r\n"
#define CHUNKED_HEAD EXPECTING CHUNKED "\r\n"
#define UPPER_CASE_HEAD ECHO "eXPECT: 100-Continue\r\n" LENGTH("3") "\r\n"
#define ECHO_HEAD ECHO "Expect: 100-continue\r\n" LENGTH("3") "\r\n"
#define CLOSING_HEAD EXPECTING "Connection: close\r\n" LENGTH("3") "\r\n"

static const struct conformance_row rows[] = {
    ROW("9110, 10.1.1", "100 comes before the body is sent", FIRST_HEAD "abc", STAYS_OPEN,
        PAUSE(FIRST_HEAD), .answers = {100, 200}),
    ROW("9110, 10.1.1", "100 comes before chunks are sent", CHUNKED_HEAD "1\r\na\r\n0\r\n\r\n",
        STAYS_OPEN, PAUSE(CHUNKED_HEAD), .answers = {100, 200}),
    ROW("9110, 10.1.1", "100 comes however the question is written", UPPER_CASE_HEAD "abc",
        STAYS_OPEN, PAUSE(UPPER_CASE_HEAD), .answers = {100, 200}),
    ROW("9110, 10.1.1", "the body behind it arrives whole", ECHO_HEAD "abc", STAYS_OPEN,
        PAUSE(ECHO_HEAD), .answers = {100, 200}, .content = BYTES("abc")),
    ROW("9110, 10.1.1", "the last request may ask as well", CLOSING_HEAD "abc" NEXT_REQUEST,
        CLOSES_AS_ASKED, PAUSE(CLOSING_HEAD), .answers = {100, 200}),
    ROW("9110, 10.1.1", "100 is for one request only", FIRST_HEAD "abc" POST ABC, STAYS_OPEN,
        PAUSE(FIRST_HEAD), .answers = {100, 200, 405}),
    ROW("9110, 10.1.1", "a bad chunk behind 100", CHUNKED_HEAD "x\r\n" NEXT_REQUEST, CLOSES,
        PAUSE(CHUNKED_HEAD), .answers = {100, 400}),
    ROW("9112, 8", "a client that asks and leaves", FIRST_HEAD, HALF_CLOSED, .answers = {100}),
    ROW("9110, 10.1.1", "a body that is there needs no 100", FIRST_HEAD "abc", STAYS_OPEN,
        .answers = {200}, .may_continue = true),
    ROW("9110, 10.1.1", "chunks that are there need no 100", CHUNKED_HEAD "1\r\na\r\n0\r\n\r\n",
        STAYS_OPEN, .answers = {200}, .may_continue = true),
    ANSWERED("9110, 10.1.1", 200, "an empty body needs no 100", EXPECTING LENGTH("0") "\r\n"),
    ANSWERED("9110, 10.1.1", 200, "no body needs no 100", GET "Expect: 100-continue\r\n\r\n"),
    ROW("9110, 10.1.1", "HTTP/1.0 knows no 100", EXPECTING_1_0 LENGTH("3") "\r\n", HALF_CLOSED,
        .answers = {0}),
    ROW("9110, 10.1.1", "HTTP/1.0 knows no 100, even if it stays",
        EXPECTING_1_0 "Connection: keep-alive\r\n" LENGTH("3") "\r\n", HALF_CLOSED, .answers = {0}),
    ROW("9110, 10.1.1", "HTTP/1.0 that asks is answered", EXPECTING_1_0 ABC, CLOSES_AS_ASKED,
        .answers = {405}),
    REFUSED("9110, 10.1.1", 413, "a body that is too large gets no 100",
            EXPECTING LENGTH("100000000") "\r\n"),
    REFUSED("9110, 10.1.1", 400, "a body that has two lengths gets no 100",
            EXPECTING LENGTH("3") LENGTH("3") "\r\n"),
    REFUSED("9110, 10.1.1", 400, "a request without a Host gets no 100",
            "POST /hello HTTP/1.1\r\nExpect: 100-continue\r\n" LENGTH("3") "\r\n"),
    ROW("9110, 10.1.1", "no 100 where the method is not allowed anyway", IN_VAIN "abc" NEXT_REQUEST,
        CLOSES, PAUSE(IN_VAIN), .answers = {405}),
    REFUSED("9110, 10.1.1", 417, "another expectation", POST "Expect: 200-ok\r\n" ABC),
    REFUSED("9110, 10.1.1", 417, "another expectation beside it",
            POST "Expect: 100-continue, miracles\r\n" ABC),
    REFUSED("9110, 10.1.1", 417, "another expectation on a second line",
            EXPECTING "Expect: miracles\r\n" ABC),
    REFUSED("9110, 10.1.1", 417, "an expectation that begins so",
            POST "Expect: 100-continued\r\n" ABC),
    REFUSED("9110, 10.1.1", 417, "a parameter", POST "Expect: 100-continue;a=b\r\n" ABC),
    REFUSED("9110, 10.1.1", 417, "an empty expectation", POST "Expect:\r\n" ABC),
    REFUSED("9110, 10.1.1", 417, "an expectation of GET", GET "Expect: miracles\r\n\r\n"),
};

GROUP(conformance_9110_expect, "RFC 9110, 10.1.1: Expect", rows, NULL);
