/* verdict: what a small server says to what a client has sent so far. */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>
#include <stddef.h>

enum {
    LINE_MOST = 1000, /* bytes of the request line, without its CR LF */
    HEAD_MOST = 8000, /* bytes of the head, with all CR LF and the empty line */
    FIELDS_MOST = 50,
};

struct verdict {
    int status;  /* 0: the head is not complete, and nothing was wrong so far */
    size_t used; /* how many of the bytes are done with */
    bool close;  /* nothing behind this can be understood: answer, then end the connection */
};

/* README.md has the contract. `bytes` begins with the request's first byte; no NUL behind them. */
struct verdict judge_head(const char *bytes, size_t length);

#endif
