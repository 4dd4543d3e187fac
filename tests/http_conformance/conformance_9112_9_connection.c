/* RFC 9112, 9: who keeps a connection, who ends it, and several requests on one. */
#include "conformance_rows.h"

#define WITH_OPTIONS(value) GET "Connection: " value "\r\n\r\n"
#define UPGRADE "Connection: upgrade\r\nUpgrade: websocket\r\n"
#define HEAD "HEAD /hello HTTP/1.1\r\n" HOST "\r\n"
#define OPTIONS "OPTIONS * HTTP/1.1\r\n" HOST "\r\n"
#define TRACE "TRACE /hello HTTP/1.1\r\n" HOST "\r\n"
#define NO_CHUNKS CHUNKED "\r\n0\r\n\r\n"
#define NOTHING "GET /nothing HTTP/1.1\r\n" HOST "\r\n"

/* clang-format off */
#define ENDED(section, says, text) \
    ROW(section, says, text NEXT_REQUEST, CLOSES_AS_ASKED, .answers = {200}, \
        .content = BYTES(HELLO))
/* clang-format on */

static const struct conformance_row rows[] = {
    ANSWERED("9112, 9.3", 200, "HTTP/1.1 stays", GET "\r\n"),
    ENDED("9112, 9.6", "close ends the connection", WITH_OPTIONS("close")),
    ENDED("9110, 7.6.1", "close may be written in any case", WITH_OPTIONS("CLOse")),
    ENDED("9110, 7.6.1", "close may be the first of a list", WITH_OPTIONS("close, b")),
    ENDED("9110, 7.6.1", "close may be the last of a list", WITH_OPTIONS("b,c , \tclose\t ")),
    ENDED("9110, 5.6.1", "close may be in a list with empty elements", WITH_OPTIONS(",, close,,")),
    ENDED("9110, 5.3", "close may be on a second line", WITH_OPTIONS("b\r\nConnection: close")),
    ENDED("9112, 9.3", "close wins over keep-alive", WITH_OPTIONS("close, keep-alive")),
    ENDED("9112, 9.3", "close wins behind keep-alive as well", WITH_OPTIONS("keep-alive, close")),
    ENDED("9112, 9.3", "close wins on another line as well",
          WITH_OPTIONS("close\r\nConnection: keep-alive")),
    ANSWERED("9112, 9.3", 200, "keep-alive is nothing new in 1.1", WITH_OPTIONS("keep-alive")),
    ANSWERED("9110, 7.6.1", 200, "an option that nobody knows", WITH_OPTIONS("b")),
    ANSWERED("9110, 7.6.1", 200, "an option that begins like close", WITH_OPTIONS("closed")),
    ANSWERED("9110, 7.6.1", 200, "an option that ends like close", WITH_OPTIONS("x-close")),
    ANSWERED("9110, 7.6.1", 200, "an option that close begins with", WITH_OPTIONS("clos")),
    ANSWERED("9110, 7.6.1", 200, "no option", WITH_OPTIONS("")),
    ANSWERED("9110, 7.6.1", 200, "commas only", WITH_OPTIONS(" , ,")),
    ANSWERED("9112, C.2.2", 200, "Proxy-Connection is another field",
             GET "Proxy-Connection: close\r\n\r\n"),
    ANSWERED("9110, 7.8", 200, "an upgrade need not be done",
             GET "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                 "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"),
    ANSWERED("9110, 7.8", 200, "an upgrade to WebSocket need not be done",
             GET UPGRADE "Sec-WebSocket-Version: 13\r\n\r\n"),
    ROW("9112, 9.6", "close ends the connection behind an error",
        "GET /nothing HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n" NEXT_REQUEST, CLOSES_AS_ASKED,
        .answers = {404}),
    ROW("9112, 9.6", "close ends the connection behind a body",
        POST "Connection: close\r\n" ABC NEXT_REQUEST, CLOSES_AS_ASKED, .answers = {405}),

    ENDED("9112, 9.3", "HTTP/1.0 does not stay", GET_1_0 HOST "\r\n"),
    ENDED("9112, 9.3", "HTTP/1.0 does not stay with an option that nobody knows",
          GET_1_0 "Connection: b\r\n\r\n"),
    ENDED("9112, C.2.2", "HTTP/1.0 does not stay with Keep-Alive as a field",
          GET_1_0 "Keep-Alive: 300\r\n\r\n"),
    ENDED("9112, C.2.2", "HTTP/1.0 does not stay with Proxy-Connection",
          GET_1_0 "Proxy-Connection: keep-alive\r\n\r\n"),
    ENDED("9112, 9.3", "HTTP/1.0 does not stay with close beside keep-alive",
          GET_1_0 "Connection: keep-alive, close\r\n\r\n"),
    ROW("9112, C.2.2", "HTTP/1.0 stays when it asks to, and is told",
        GET_1_0 "Connection: keep-alive\r\n\r\n", STAYS_OPEN, .answers = {200},
        .field = "Connection", .value = "keep-alive"),
    ROW("9112, C.2.2", "HTTP/1.0 may ask to stay in any case",
        GET_1_0 "Connection: b, Keep-Alive\r\n\r\n", STAYS_OPEN, .answers = {200},
        .field = "Connection", .value = "keep-alive"),
    ROW("9112, C.2.2", "two of HTTP/1.0, the second does not ask",
        GET_1_0 "Connection: keep-alive\r\n\r\n" GET_1_0 "\r\n" NEXT_REQUEST, CLOSES_AS_ASKED,
        .answers = {200, 200}),
    ROW("9112, C.2.2", "a body in HTTP/1.0",
        "POST /hello HTTP/1.0\r\nConnection: keep-alive\r\n" LENGTH("32") "\r\n" NEXT_REQUEST,
        STAYS_OPEN, .answers = {405}),

    ROW("9112, 9.3.2", "ten requests are ten answers", TIMES_10(GET "\r\n"), STAYS_OPEN,
        .answers = {200, 200, 200, 200, 200, 200, 200, 200, 200, 200}),
    ROW("9112, 9.3.2", "requests of all kinds are answered in their order",
        GET "\r\n" HEAD NOTHING POST ABC OPTIONS POST NO_CHUNKS HEAD TRACE NOTHING GET "\r\n",
        STAYS_OPEN,
        .answers = {200, WITHOUT_CONTENT + 200, 404, 405, 204, 405, WITHOUT_CONTENT + 200, 501, 404,
                    200},
        .content = BYTES(HELLO)),
    ROW("9112, 9.3.2", "an echo between two others gets its own body",
        GET "\r\n" ECHO ABC ECHO CHUNKED "\r\n2\r\nde\r\n0\r\n\r\n", STAYS_OPEN,
        .answers = {200, 200, 200}, .content = BYTES("de")),
    ROW("9112, 9.3.2", "an answer that takes longer keeps its place",
        "GET /slow?ms=1 HTTP/1.1\r\n" HOST "\r\n" GET "\r\n" NOTHING, STAYS_OPEN,
        .answers = {200, 200, 404}),
    ROW("9112, 9.3.2", "an error comes behind the answers before it",
        GET "\r\n" NOTHING "BAD\r\n\r\n" NEXT_REQUEST, CLOSES, .answers = {200, 404, 400}),
    ROW("9112, 9.3.2", "a close is the last of several",
        GET "\r\n" NOTHING WITH_OPTIONS("close") NEXT_REQUEST, CLOSES_AS_ASKED,
        .answers = {200, 404, 200}),
    ROW("9112, 9.3.2", "a bad length behind a good request",
        GET "\r\n" POST LENGTH("x") "\r\n" NEXT_REQUEST, CLOSES, .answers = {200, 400}),
    ROW("9112, 9.3.2", "a bad chunk behind a good request",
        GET "\r\n" POST CHUNKED "\r\nx\r\n\r\n" NEXT_REQUEST, CLOSES, .answers = {200, 400}),
    ROW("9112, 9.6", "an error after which nothing is parsed, not even another error",
        "BAD\r\n\r\nBAD\r\n\r\n\0\xff" NEXT_REQUEST, CLOSES, .answers = {400}),
    ROW("9112, 9.6", "the end of the client's side is not the end of the answers",
        GET "\r\n" HEAD GET "\r\n", HALF_CLOSED, .answers = {200, WITHOUT_CONTENT + 200, 200},
        .content = BYTES(HELLO)),
};

GROUP(conformance_9112_9_connection, "RFC 9112, 9: the connection", rows, NULL);
