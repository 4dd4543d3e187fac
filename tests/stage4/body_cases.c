#include "body_cases.h"

#define NEXT "GET / HTTP/1.1\r\n"
#define THIRTY_TWO "0123456789abcdef0123456789abcdef"

/* RFC 9112, 6.2 and 7.1. */
static const struct body_case good[] = {
    BODY("one byte by length", 1, "a", "", "a"),
    BODY("by length", 5, "hello", "", "hello"),
    BODY("by length, with a request behind", 5, "hello", NEXT, "hello"),
    BODY("by length, any byte", 6, "\0\r\n\xff\r\n", "\r\n", "\0\r\n\xff\r\n"),
    BODY("by length, at the limit", 32, THIRTY_TWO, NEXT, THIRTY_TWO),

    BODY("no chunk at all", CHUNKED, "0\r\n\r\n", "", ""),
    BODY("no chunk at all, with a request behind", CHUNKED, "0\r\n\r\n", NEXT, ""),
    BODY("one chunk", CHUNKED, "5\r\nhello\r\n0\r\n\r\n", "", "hello"),
    BODY("one chunk, with a request behind", CHUNKED, "5\r\nhello\r\n0\r\n\r\n", NEXT, "hello"),
    BODY("one chunk, with a line end behind", CHUNKED, "5\r\nhello\r\n0\r\n\r\n", "\r\n", "hello"),
    BODY("chunks", CHUNKED, "1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n0\r\n\r\n", "0\r\n\r\n", "abcdef"),
    BODY("line ends as content", CHUNKED, "4\r\n\r\n\r\n\r\n0\r\n\r\n", "", "\r\n\r\n"),
    BODY("an end as content", CHUNKED, "5\r\n0\r\n\r\n\r\n0\r\n\r\n", NEXT, "0\r\n\r\n"),
    BODY("small hexadecimal digits", CHUNKED, "a\r\n0123456789\r\n0\r\n\r\n", "", "0123456789"),
    BODY("capital ones", CHUNKED, "F\r\n0123456789ABCDE\r\n0\r\n\r\n", "", "0123456789ABCDE"),
    BODY("zeros in front", CHUNKED, "000000000000000000000005\r\nhello\r\n0\r\n\r\n", "", "hello"),
    BODY("many zeros at the end", CHUNKED, "1\r\na\r\n00000000000000000000\r\n\r\n", "", "a"),
    BODY("one chunk at the limit", CHUNKED, "20\r\n" THIRTY_TWO "\r\n0\r\n\r\n", NEXT, THIRTY_TWO),
    BODY("chunks up to the limit", CHUNKED,
         "1F\r\n0123456789abcdef0123456789abcde\r\n1\r\nf\r\n0\r\n\r\n", NEXT, THIRTY_TWO),

    /* RFC 9112, 7.1.1: a recipient must ignore extensions it does not know. */
    BODY("an extension", CHUNKED, "5;a\r\nhello\r\n0\r\n\r\n", "", "hello"),
    BODY("an extension with a value", CHUNKED, "5;a=b\r\nhello\r\n0;c=d\r\n\r\n", "", "hello"),
    BODY("two extensions", CHUNKED, "5;a=b;c=\"d e\"\r\nhello\r\n0\r\n\r\n", "", "hello"),
    BODY("empty quotes, and obs-text in quotes", CHUNKED,
         "5;a=\"\";b=\"\t\x80\\\xff\"\r\nhello\r\n0\r\n\r\n", "", "hello"),
    BODY("an extension in quotes", CHUNKED, "5;a=\"5\\\"\\\\;0\"\r\nhello\r\n0\r\n\r\n", "",
         "hello"),

    /* RFC 9112, 7.1.2: trailers are dropped. */
    BODY("a trailer", CHUNKED, "5\r\nhello\r\n0\r\nA: b\r\n\r\n", NEXT, "hello"),
    BODY("an empty trailer", CHUNKED, "5\r\nhello\r\n0\r\nA:\r\n\r\n", NEXT, "hello"),
    BODY("trailers that would frame", CHUNKED,
         "5\r\nhello\r\n0\r\nContent-Length: 9\r\nTransfer-Encoding: x\r\n\r\n", NEXT, "hello"),
};

const struct body_cases good_bodies = {good, sizeof good / sizeof good[0]};

