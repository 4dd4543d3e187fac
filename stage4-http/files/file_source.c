#include "file_source.h"

#include "container_of.h"
#include "http_source.h"
#include "tcp_connection.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/sendfile.h>

enum {
    PIECE = 256 * 1024, /* one sendfile takes at most this: nobody hogs a loop */
    BOUNDARY_BYTES = 16,
    PART_HEAD = 256,
};

#define MULTIPART "multipart/byteranges; boundary="

struct file_source {
    struct http_source source;
    struct open_file *file;
    struct http_ranges ranges; /* what is left of each */
    size_t current;
    bool announced; /* the head of the current part is out */
    /* The Content-Type of a multipart body ends with its boundary. */
    char multipart[sizeof MULTIPART + 2 * BOUNDARY_BYTES];
};

void file_source_content_range(struct http_byte_range range, uint64_t size,
                               char ret_text[static CONTENT_RANGE_TEXT])
{
    snprintf(ret_text, CONTENT_RANGE_TEXT, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, range.offset,
             range.offset + range.length - 1, size);
}

/* What stands in front of a part, or behind the last one. Returns its length. */
static size_t part_head(const struct file_source *source, size_t part,
                        char ret_text[static PART_HEAD])
{
    const char *boundary = source->multipart + sizeof MULTIPART - 1;
    char range[CONTENT_RANGE_TEXT];
    int length;

    if (part == source->ranges.count) {
        length = snprintf(ret_text, PART_HEAD, "\r\n--%s--\r\n", boundary);
    } else {
        file_source_content_range(source->ranges.items[part], (uint64_t)source->file->info.st_size,
                                  range);
        length = snprintf(ret_text, PART_HEAD,
                          "\r\n--%s\r\nContent-Type: %s\r\nContent-Range: %s\r\n\r\n", boundary,
                          source->file->type, range);
    }
    assert(length < PART_HEAD);
    return (size_t)length;
}

/*
 * What is sent is appended to the connection's output, which sendfile would overtake: the next turn
 * comes when it is out.
 */
static int announce(struct file_source *source)
{
    char text[PART_HEAD];
    size_t length = part_head(source, source->current, text);
    int result = http_source_send(&source->source, text, length);

    if (result < 0) {
        return result;
    }
    source->announced = true;
    return source->current < source->ranges.count ? HTTP_SOURCE_MORE : HTTP_SOURCE_DONE;
}

static int send_piece(struct file_source *source, struct tcp_connection *connection)
{
    struct http_byte_range *range = &source->ranges.items[source->current];
    size_t piece = range->length < PIECE ? (size_t)range->length : PIECE;
    off_t offset = (off_t)range->offset;
    ssize_t n = sendfile(tcp_connection_fd(connection), source->file->fd, &offset, piece);

    if (n < 0) {
        return errno == EAGAIN || errno == EINTR ? HTTP_SOURCE_MORE : -errno;
    }
    if (n == 0) {
        return -EIO; /* the file has become shorter than the length we promised */
    }
    tcp_connection_count_sent(connection, (size_t)n);
    source->source.sent += (uint64_t)n;
    range->offset += (uint64_t)n;
    range->length -= (uint64_t)n;
    if (range->length == 0) {
        source->current++;
        source->announced = false;
    }
    bool more = source->current < source->ranges.count || source->multipart[0] != '\0';
    return more ? HTTP_SOURCE_MORE : HTTP_SOURCE_DONE;
}

static int produce(struct http_source *base, struct tcp_connection *connection)
{
    struct file_source *source = container_of(base, struct file_source, source);

    if (source->multipart[0] != '\0' && !source->announced) {
        return announce(source);
    }
    return send_piece(source, connection);
}

static void release(struct http_source *base)
{
    struct file_source *source = container_of(base, struct file_source, source);

    open_file_unref(source->file);
    free(source);
}

/*
 * A boundary must not occur in the file. Nobody can guess 128 random bits, and so nobody can put
 * them into a file either.
 */
static int choose_boundary(struct file_source *source)
{
    unsigned char bytes[BOUNDARY_BYTES];
    char *text = source->multipart;

    if (getrandom(bytes, sizeof bytes, GRND_NONBLOCK) < 0) {
        return -errno;
    }
    memcpy(text, MULTIPART, sizeof MULTIPART);
    text += sizeof MULTIPART - 1;
    for (size_t i = 0; i < sizeof bytes; i++, text += 2) {
        snprintf(text, 3, "%02x", bytes[i]);
    }
    return 0;
}

static uint64_t multipart_length(const struct file_source *source)
{
    char text[PART_HEAD];
    uint64_t length = 0;

    for (size_t i = 0; i < source->ranges.count; i++) {
        length += part_head(source, i, text) + source->ranges.items[i].length;
    }
    return length + part_head(source, source->ranges.count, text);
}

int file_source_answer(struct http_response *response, struct open_file *file,
                       const struct http_ranges *ranges)
{
    struct file_source *source = malloc(sizeof *source);

    if (source == NULL) {
        return -ENOMEM;
    }
    *source = (struct file_source){
        .source = {.produce = produce, .release = release, .ready = true},
        .file = open_file_ref(file),
        .ranges = *ranges,
    };
    if (ranges->count == 1) {
        http_response_stream(response, file->type, &source->source, ranges->items[0].length);
        return 0;
    }
    int result = choose_boundary(source);
    if (result < 0) {
        release(&source->source);
        return result;
    }
    /* The type lives in the source, and so as long as the body. */
    http_response_stream(response, source->multipart, &source->source, multipart_length(source));
    return 0;
}
