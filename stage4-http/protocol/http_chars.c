#include "http_chars.h"

enum {
    TEXT = HTTP_TEXT,
    TARGET = HTTP_TEXT | HTTP_TARGET,
    TOKEN = HTTP_TEXT | HTTP_TARGET | HTTP_TCHAR,
};

/*
 * A request target is made of visible ASCII. Browsers leave '|', '^', '{' and the like unescaped in
 * queries, though RFC 3986 does not, so these pass. '"', '<', '>' and '#' do not: nobody sends
 * them, and they break whoever quotes the target later.
 */
const uint8_t http_char_class[256] = {
    ['\t'] = TEXT,
    [' '] = TEXT,
    ['0' ... '9'] = TOKEN,
    ['A' ... 'Z'] = TOKEN,
    ['a' ... 'z'] = TOKEN,
    ['!'] = TOKEN,
    ['#'] = TEXT | HTTP_TCHAR,
    ['$'] = TOKEN,
    ['%'] = TOKEN,
    ['&'] = TOKEN,
    ['\''] = TOKEN,
    ['*'] = TOKEN,
    ['+'] = TOKEN,
    ['-'] = TOKEN,
    ['.'] = TOKEN,
    ['^'] = TOKEN,
    ['_'] = TOKEN,
    ['`'] = TOKEN,
    ['|'] = TOKEN,
    ['~'] = TOKEN,
    ['('] = TARGET,
    [')'] = TARGET,
    [','] = TARGET,
    ['/'] = TARGET,
    [':'] = TARGET,
    [';'] = TARGET,
    ['='] = TARGET,
    ['?'] = TARGET,
    ['@'] = TARGET,
    ['['] = TARGET,
    ['\\'] = TARGET,
    [']'] = TARGET,
    ['{'] = TARGET,
    ['}'] = TARGET,
    ['"'] = TEXT,
    ['<'] = TEXT,
    ['>'] = TEXT,
    [0x80 ... 0xff] = TEXT,
};
