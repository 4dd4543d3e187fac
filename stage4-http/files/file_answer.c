#include "file_answer.h"

#include "file_source.h"
#include "http_conditions.h"
#include "http_date.h"
#include "http_ranges.h"
#include "mime.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum {
    SMALL_FILE = 16 * 1024, /* up to here a copy is cheaper than a second system call */
    TAG_TEXT = 64,
};

/* The representation that the request has selected. */
struct open_file {
    int fd;
    const char *type;
    uint64_t size;
    char tag[TAG_TEXT];
    struct http_validators validators;
};

/*
 * A strong tag (RFC 9110, 8.8.1): another file, another length or another time of change makes
 * another tag. As exact as the clock of the file system, which ticks every few milliseconds.
 */
static void write_tag(const struct stat *info, char ret_tag[static TAG_TEXT])
{
    uint64_t nanoseconds =
        (uint64_t)info->st_mtim.tv_sec * 1000000000 + (uint64_t)info->st_mtim.tv_nsec;

    snprintf(ret_tag, TAG_TEXT, "\"%jx-%jx-%" PRIx64 "\"", (uintmax_t)info->st_ino,
             (uintmax_t)info->st_size, nanoseconds);
}

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

static void answer_bytes(struct http_response *response, const struct open_file *file,
                         const struct http_ranges *ranges)
{
    if (ranges->count == 1 && ranges->items[0].length <= SMALL_FILE) {
        answer_copied(response, file, &ranges->items[0]);
    } else if (file_source_answer(response, file->fd, file->type, file->size, ranges) < 0) {
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
    return http_ranges_parse(value, file->size, ret);
}

static void answer_content(const struct http_request *request, struct http_response *response,
                           const struct open_file *file)
{
    char text[CONTENT_RANGE_TEXT];
    struct http_ranges ranges;

    switch (select_ranges(request, file, &ranges)) {
    case HTTP_RANGES_WHOLE:
        ranges = (struct http_ranges){.items = {{0, file->size}}, .count = 1};
        answer_bytes(response, file, &ranges);
        break;
    case HTTP_RANGES_UNSATISFIABLE:
        http_response_error(response, 416);
        snprintf(text, sizeof text, "bytes */%" PRIu64, file->size);
        http_response_add_field(response, "Content-Range", text);
        break;
    case HTTP_RANGES_PARTIAL:
        response->status = 206;
        answer_bytes(response, file, &ranges);
        if (response->status == 206 && ranges.count == 1) { /* else each part says it */
            file_source_content_range(ranges.items[0], file->size, text);
            http_response_add_field(response, "Content-Range", text);
        }
        break;
    }
}

/* RFC 9110, 15.4.5: a 304 has the validators that the 200 would have. */
static void add_validators(struct http_response *response, const struct http_validators *validators)
{
    char date[HTTP_DATE_TEXT];
    time_t now = time(NULL);

    /* A file may carry a time to come, but an answer must not (RFC 9110, 8.8.2.1). */
    http_date_format(validators->modified < now ? validators->modified : now, date);
    http_response_add_field(response, "ETag", validators->tag);
    http_response_add_field(response, "Last-Modified", date);
}

void file_answer(const struct http_request *request, struct http_response *response, int fd,
                 const char *path, const struct stat *info)
{
    struct open_file file = {.fd = fd, .type = mime_type(path), .size = (uint64_t)info->st_size};
    int status = S_ISREG(info->st_mode) ? 0 : 404;

    if (status == 0) {
        write_tag(info, file.tag);
        file.validators = (struct http_validators){file.tag, info->st_mtime};
        status = http_conditions_check(request, &file.validators);
    }
    if (status == 0) {
        answer_content(request, response, &file);
    } else if (status == 304) {
        response->status = 304;
    } else {
        http_response_error(response, status);
    }
    if (response->status < 400) {
        add_validators(response, &file.validators);
        http_response_add_field(response, "Accept-Ranges", "bytes");
    }
    if (response->source == NULL) {
        close(fd); /* else the source has it */
    }
}
