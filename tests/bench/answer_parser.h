/*
 * answer_parser: where does an HTTP/1.1 answer end, and what is its status?
 *
 * A client's counterpart of stage 4's parser, as lean as a load generator needs it: the status
 * line, Content-Length, and whether the connection ends after this answer (RFC 9112, 9.6). A body
 * is counted and never kept. Zero-initialise for each connection.
 */
#ifndef ANSWER_PARSER_H
#define ANSWER_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A longer head is taken for garbage: nobody sends one, and it would have to be kept. */
enum { ANSWER_HEAD_MOST = 16 * 1024 };

struct answer_parser {
    int status;
    bool closes; /* the connection ends after this answer */
    bool in_body;
    uint64_t body_left;
};

/*
 * Goes on to the end of one answer, or as far as there are bytes. *ret_used is how many of them it
 * used; the beginning of a head is not used before the head is complete, and has to be given again.
 * Returns 1: an answer is complete; 0: more bytes are needed; or -EPROTO: not an answer;
 * -EMSGSIZE: the head is too long; -ENOTSUP: a transfer coding (chunked); -ENODATA: the end of the
 * body cannot be told, as there is no Content-Length.
 */
int answer_parser_feed(struct answer_parser *parser, const char *bytes, size_t length,
                       size_t *ret_used);

#endif
