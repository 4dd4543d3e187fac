/* RFC 9112, 6 and 7, the other way round: answers whose length is not known beforehand. */
#include "conformance_rows.h"

#define STREAM "GET /stream?n=3 HTTP/1.1\r\n" HOST
#define STREAM_1_0 "GET /stream?n=3 HTTP/1.0\r\n"
#define LINES "line 1\nline 2\nline 3\n"

static const struct conformance_row rows[] = {
    ROW("9112, 6.1", "a body of unknown length comes in chunks", STREAM "\r\n", STAYS_OPEN,
        .answers = {200}, .content = BYTES(LINES), .field = "Transfer-Encoding",
        .value = "chunked"),
    ROW("9112, 6.2", "a body in chunks has no length beside", STREAM "\r\n", STAYS_OPEN,
        .answers = {200}, .content = BYTES(LINES), .absent = "Content-Length"),
    ROW("9112, 7.1", "an empty body is the last chunk alone",
        "GET /stream?n=0 HTTP/1.1\r\n" HOST "\r\n", STAYS_OPEN, .answers = {200},
        .content = BYTES("")),
    ROW("9112, 6.1", "HEAD is told the coding and gets no chunk",
        "HEAD /stream?n=3 HTTP/1.1\r\n" HOST "\r\n", STAYS_OPEN, .answers = {WITHOUT_CONTENT + 200},
        .field = "Transfer-Encoding", .value = "chunked"),
    ROW("9112, 9.6", "chunks before a close", STREAM "Connection: close\r\n\r\n" NEXT_REQUEST,
        CLOSES_AS_ASKED, .answers = {200}, .content = BYTES(LINES)),
    ROW("9112, 9.3.2", "requests behind a stream wait for it",
        STREAM "\r\n" GET "\r\n" STREAM "\r\n", STAYS_OPEN, .answers = {200, 200, 200},
        .content = BYTES(LINES)),
    ROW("9112, 9.3.2", "an error behind a stream waits for it", STREAM "\r\nBAD\r\n" NEXT_REQUEST,
        CLOSES, .answers = {200, 400}),
    ROW("9112, 9.6", "a stream goes on when the client's side has ended", STREAM "\r\n",
        HALF_CLOSED, .answers = {200}, .content = BYTES(LINES)),
    ROW("9112, 6.3", "HTTP/1.0 does not know chunks: the end is the end", STREAM_1_0 "\r\n",
        CLOSES_AS_ASKED, .answers = {UNTIL_THE_END + 200}, .content = BYTES(LINES)),
    ROW("9112, 6.3", "HTTP/1.0 that asked to stay cannot behind a stream",
        STREAM_1_0 "Connection: keep-alive\r\n\r\n" NEXT_REQUEST, CLOSES,
        .answers = {UNTIL_THE_END + 200}, .content = BYTES(LINES)),
};

GROUP(conformance_9112_6_answers, "RFC 9112, 6: answers of unknown length", rows, NULL);
