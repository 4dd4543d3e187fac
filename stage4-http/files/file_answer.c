#include "file_answer.h"

#include "file_source.h"
#include "http_ranges.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { SMALL_FILE = 16 * 1024 }; /* up to here a copy is cheaper than a second system call */

/* A file that is shorter now than it was a moment ago has not the bytes that its tag stands for. */
static void answer_copied(struct http_response *response, const struct open_file *file,
                          const struct http_byte_range *range)
{
    char bytes[SMALL_FILE];
    size_t length = 0;
    ssize_t n = 1;

    while (length < range->length && n > 0) {
        n = pread(file->fd, bytes + length, (size_t)range->length - length,
                  (off_t)(range->offset + length));
        length += n > 0 ? (size_t)n : 0;
    }
    if (length < range->length) {
        http_response_error(response, 500);
    } else {
        http_response_copy(response, file->type, bytes, length);
    }
}

static void answer_bytes(struct http_response *response, struct open_file *file,
                         const struct http_ranges *ranges)
{
    if (ranges->count == 1 && ranges->items[0].length <= SMALL_FILE) {
        answer_copied(response, file, &ranges->items[0]);
    } else if (file_source_answer(response, file, ranges) < 0) {
        http_response_error(response, 503);
    }
}

static enum http_ranges_result select_ranges(const struct http_request *request,
                                             const struct open_file *file, struct http_ranges *ret)
{
    struct http_span value;

    /* RFC 9110, 14.2: Range is defined for GET only; there is at most one. */
    if (request->method != HTTP_GET || !http_request_single_field(request, "Range", &value) ||
        !http_conditions_range_applies(request, &file->validators)) {
        return HTTP_RANGES_WHOLE;
    }
    return http_ranges_parse(value, (uint64_t)file->info.st_size, ret);
}

static void answer_content(const struct http_request *request, struct http_response *response,
                           struct open_file *file)
{
    uint64_t size = (uint64_t)file->info.st_size;
    char text[CONTENT_RANGE_TEXT];
    struct http_ranges ranges;

    switch (select_ranges(request, file, &ranges)) {
    case HTTP_RANGES_WHOLE:
        ranges = (struct http_ranges){.items = {{0, size}}, .count = 1};
        answer_bytes(response, file, &ranges);
        break;
    case HTTP_RANGES_UNSATISFIABLE:
        http_response_error(response, 416);
        snprintf(text, sizeof text, "bytes */%" PRIu64, size);
        http_response_add_field(response, "Content-Range", text);
        break;
    case HTTP_RANGES_PARTIAL:
        response->status = 206;
        answer_bytes(response, file, &ranges);
        if (response->status == 206 && ranges.count == 1) { /* else each part says it */
            file_source_content_range(ranges.items[0], size, text);
            http_response_add_field(response, "Content-Range", text);
        }
        break;
    }
}

void file_answer(const struct http_request *request, struct http_response *response,
                 struct open_file *file)
{
    bool served = S_ISREG(file->info.st_mode);
    int status = served ? http_conditions_check(request, &file->validators) : 404;

    if (status == 0) {
        answer_content(request, response, file);
    } else if (status == 304) {
        response->status = 304;
    } else {
        http_response_error(response, status);
    }
    /* RFC 9110, 15.4.5: a 304 has the validators that the 200 would have. */
    if (response->status < 400) {
        http_response_add_lines(response, file->lines, file->lines_length);
    }
}
