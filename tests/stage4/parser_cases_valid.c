#include "parser_cases.h"

#define GET_ROOT "GET 1.1 target=/ path=/ query= keep-alive\n"

static const struct parser_case cases[] = {
    /* RFC 9110, 9: methods. */
    PARSER_CASE("GET", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", GET_ROOT "Host=x\n"),
    PARSER_CASE("HEAD", "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n",
                "HEAD 1.1 target=/ path=/ query= keep-alive\nHost=x\n"),
    PARSER_CASE("POST", "POST / HTTP/1.1\r\nHost: x\r\n\r\n",
                "POST 1.1 target=/ path=/ query= keep-alive\nHost=x\n"),
    PARSER_CASE("PUT", "PUT / HTTP/1.1\r\nHost: x\r\n\r\n",
                "PUT 1.1 target=/ path=/ query= keep-alive\nHost=x\n"),
    PARSER_CASE("DELETE", "DELETE / HTTP/1.1\r\nHost: x\r\n\r\n",
                "DELETE 1.1 target=/ path=/ query= keep-alive\nHost=x\n"),
    PARSER_CASE("PATCH", "PATCH / HTTP/1.1\r\nHost: x\r\n\r\n",
                "PATCH 1.1 target=/ path=/ query= keep-alive\nHost=x\n"),
    PARSER_CASE("OPTIONS", "OPTIONS /a HTTP/1.1\r\nHost: x\r\n\r\n",
                "OPTIONS 1.1 target=/a path=/a query= keep-alive\nHost=x\n"),
    PARSER_CASE("TRACE", "TRACE / HTTP/1.1\r\nHost: x\r\n\r\n",
                "TRACE 1.1 target=/ path=/ query= keep-alive\nHost=x\n"),

    /* RFC 9112, 3.2: the four forms of a target. */
    PARSER_CASE("a query", "GET /a/b?c=d&e HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET 1.1 target=/a/b?c=d&e path=/a/b query=c=d&e keep-alive\nHost=x\n"),
    PARSER_CASE("an empty query", "GET /a? HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET 1.1 target=/a? path=/a query= keep-alive\nHost=x\n"),
    PARSER_CASE("question marks in the query", "GET /?a?/b HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET 1.1 target=/?a?/b path=/ query=a?/b keep-alive\nHost=x\n"),
    PARSER_CASE("all that a target may be made of, and what browsers add to it",
                "GET /-._~!$&'()*+,;=:@%41?[]{}|^`\\ HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET 1.1 target=/-._~!$&'()*+,;=:@%41?[]{}|^`\\ path=/-._~!$&'()*+,;=:@%41 "
                "query=[]{}|^`\\ keep-alive\nHost=x\n"),
    PARSER_CASE("two slashes are no authority", "GET //a/b HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET 1.1 target=//a/b path=//a/b query= keep-alive\nHost=x\n"),
    PARSER_CASE("absolute-form", "GET http://example.com/a?b HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET 1.1 target=http://example.com/a?b path=/a query=b keep-alive\nHost=x\n"),
    PARSER_CASE("absolute-form with https, a port and capitals",
                "GET HTTPS://EXAMPLE.com:8443/ HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET 1.1 target=HTTPS://EXAMPLE.com:8443/ path=/ query= keep-alive\nHost=x\n"),
    PARSER_CASE("absolute-form without a path",
                "GET http://example.com HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET 1.1 target=http://example.com path= query= keep-alive\nHost=x\n"),
    PARSER_CASE("absolute-form with a query and no path",
                "GET http://example.com?a/b HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET 1.1 target=http://example.com?a/b path= query=a/b keep-alive\nHost=x\n"),
    PARSER_CASE("absolute-form with IPv6", "GET http://[::1]:80/ HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET 1.1 target=http://[::1]:80/ path=/ query= keep-alive\nHost=x\n"),
    PARSER_CASE("asterisk-form", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
                "OPTIONS 1.1 target=* path= query= keep-alive\nHost=x\n"),
    PARSER_CASE("authority-form", "CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n",
                "CONNECT 1.1 target=example.com:443 path= query= keep-alive\nHost=x\n"),

    /* RFC 9112, 2.3; RFC 9110, 2.5: versions. */
    PARSER_CASE("HTTP/1.0 needs no Host", "GET / HTTP/1.0\r\n\r\n",
                "GET 1.0 target=/ path=/ query= close\n"),
    PARSER_CASE("HTTP/1.0 with Host", "GET / HTTP/1.0\r\nHost: x\r\n\r\n",
                "GET 1.0 target=/ path=/ query= close\nHost=x\n"),
    PARSER_CASE("1.2 is handled as 1.1", "GET / HTTP/1.2\r\nHost: x\r\n\r\n", GET_ROOT "Host=x\n"),
    PARSER_CASE("and so is 1.9", "GET / HTTP/1.9\r\nHost: x\r\n\r\n", GET_ROOT "Host=x\n"),
    PARSER_CASE("an empty line in front", "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
                GET_ROOT "Host=x\n"),

    /* RFC 9112, 5: field lines. */
    PARSER_CASE("what comes behind the head is left alone",
                "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /\x00\r\n\n", GET_ROOT "Host=x\n"),
    PARSER_CASE("empty values", "GET / HTTP/1.1\r\nHost: x\r\nA:\r\nB: \r\nC: \t \r\n\r\n",
                GET_ROOT "Host=x\nA=\nB=\nC=\n"),
    PARSER_CASE("white space around a value", "GET / HTTP/1.1\r\nHost:\t x \t\r\nA:b\r\n\r\n",
                GET_ROOT "Host=x\nA=b\n"),
    PARSER_CASE("white space inside of a value", "GET / HTTP/1.1\r\nHost: x\r\nA: b \t c\r\n\r\n",
                GET_ROOT "Host=x\nA=b \t c\n"),
    PARSER_CASE("colons in a value", "GET / HTTP/1.1\r\nHost: x\r\nA: b:c::\r\n\r\n",
                GET_ROOT "Host=x\nA=b:c::\n"),
    PARSER_CASE("obs-text", "GET / HTTP/1.1\r\nHost: x\r\nA: \x80\xc3\xa9\xff\r\n\r\n",
                GET_ROOT "Host=x\nA=\x80\xc3\xa9\xff\n"),
    PARSER_CASE("every character of a token",
                "GET / HTTP/1.1\r\nHost: x\r\n!#$%&'*+-.^_`|~09azAZ: b\r\n\r\n",
                GET_ROOT "Host=x\n!#$%&'*+-.^_`|~09azAZ=b\n"),
    PARSER_CASE("every delimiter in a value",
                "GET / HTTP/1.1\r\nHost: x\r\nA: \"(),/:;<=>?@[\\]{}\r\n\r\n",
                GET_ROOT "Host=x\nA=\"(),/:;<=>?@[\\]{}\n"),
    PARSER_CASE("the same name twice", "GET / HTTP/1.1\r\nA: 1\r\nHost: x\r\nA: 2\r\n\r\n",
                GET_ROOT "A=1\nHost=x\nA=2\n"),
    PARSER_CASE(
        "sixteen fields",
        "GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\nF: 6\r\n"
        "G: 7\r\nH: 8\r\nI: 9\r\nJ: 10\r\nK: 11\r\nL: 12\r\nM: 13\r\nN: 14\r\nO: 15\r\n\r\n",
        GET_ROOT "Host=x\nA=1\nB=2\nC=3\nD=4\nE=5\nF=6\nG=7\nH=8\nI=9\nJ=10\nK=11\n"
                 "L=12\nM=13\nN=14\nO=15\n"),

    /* RFC 9110, 7.2; RFC 3986, 3.2: Host. */
    PARSER_CASE("a name with a port", "GET / HTTP/1.1\r\nHOST: a-b.example.com:8080\r\n\r\n",
                GET_ROOT "HOST=a-b.example.com:8080\n"),
    PARSER_CASE("the highest port", "GET / HTTP/1.1\r\nhost: x:65535\r\n\r\n",
                GET_ROOT "host=x:65535\n"),
    PARSER_CASE("an empty port, which RFC 3986 allows", "GET / HTTP/1.1\r\nHost: x:\r\n\r\n",
                GET_ROOT "Host=x:\n"),
    PARSER_CASE("an IPv4 address", "GET / HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n",
                GET_ROOT "Host=127.0.0.1:80\n"),
    PARSER_CASE("an IPv6 address", "GET / HTTP/1.1\r\nHost: [2001:db8::a]\r\n\r\n",
                GET_ROOT "Host=[2001:db8::a]\n"),
    PARSER_CASE("an IPv6 address with IPv4 in it and a port",
                "GET / HTTP/1.1\r\nHost: [::ffff:127.0.0.1]:80\r\n\r\n",
                GET_ROOT "Host=[::ffff:127.0.0.1]:80\n"),
    PARSER_CASE("percent and sub-delims", "GET / HTTP/1.1\r\nHost: a%20b_~!$&'()*+,;=\r\n\r\n",
                GET_ROOT "Host=a%20b_~!$&'()*+,;=\n"),

    /* Not there yet. */
    PARSER_CASE("half a request line", "GET /a", "partial"),
    PARSER_CASE("a line end without its LF", "GET / HTTP/1.1\r", "partial"),
    PARSER_CASE("no empty line", "GET / HTTP/1.1\r\nHost: x\r\n", "partial"),
    PARSER_CASE("half an empty line", "GET / HTTP/1.1\r\nHost: x\r\n\r", "partial"),
};

const struct parser_cases valid_requests = {cases, sizeof cases / sizeof cases[0]};
