/* How much is too much: exactly at a limit is fine, one more is not. RFC 9110, 15; RFC 6585, 5. */
#include "conformance_rows.h"

#define TIMES_9(text) text text text text text text text text text
#define TIMES_4000(text) TIMES_1000(text) TIMES_1000(text) TIMES_1000(text) TIMES_1000(text)
#define EXTENSION ";a=" TIMES_100("b")
#define TRAILER "A: " TIMES_100("b") "\r\n"
#define CHUNKS(chunks) POST CHUNKED "\r\n" chunks

/* "GET /" and " HTTP/1.1" are 14 bytes of the 8192. */
#define LONGEST_TARGET "/" TIMES_4000("ab") TIMES_100("a") TIMES_10("aaaaaaa") "aaaaaaaa"

static const struct conformance_row usual_rows[] = {
    ANSWERED("9112, 3", 404, "a request line of 8192 bytes",
             "GET " LONGEST_TARGET " HTTP/1.1\r\n" HOST "\r\n"),
    REFUSED("9112, 3", 414, "a request line of 8193 bytes",
            "GET " LONGEST_TARGET "a HTTP/1.1\r\n" HOST "\r\n"),
    REFUSED("9112, 3", 414, "a request line that does not end",
            "GET " LONGEST_TARGET LONGEST_TARGET),
    REFUSED("9112, 3", 414, "a long method that does not end", TIMES_1000("BREWBREWBREW")),
    ANSWERED("6585, 5", 200, "a hundred fields, Host among them",
             GET TIMES_9(TIMES_10("A: b\r\n")) TIMES_9("A: b\r\n") "\r\n"),
    REFUSED("6585, 5", 431, "a hundred and one fields", GET TIMES_100("A: b\r\n") "\r\n"),
    REFUSED("9112, 7.1.1", 400, "an extension without bounds",
            CHUNKS("1;" TIMES_4000("b") TIMES_100("b"))),
    REFUSED("9112, 7.1.1", 400, "extensions without bounds", CHUNKS("1" TIMES_4000(";b"))),
    REFUSED("9112, 7.1.2", 400, "a trailer without bounds", CHUNKS("0\r\nA: " TIMES_4000("bc"))),
    REFUSED("9112, 7.1.2", 400, "trailers without bounds", CHUNKS("0\r\n" TIMES_1000("A: b\r\n"))),
    REFUSED("9112, 7.1", 400, "zeros without bounds", CHUNKS(TIMES_4000("00"))),
    REFUSED("9112, 7.1.1", 400, "small extensions in many chunks",
            CHUNKS(TIMES_100("1;" TIMES_100("b") "\r\na\r\n") "0\r\n\r\n")),
    ANSWERED("9112, 7.1", 405, "a thousand chunks of a byte",
             CHUNKS(TIMES_1000("1\r\na\r\n") "0\r\n\r\n")),
    REFUSED("9110, 15.5.14", 413, "a body of a byte more than 1 MiB",
            POST LENGTH("1048577") "\r\n"),
    REFUSED("9110, 15.5.14", 413, "a chunk of a byte more than 1 MiB", CHUNKS("100001\r\n")),
    ROW("9110, 15.5.14", "a body of 1 MiB may come", POST LENGTH("1048576") "\r\n", HALF_CLOSED,
        .answers = {0}),
    ROW("9110, 15.5.14", "a chunk of 1 MiB may come", CHUNKS("100000\r\n"), HALF_CLOSED,
        .answers = {0}),
};

GROUP(conformance_limits, "the usual limits", usual_rows, NULL);

static const char *const small_limits[] = {
    "--max-request-line=64", "--max-head=256", "--max-fields=4", "--max-body=16", NULL,
};

/* 20 bytes are around the 44 of the query. */
#define LONGEST_LINE "GET /hello?" TIMES_10("abcd") "abcd HTTP/1.1"

/* 37 bytes are around the 219 of the value. */
#define LONGEST_VALUE "A: " TIMES_100("b") TIMES_100("c") TIMES_10("d") "eeeeeeeee"

