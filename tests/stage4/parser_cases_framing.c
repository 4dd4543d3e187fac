#include "parser_cases.h"

#define POST "POST / HTTP/1.1\r\nHost: x\r\n"
#define POST_ROOT "POST 1.1 target=/ path=/ query= keep-alive"
#define GET "GET / HTTP/1.1\r\nHost: x\r\n"
#define GET_ROOT "GET 1.1 target=/ path=/ query= "

static const struct parser_case framing[] = {
    /* RFC 9112, 6.2: Content-Length. */
    PARSER_CASE("a length", POST "Content-Length: 5\r\n\r\n",
                POST_ROOT " length=5\nHost=x\nContent-Length=5\n"),
    PARSER_CASE("a length of nothing", POST "content-length:0\r\n\r\n",
                POST_ROOT " length=0\nHost=x\ncontent-length=0\n"),
    PARSER_CASE("zeros in front", POST "Content-Length: 0000000000000000000000000012 \r\n\r\n",
                POST_ROOT " length=12\nHost=x\nContent-Length=0000000000000000000000000012\n"),
    PARSER_CASE("a length on GET", GET "Content-Length: 3\r\n\r\n",
                GET_ROOT "keep-alive length=3\nHost=x\nContent-Length=3\n"),
    PARSER_CASE("the largest body allowed", POST "Content-Length: 100\r\n\r\n",
                POST_ROOT " length=100\nHost=x\nContent-Length=100\n"),
    PARSER_CASE("a longer name is another field", POST "Content-Length-: +1\r\n\r\n",
                POST_ROOT "\nHost=x\nContent-Length-=+1\n"),
    PARSER_CASE("and so is a shorter one", POST "Content-Lengt: +1\r\n\r\n",
                POST_ROOT "\nHost=x\nContent-Lengt=+1\n"),

    /* RFC 9112, 6.1: Transfer-Encoding. */
    PARSER_CASE("chunked", POST "Transfer-Encoding: chunked\r\n\r\n",
                POST_ROOT " chunked\nHost=x\nTransfer-Encoding=chunked\n"),
    PARSER_CASE("chunked in capitals", POST "TRANSFER-ENCODING:\tCHUNKED\t\r\n\r\n",
                POST_ROOT " chunked\nHost=x\nTRANSFER-ENCODING=CHUNKED\n"),

    /* RFC 9112, 9.3: persistence. */
    PARSER_CASE("close", GET "Connection: close\r\n\r\n",
                GET_ROOT "close\nHost=x\nConnection=close\n"),
    PARSER_CASE("close in a list", GET "Connection: a,\t,CLOSE ,b\r\n\r\n",
                GET_ROOT "close\nHost=x\nConnection=a,\t,CLOSE ,b\n"),
    PARSER_CASE("close in the second of two lines",
                GET "Connection: a\r\nConnection: close\r\n\r\n",
                GET_ROOT "close\nHost=x\nConnection=a\nConnection=close\n"),
    PARSER_CASE("close wins", GET "Connection: close, keep-alive\r\n\r\n",
                GET_ROOT "close\nHost=x\nConnection=close, keep-alive\n"),
    PARSER_CASE("a word that begins with close", GET "Connection: closed, clos, c lose\r\n\r\n",
                GET_ROOT "keep-alive\nHost=x\nConnection=closed, clos, c lose\n"),
    PARSER_CASE("an empty list", GET "Connection:\r\n\r\n",
                GET_ROOT "keep-alive\nHost=x\nConnection=\n"),
    PARSER_CASE("1.0 with keep-alive", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
                "GET 1.0 target=/ path=/ query= keep-alive\nConnection=Keep-Alive\n"),
    PARSER_CASE("1.0 with both", "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n",
                "GET 1.0 target=/ path=/ query= close\nConnection=keep-alive, close\n"),

    /* RFC 9110, 10.1.1: Expect. */
    PARSER_CASE("100-continue", POST "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n",
                POST_ROOT " length=1 continue\nHost=x\nExpect=100-Continue\nContent-Length=1\n"),
    PARSER_CASE("1.0 cannot expect", "POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n",
                "POST 1.0 target=/ path=/ query= close\nExpect=100-continue\n"),
};

const struct parser_cases framing_requests = {framing, sizeof framing / sizeof framing[0]};

