#include "http_chars.h"

enum {
    TEXT = HTTP_TEXT,
    TARGET = HTTP_TEXT | HTTP_TARGET | HTTP_PLAIN,
    TOKEN = TARGET | HTTP_TCHAR,
};

/*
 * A request target is made of visible ASCII. Browsers leave '|', '^', '{' and the like unescaped in
 * queries, though RFC 3986 does not, so these pass. '"', '<', '>' and '#' do not: nobody sends
 * them, and they break whoever quotes the target later.
 */
const uint8_t http_char_class[256] = {
    ['\t'] = TEXT,
    [' '] = TEXT,
    ['0' ... '9'] = TOKEN | HTTP_HOST,
    ['A' ... 'Z'] = TOKEN | HTTP_HOST,
    ['a' ... 'z'] = TOKEN | HTTP_HOST,
    ['!'] = TOKEN | HTTP_HOST,
    ['#'] = TEXT | HTTP_TCHAR,
    ['$'] = TOKEN | HTTP_HOST,
    ['%'] = HTTP_TEXT | HTTP_TARGET | HTTP_TCHAR,
    ['&'] = TOKEN | HTTP_HOST,
    ['\''] = TOKEN | HTTP_HOST,
    ['*'] = TOKEN | HTTP_HOST,
    ['+'] = TOKEN | HTTP_HOST,
    ['-'] = TOKEN | HTTP_HOST,
    ['.'] = TOKEN | HTTP_HOST,
    ['^'] = TOKEN,
    ['_'] = TOKEN | HTTP_HOST,
    ['`'] = TOKEN,
    ['|'] = TOKEN,
    ['~'] = TOKEN | HTTP_HOST,
    ['('] = TARGET | HTTP_HOST,
    [')'] = TARGET | HTTP_HOST,
    [','] = TARGET | HTTP_HOST,
    ['/'] = TARGET,
    [':'] = TARGET,
    [';'] = TARGET | HTTP_HOST,
    ['='] = TARGET | HTTP_HOST,
    ['?'] = TARGET,
    ['@'] = TARGET,
    ['['] = TARGET,
    ['\\'] = HTTP_TEXT | HTTP_TARGET,
    [']'] = TARGET,
    ['{'] = TARGET,
    ['}'] = TARGET,
    ['"'] = TEXT,
    ['<'] = TEXT,
    ['>'] = TEXT,
    [0x80 ... 0xff] = TEXT,
};