static const struct conformance_row small_rows[] = {
    ANSWERED("9112, 3", 200, "a request line as long as may be", LONGEST_LINE "\r\n" HOST "\r\n"),
    ANSWERED("9112, 2.2", 200, "the empty line before it does not count",
             "\r\n" LONGEST_LINE "\r\n" HOST "\r\n"),
    ROW("9112, 3", "the limit is for each line anew",
        LONGEST_LINE "\r\n" HOST "\r\n" LONGEST_LINE "\r\n" HOST "\r\n", STAYS_OPEN,
        .answers = {200, 200}),
    REFUSED("9112, 3", 414, "a request line of a byte more", LONGEST_LINE "0\r\n" HOST "\r\n"),
    REFUSED("9112, 3", 414, "a request line of a byte more, and no end", LONGEST_LINE "0"),
    REFUSED("9112, 3", 414, "a target that does not end", "GET /" TIMES_100("a")),
    REFUSED("9112, 3", 414, "a method that does not end", TIMES_100("A")),
    REFUSED("9112, 3", 414, "a line that is too long for a head as well", "GET /" TIMES_1000("a")),
    REFUSED("9112, 3", 400, "the first error counts, not the length", "GET\x01" TIMES_100("A")),

    ANSWERED("6585, 5", 200, "a head as long as may be", GET LONGEST_VALUE "\r\n\r\n"),
    REFUSED("6585, 5", 431, "a head of a byte more", GET LONGEST_VALUE "e\r\n\r\n"),
    REFUSED("6585, 5", 431, "a value that does not end", GET "A: " TIMES_1000("b")),
    REFUSED("6585, 5", 431, "a name that does not end", GET TIMES_1000("A")),
    REFUSED("6585, 5", 400, "the first error counts, not the size",
            GET "A B" TIMES_10("c") "\r\n" TIMES_1000("d")),
    ROW("6585, 5", "a head is measured for each request anew",
        GET LONGEST_VALUE "\r\n\r\n" GET LONGEST_VALUE "\r\n\r\n", STAYS_OPEN,
        .answers = {200, 200}),
    ANSWERED("6585, 5", 200, "as many fields as may be", GET "A: b\r\nA: b\r\nA: b\r\n\r\n"),
    REFUSED("6585, 5", 431, "a field more", GET "A: b\r\nA: b\r\nA: b\r\nA: b\r\n\r\n"),
    ROW("6585, 5", "fields are counted for each request anew",
        GET "A: b\r\nA: b\r\nA: b\r\n\r\n" GET "A: b\r\nA: b\r\nA: b\r\n\r\n", STAYS_OPEN,
        .answers = {200, 200}),

    ANSWERED("9110, 15.5.14", 405, "a body as long as may be",
             POST LENGTH("16") "\r\n0123456789abcdef"),
    REFUSED("9110, 15.5.14", 413, "a body of a byte more",
            POST LENGTH("17") "\r\n0123456789abcdefg"),
    REFUSED("9110, 15.5.14", 413, "a body of a byte more that is not there yet",
            POST LENGTH("17") "\r\n"),
    REFUSED("9110, 15.5.14", 413, "a body of a byte more for GET", GET LENGTH("17") "\r\n"),
    REFUSED("9110, 15.5.14", 413, "a body of a byte more that asked for 100",
            POST "Expect: 100-continue\r\n" LENGTH("17") "\r\n"),
    ANSWERED("9110, 15.5.14", 405, "one chunk as long as may be",
             CHUNKS("10\r\n0123456789abcdef\r\n0\r\n\r\n")),
    ANSWERED("9110, 15.5.14", 405, "several chunks, as long as may be in all",
             CHUNKS("8\r\n01234567\r\n7\r\n89abcde\r\n1\r\nf\r\n0\r\n\r\n")),
    ANSWERED("9110, 15.5.14", 405, "extensions and trailers are not of the body",
             CHUNKS("10" EXTENSION "\r\n0123456789abcdef\r\n0\r\n" TRAILER "\r\n")),
    REFUSED("9110, 15.5.14", 413, "one chunk of a byte more", CHUNKS("11\r\n")),
    REFUSED("9110, 15.5.14", 413, "one chunk of far more", CHUNKS("1000\r\n")),
    REFUSED("9110, 15.5.14", 413, "several chunks of a byte more",
            CHUNKS("8\r\n01234567\r\n8\r\n89abcdef\r\n1\r\ng\r\n0\r\n\r\n")),
    ROW("9110, 15.5.14", "a body is measured for each request anew",
        POST LENGTH("16") "\r\n0123456789abcdef" CHUNKS("10\r\n0123456789abcdef\r\n0\r\n\r\n"),
        STAYS_OPEN, .answers = {405, 405}),
};

GROUP(conformance_small_limits, "small limits", small_rows, small_limits);

static const char *const three_requests[] = {"--max-requests=3", NULL};

static const struct conformance_row last_rows[] = {
    ROW("9112, 9.6", "the last of so many requests is told that it was",
        GET "\r\n" GET "\r\n" GET "\r\n" NEXT_REQUEST, CLOSES, .answers = {200, 200, 200},
        .content = BYTES(HELLO)),
    ROW("9112, 9.6", "those that cannot be served count as well",
        "DELETE /nothing HTTP/1.1\r\n" HOST "\r\n" POST ABC GET "\r\n" NEXT_REQUEST, CLOSES,
        .answers = {404, 405, 200}),
    ANSWERED("9112, 9.6", 200, "each connection has its own", GET "\r\n"),
};

GROUP(conformance_three_requests, "three requests a connection", last_rows, three_requests);