static const struct parser_case invalid[] = {
    /* RFC 9112, 6.2 and 6.3: a length that others may read as another one. */
    PARSER_CASE("an empty length", POST "Content-Length:\r\n\r\n", "400"),
    PARSER_CASE("a length of white space", POST "Content-Length: \t\r\n\r\n", "400"),
    PARSER_CASE("a plus", POST "Content-Length: +5\r\n\r\n", "400"),
    PARSER_CASE("a minus", POST "Content-Length: -5\r\n\r\n", "400"),
    PARSER_CASE("minus nothing", POST "Content-Length: -0\r\n\r\n", "400"),
    PARSER_CASE("a list", POST "Content-Length: 5, 6\r\n\r\n", "400"),
    PARSER_CASE("a list of the same", POST "Content-Length: 5,5\r\n\r\n", "400"),
    PARSER_CASE("a comma behind", POST "Content-Length: 5,\r\n\r\n", "400"),
    PARSER_CASE("a space inside", POST "Content-Length: 5 6\r\n\r\n", "400"),
    PARSER_CASE("hexadecimal", POST "Content-Length: 0x5\r\n\r\n", "400"),
    PARSER_CASE("a hexadecimal digit", POST "Content-Length: a\r\n\r\n", "400"),
    PARSER_CASE("a fraction", POST "Content-Length: 5.0\r\n\r\n", "400"),
    PARSER_CASE("an exponent", POST "Content-Length: 5e1\r\n\r\n", "400"),
    PARSER_CASE("quotes", POST "Content-Length: \"5\"\r\n\r\n", "400"),
    PARSER_CASE("the character behind 9", POST "Content-Length: 5:\r\n\r\n", "400"),
    PARSER_CASE("digits of another alphabet", POST "Content-Length: \xd9\xa5\r\n\r\n", "400"),
    PARSER_CASE("twice", POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", "400"),
    PARSER_CASE("twice the same", POST "Content-Length: 5\r\ncontent-length: 5\r\n\r\n", "400"),
    PARSER_CASE("on GET, twice", GET "Content-Length: 0\r\nContent-Length: 0\r\n\r\n", "400"),
    PARSER_CASE("one byte more than allowed", POST "Content-Length: 101\r\n\r\n", "413"),
    PARSER_CASE("2^32 + 5", POST "Content-Length: 4294967301\r\n\r\n", "413"),
    PARSER_CASE("2^64 - 1", POST "Content-Length: 18446744073709551615\r\n\r\n", "413"),
    PARSER_CASE("2^64", POST "Content-Length: 18446744073709551616\r\n\r\n", "413"),
    PARSER_CASE("2^64 + 5", POST "Content-Length: 18446744073709551621\r\n\r\n", "413"),
    PARSER_CASE("ten times 2^64", POST "Content-Length: 184467440737095516160\r\n\r\n", "413"),
    PARSER_CASE("forty digits",
                POST "Content-Length: 9999999999999999999999999999999999999999\r\n\r\n", "413"),

    /* RFC 9112, 6.1: codings. */
    PARSER_CASE("an empty coding", POST "Transfer-Encoding:\r\n\r\n", "400"),
    PARSER_CASE("an empty coding and a length",
                POST "Transfer-Encoding:\r\nContent-Length: 5\r\n\r\n", "400"),
    PARSER_CASE("an unknown coding", POST "Transfer-Encoding: gzip\r\n\r\n", "501"),
    PARSER_CASE("identity", POST "Transfer-Encoding: identity\r\n\r\n", "501"),
    PARSER_CASE("almost chunked", POST "Transfer-Encoding: chunke\r\n\r\n", "501"),
    PARSER_CASE("chunked in quotes", POST "Transfer-Encoding: \"chunked\"\r\n\r\n", "400"),
    PARSER_CASE("chunked and a letter", POST "Transfer-Encoding: chunkedx\r\n\r\n", "501"),
    PARSER_CASE("a comma before chunked", POST "Transfer-Encoding: , chunked\r\n\r\n", "400"),
    PARSER_CASE("a coding before chunked", POST "Transfer-Encoding: gzip, chunked\r\n\r\n", "501"),
    PARSER_CASE("a coding behind chunked", POST "Transfer-Encoding: chunked, gzip\r\n\r\n", "400"),
    PARSER_CASE("chunked twice", POST "Transfer-Encoding: chunked, chunked\r\n\r\n", "400"),
    PARSER_CASE("chunked on two lines",
                POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", "400"),
    PARSER_CASE("another coding on the second line",
                POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n", "400"),
    PARSER_CASE("chunked with a parameter", POST "Transfer-Encoding: chunked;q=1\r\n\r\n", "400"),
    PARSER_CASE("chunked and a comma", POST "Transfer-Encoding: chunked,\r\n\r\n", "400"),
    PARSER_CASE("vertical tab before chunked",
                POST "Transfer-Encoding: \x0b"
                     "chunked\r\n\r\n",
                "400"),
    PARSER_CASE("chunked, then a length",
                POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", "400"),
    PARSER_CASE("a length, then chunked",
                POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "400"),
    PARSER_CASE("chunked in 1.0",
                "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "400"),

    /* RFC 9110, 10.1.1. */
    PARSER_CASE("another expectation", POST "Expect: 200-ok\r\n\r\n", "417"),
    PARSER_CASE("one expectation too many", POST "Expect: 100-continue, x\r\n\r\n", "417"),
    PARSER_CASE("an empty expectation", POST "Expect:\r\n\r\n", "417"),
};

const struct parser_cases invalid_framing = {invalid, sizeof invalid / sizeof invalid[0]};