static const struct body_case bad[] = {
    BAD_BODY("nothing", "", BODY_PARTIAL),
    BAD_BODY("half a size line", "5\r", BODY_PARTIAL),
    BAD_BODY("half a chunk", "5\r\nhel", BODY_PARTIAL),
    BAD_BODY("no end", "5\r\nhello\r\n", BODY_PARTIAL),
    BAD_BODY("half an end", "0\r\n\r", BODY_PARTIAL),
    BAD_BODY("no end behind a trailer", "0\r\nA: b\r\n", BODY_PARTIAL),

    /* Sizes: hexadecimal digits and nothing else. */
    BAD_BODY("no size", "\r\nhello\r\n", 400),
    BAD_BODY("an extension instead of a size", ";a\r\nhello\r\n", 400),
    BAD_BODY("no digit", "g\r\n", 400),
    BAD_BODY("the character before 0", "/\r\n", 400),
    BAD_BODY("the character behind 9", ":\r\n", 400),
    BAD_BODY("the character before a", "`\r\n", 400),
    BAD_BODY("the character before A", "@\r\n", 400),
    BAD_BODY("a digit with another bit", "\x10\r\n", 400),
    BAD_BODY("a letter with the highest bit", "\xe1\r\n", 400),
    BAD_BODY("no digit behind a digit", "1g\r\n", 400),
    BAD_BODY("0x", "0x5\r\nhello\r\n", 400),
    BAD_BODY("a plus", "+5\r\nhello\r\n", 400),
    BAD_BODY("a minus", "-5\r\nhello\r\n", 400),
    BAD_BODY("a comma", "5,5\r\n", 400),
    BAD_BODY("NUL", "5\0\r\nhello\r\n", 400),
    BAD_BODY("white space in front of a size", " 5\r\nhello\r\n", 400),
    BAD_BODY("white space behind a size", "5 \r\nhello\r\n", 400),
    BAD_BODY("a tab behind a size", "5\t\r\nhello\r\n", 400),
    BAD_BODY("white space inside of a size", "1 0\r\n", 400),
    BAD_BODY("white space before an extension", "5 ;a\r\nhello\r\n", 400),

    /* Sizes beyond the limit, and beyond what a number holds. */
    BAD_BODY("one byte too many", "21\r\n", 413),
    BAD_BODY("one byte too many, zeros in front", "00000000000000000021\r\n", 413),
    BAD_BODY("16 digits", "ffffffffffffffff\r\n", 413),
    BAD_BODY("16 digits, negative", "8000000000000005\r\n", 413),
    BAD_BODY("17 digits, 5 when cut off", "10000000000000005\r\n", 413),
    BAD_BODY("40 digits, 5 when cut off", "1000000000000000000000000000000000000005\r\n", 413),
    BAD_BODY("2^32 + 5", "100000005\r\n", 413),
    BAD_BODY("chunks beyond the limit", "1f\r\n0123456789abcdef0123456789abcde\r\n2\r\nfg\r\n",
             413),

    /* Line ends: CRLF and nothing else. */
    BAD_BODY("bare LF behind a size", "5\nhello\r\n", 400),
    BAD_BODY("bare CR behind a size", "5\rhello\r\n", 400),
    BAD_BODY("CR CR LF behind a size", "5\r\r\nhello\r\n", 400),
    BAD_BODY("bare LF behind content", "5\r\nhello\n0\r\n\r\n", 400),
    BAD_BODY("bare CR behind content", "5\r\nhello\r0\r\n\r\n", 400),
    BAD_BODY("nothing behind content", "5\r\nhello0\r\n\r\n", 400),
    BAD_BODY("a letter for the CR behind content", "5\r\nhelloX\n0\r\n\r\n", 400),
    BAD_BODY("a letter for the LF behind content", "5\r\nhello\rX0\r\n\r\n", 400),
    BAD_BODY("LF LF behind content", "5\r\nhello\n\n0\r\n\r\n", 400),
    BAD_BODY("a letter for the LF behind a size", "5\rXhello\r\n0\r\n\r\n", 400),
    BAD_BODY("a letter for the LF behind a trailer", "0\r\nA: b\rX\r\n", 400),
    BAD_BODY("more content than was said", "4\r\nhello\r\n0\r\n\r\n", 400),
    BAD_BODY("two line ends behind content", "5\r\nhello\r\n\r\n0\r\n\r\n", 400),
    BAD_BODY("bare LF behind the last size", "0\n\r\n", 400),
    BAD_BODY("bare LF at the end", "0\r\n\n", 400),
    BAD_BODY("bare CR at the end", "0\r\n\rX", 400),
    BAD_BODY("CR CR LF at the end", "0\r\n\r\r\n", 400),

    /* Extensions. */
    BAD_BODY("a bare semicolon", "5;\r\nhello\r\n", 400),
    BAD_BODY("two semicolons", "5;;a\r\nhello\r\n", 400),
    BAD_BODY("white space behind the semicolon", "5; a\r\nhello\r\n", 400),
    BAD_BODY("an extension without a name", "5;=b\r\nhello\r\n", 400),
    BAD_BODY("a semicolon behind an extension", "5;a;\r\nhello\r\n", 400),
    BAD_BODY("a semicolon behind a value", "5;a=b;\r\nhello\r\n", 400),
    BAD_BODY("a semicolon behind quotes", "5;a=\"b\";\r\nhello\r\n", 400),
    BAD_BODY("an extension without a value", "5;a=\r\nhello\r\n", 400),
    BAD_BODY("two values", "5;a=b=c\r\nhello\r\n", 400),
    BAD_BODY("white space in an extension", "5;a b\r\nhello\r\n", 400),
    BAD_BODY("white space behind an extension", "5;a \r\nhello\r\n", 400),
    BAD_BODY("white space before a value", "5;a= b\r\nhello\r\n", 400),
    BAD_BODY("something behind quotes", "5;a=\"b\"c\r\nhello\r\n", 400),
    BAD_BODY("quotes that do not end", "5;a=\"b\r\nhello\r\n", 400),
    BAD_BODY("a line end behind a backslash", "5;a=\"b\\\r\nhello\r\n", 400),
    BAD_BODY("NUL behind a backslash", "5;a=\"\\\0\"\r\nhello\r\n", 400),
    BAD_BODY("bare CR behind a backslash", "5;a=\"\\\r\"\r\nhello\r\n", 400),
    BAD_BODY("a quote in a token", "5;a=b\"c\"\r\nhello\r\n", 400),
    BAD_BODY("a quoted name", "5;\"a\"=b\r\nhello\r\n", 400),
    BAD_BODY("a slash in a token", "5;a=b/c\r\nhello\r\n", 400),
    BAD_BODY("obs-text outside of quotes", "5;a=\x80\r\nhello\r\n", 400),
    BAD_BODY("bare LF in an extension", "5;a\nhello\r\n", 400),
    BAD_BODY("bare LF right behind the semicolon", "5;\nhello\r\n", 400),
    BAD_BODY("bare CR in an extension", "5;a\rb\r\nhello\r\n", 400),
    BAD_BODY("bare CR in quotes", "5;a=\"\r\"\r\nhello\r\n", 400),
    BAD_BODY("a line end in quotes is a line end", "5;a=\"\r\n\"\r\nhel\r\n", 400),
    BAD_BODY("a control character in an extension", "5;a\x01\r\nhello\r\n", 400),
    BAD_BODY("NUL in an extension", "5;a\0\r\nhello\r\n", 400),
    BAD_BODY("DEL in an extension", "5;a\x7f\r\nhello\r\n", 400),
    BAD_BODY("a bad extension of the last chunk", "0;\r\n\r\n", 400),

    /* Trailers. */
    BAD_BODY("a trailer without a colon", "0\r\nA\r\n\r\n", 400),
    BAD_BODY("a trailer without a name", "0\r\n: b\r\n\r\n", 400),
    BAD_BODY("white space before the colon", "0\r\nA : b\r\n\r\n", 400),
    BAD_BODY("a folded trailer", "0\r\nA: b\r\n c\r\n\r\n", 400),
    BAD_BODY("a trailer folded with a tab", "0\r\nA: b\r\n\tc\r\n\r\n", 400),
    BAD_BODY("white space before the first trailer", "0\r\n A: b\r\n\r\n", 400),
    BAD_BODY("bare LF behind a trailer", "0\r\nA: b\n\r\n", 400),
    BAD_BODY("bare CR in a trailer", "0\r\nA: b\rc\r\n\r\n", 400),
    BAD_BODY("bare CR in a trailer's name", "0\r\nA\r: b\r\n\r\n", 400),
    BAD_BODY("NUL in a trailer", "0\r\nA: \0\r\n\r\n", 400),
};

const struct body_cases bad_bodies = {bad, sizeof bad / sizeof bad[0]};
