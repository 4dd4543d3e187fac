/*
 * chunk_model: a chunked body, read from the whole of it by recursive descent along the grammar of
 * RFC 9112, 7.1. http_body, a state machine, has to come to the same verdict at the same byte.
 */
#ifndef CHUNK_MODEL_H
#define CHUNK_MODEL_H

#include <stddef.h>
#include <stdint.h>

enum { CHUNK_MODEL_COMPLETE = 0, CHUNK_MODEL_PARTIAL = -1 };

struct chunk_verdict {
    int status;  /* one of the above, or the status of the answer: 400 or 413 */
    size_t used; /* bytes, up to the end of the body or the byte that is wrong, that one included */
    size_t content; /* bytes of content among them */
};

/*
 * `ret_content` has room for `length` bytes; `limit` is that of the content. How much framing
 * http_body allows is not the grammar's matter: the caller keeps to bodies that are shorter.
 */
struct chunk_verdict chunk_model_read(const char *bytes, size_t length, uint64_t limit,
                                      char *ret_content);

#endif
