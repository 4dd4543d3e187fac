/*
 * file_source: the bytes of a file, or some ranges of them, on their way out (http_source).
 *
 * By sendfile(2), a bounded piece a turn. A file that turns out shorter than was promised ends the
 * connection. Lives on the connection's loop.
 */
#ifndef FILE_SOURCE_H
#define FILE_SOURCE_H

#include "http_ranges.h"
#include "open_file.h"

/*
 * Makes ranges of the file this response's body: one as it is, several as multipart/byteranges (RFC
 * 9110, 14.6), whose parts say the file's type and size. Keeps a reference to the file. Returns 0
 * or -errno (-ENOMEM; -EAGAIN: no random boundary to be had yet).
 */
int file_source_answer(struct http_response *response, struct open_file *file,
                       const struct http_ranges *ranges);

/* "bytes 0-99/1000", as in Content-Range (RFC 9110, 14.4). */
enum { CONTENT_RANGE_TEXT = 72 };
void file_source_content_range(struct http_byte_range range, uint64_t size,
                               char ret_text[static CONTENT_RANGE_TEXT]);

#endif
