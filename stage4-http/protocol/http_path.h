/*
 * http_path: from the path of a target to the path that handlers see.
 *
 * Decoded once, never twice: "%2541" is "%41". What could mean another place than it seems to is
 * refused: an encoded slash or NUL, a backslash, a control character, a "." or ".." segment,
 * encoded or not.
 */
#ifndef HTTP_PATH_H
#define HTTP_PATH_H

#include "buffer.h"
#include "http_request.h"

/*
 * Writes the decoded path and a NUL behind it into `ret` (emptied first). An empty path, as
 * absolute-form may have, becomes "/". Returns 0 or the status to answer: 400, or 500 (no memory).
 */
int http_path_decode(struct http_span path, struct buffer *ret);

#endif
