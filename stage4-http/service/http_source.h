/*
 * http_source: what a body's source calls. The source itself is in http_response.h.
 *
 * Thread: the connection's loop. A source whose bytes come from elsewhere (another thread, a timer)
 * returns HTTP_SOURCE_WAITS and is told by http_source_ready; between the two it costs nothing.
 */
#ifndef HTTP_SOURCE_H
#define HTTP_SOURCE_H

#include "http_response.h"

#include <stddef.h>

/*
 * From inside produce: sends bytes of the body, as a chunk if its length is unknown (RFC 9112,
 * 7.1). Copies. Returns 0 or -errno, which produce returns in turn.
 */
int http_source_send(struct http_source *source, const void *bytes, size_t length);

/*
 * There is something to produce, or may be: produce is called again soon, and not from inside this.
 * Allowed at any time between the source's start and its release.
 */
void http_source_ready(struct http_source *source);

#endif
