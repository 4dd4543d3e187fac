/* framing: where the body of a message ends, as its fields tell it (RFC 9112, section 6). */
#ifndef FRAMING_H
#define FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Some bytes of the head; no NUL behind them. */
struct text {
    const char *data;
    size_t length;
};

/* A line "name:value" without its CR LF: all that is before the first colon, all that is behind. */
struct field_line {
    struct text name;
    struct text value;
};

struct message {
    int status;        /* 0: a request; else a response with this status */
    bool answers_head; /* a response to a HEAD request */
    int minor_version; /* HTTP/1.x: x */
    const struct field_line *fields;
    size_t field_count;
};

enum framing_kind {
    FRAMING_REFUSED,     /* two readers could disagree: close the connection */
    FRAMING_NONE,        /* no body */
    FRAMING_LENGTH,      /* as many bytes as `length` says */
    FRAMING_CHUNKED,     /* chunks, up to the one of size 0 */
    FRAMING_UNTIL_CLOSE, /* all that comes until the connection is closed */
};

struct framing {
    enum framing_kind kind;
    uint64_t length; /* of FRAMING_LENGTH; otherwise nobody reads it */
};

/* README.md has the contract. */
struct framing framing_of(const struct message *message);

#endif
