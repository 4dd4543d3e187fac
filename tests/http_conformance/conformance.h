/*
 * conformance: what a strict HTTP/1.1 server makes of any bytes, as tables.
 *
 * A row is raw bytes and what must come back: which answers, and what becomes of the connection.
 * The rows know no server and no test framework, so that any program can walk them: one that runs
 * them over a socket, or one that compares two parsers. Where RFC 9110 and 9112 leave a choice, the
 * rows take the strict side.
 *
 * The site that the rows rely on: GET /hello says "Hello, world!", POST /echo returns the body,
 * GET /stream?n=3 says three lines without knowing their length beforehand, GET /slow answers from
 * a worker, / and /status are pages, /nothing does not exist.
 */
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    CONFORMANCE_MAX_ANSWERS = 11,
    /* Added to a status: no content follows the head, whatever it says. To HEAD. */
    WITHOUT_CONTENT = 1000,
    /* Added to a status: the content ends with the connection. To HTTP/1.0. */
    UNTIL_THE_END = 2000,
};

/* Not ended by NUL, since NUL may be in them. */
struct conformance_bytes {
    const char *data;
    size_t length;
};

/* What becomes of the connection once the answers are there. */
enum conformance_end {
    STAYS_OPEN, /* another request on it is answered */
    CLOSES, /* the server ends its side and reads on; the client sees the end and never a reset */
    CLOSES_AS_ASKED, /* the client said it is done: what it sends all the same may meet a reset */
    HALF_CLOSED,     /* the client ends its side behind the bytes, then the server does */
};

struct conformance_row {
    const char *rule; /* RFC and section: "9112, 2.2" */
    const char *sentence;
    struct conformance_bytes bytes;
    size_t pause; /* the bytes from here on are sent when the first answer is there; 0: at once */
    int answers[CONFORMANCE_MAX_ANSWERS + 1]; /* statuses, ended by 0 */
    enum conformance_end end;
    bool may_continue; /* a 100 may come as well if the body comes later than its head */
    /* Of the last answer: */
    struct conformance_bytes content; /* data NULL: whatever it is */
    const char *field;                /* a field it has; NULL: none is looked for */
    const char *value;                /* and its value; NULL: whatever it is */
    const char *absent;               /* a field it does not have */
};

/* Rows that belong together, and the further options that their server is started with. */
struct conformance_group {
    const char *title;
    const char *const *options; /* ended by NULL; NULL: none */
    const struct conformance_row *rows;
    size_t count;
};

extern const struct conformance_group *const conformance_groups[];
extern const size_t conformance_group_count;

/* The rows of all groups, as if they were one table. NULL behind the last. */
const struct conformance_row *conformance_row(size_t i, const struct conformance_group **ret_group);

#endif
