/*
 * framing: where a parser says that the first message of some bytes ends, and what its body is.
 *
 * Two parsers that both accept the bytes and differ in this are what request smuggling needs.
 */
#ifndef FRAMING_H
#define FRAMING_H

#include <stdbool.h>
#include <stddef.h>

struct framing {
    enum { FRAMING_COMPLETE, FRAMING_PARTIAL, FRAMING_REFUSED } verdict;
    size_t end; /* when complete: bytes of the message */
    char *body; /* when complete: its content, without framing */
    size_t body_length;
};

bool framing_same(const struct framing *a, const struct framing *b);
void framing_release(struct framing *framing);

/* As text: "refused", "partial", "31 bytes, body of 5: hello". Good for the next three calls. */
const char *framing_text(const struct framing *framing);

/* By http_parser and http_body, with the server's limits. */
struct framing framing_by_us(const char *bytes, size_t length);

/* By libhttp-parser, which was written for Node.js and is what many programs still read with. */
struct framing framing_by_them(const char *bytes, size_t length);

#endif
