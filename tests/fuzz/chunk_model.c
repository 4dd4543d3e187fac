#include "chunk_model.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A reader of the bytes. Each rule of the grammar is a function that returns whether to go on. */
struct reader {
    const char *next;
    const char *end;
    uint64_t limit;
    uint64_t size; /* of the chunk in progress */
    size_t content;
    char *ret_content;
    int status;
};

static bool at_end(struct reader *reader)
{
    if (reader->next == reader->end) {
        reader->status = CHUNK_MODEL_PARTIAL;
        return true;
    }
    return false;
}

/* The byte that is wrong is used, too. */
static bool refuse(struct reader *reader, int status)
{
    reader->next++;
    reader->status = status;
    return false;
}

static bool is_token(char c)
{
    return isalnum((unsigned char)c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_text(char c)
{
    return c == '\t' || ((unsigned char)c >= 0x20 && c != 0x7f);
}

static bool next_is(struct reader *reader, char c)
{
    return reader->next < reader->end && *reader->next == c;
}

static bool read_byte(struct reader *reader, char expected)
{
    if (at_end(reader)) {
        return false;
    }
    if (*reader->next != expected) {
        return refuse(reader, 400);
    }
    reader->next++;
    return true;
}

static bool read_line_end(struct reader *reader)
{
    return read_byte(reader, '\r') && read_byte(reader, '\n');
}

/* One byte of the class at least, then all that follow. */
static bool read_some(struct reader *reader, bool (*is)(char c))
{
    if (at_end(reader)) {
        return false;
    }
    if (!is(*reader->next)) {
        return refuse(reader, 400);
    }
    while (reader->next < reader->end && is(*reader->next)) {
        reader->next++;
    }
    return true;
}

static bool read_quoted(struct reader *reader)
{
    reader->next++;
    while (!next_is(reader, '"')) {
        if (next_is(reader, '\\')) {
            reader->next++;
        }
        if (at_end(reader)) {
            return false;
        }
        if (!is_text(*reader->next)) {
            return refuse(reader, 400);
        }
        reader->next++;
    }
    reader->next++;
    return true;
}

static bool read_extensions(struct reader *reader)
{
    while (next_is(reader, ';')) {
        reader->next++;
        if (!read_some(reader, is_token)) {
            return false;
        }
        if (!next_is(reader, '=')) {
            continue;
        }
        reader->next++;
        if (!(next_is(reader, '"') ? read_quoted(reader) : read_some(reader, is_token))) {
            return false;
        }
    }
    return true;
}

/* The digits as a number, one digit more each time: the limit counts as soon as it is passed. */
static bool read_size(struct reader *reader)
{
    reader->size = 0;
    if (at_end(reader)) {
        return false;
    }
    if (!isxdigit((unsigned char)*reader->next)) {
        return refuse(reader, 400);
    }
    while (reader->next < reader->end && isxdigit((unsigned char)*reader->next)) {
        const char digit[] = {*reader->next, '\0'};
        reader->size = (reader->size << 4) + strtoul(digit, NULL, 16);
        if (reader->size > reader->limit) {
            return refuse(reader, 413);
        }
        reader->next++;
    }
    return true;
}

static bool read_content(struct reader *reader)
{
    size_t left = (size_t)(reader->end - reader->next);
    size_t n = left < reader->size ? left : (size_t)reader->size;

    if (n > 0 && reader->content + n > reader->limit) {
        reader->status = 413;
        return false;
    }
    memcpy(reader->ret_content + reader->content, reader->next, n);
    reader->content += n;
    reader->next += n;
    reader->status = CHUNK_MODEL_PARTIAL;
    return n == reader->size && read_line_end(reader);
}

static bool read_trailer(struct reader *reader)
{
    if (!read_some(reader, is_token) || !read_byte(reader, ':')) {
        return false;
    }
    while (reader->next < reader->end && is_text(*reader->next)) {
        reader->next++;
    }
    return read_line_end(reader);
}

static bool read_trailers(struct reader *reader)
{
    while (!next_is(reader, '\r')) {
        if (!read_trailer(reader)) {
            return false;
        }
    }
    return read_line_end(reader);
}

static bool read_body(struct reader *reader)
{
    do {
        if (!read_size(reader) || !read_extensions(reader) || !read_line_end(reader)) {
            return false;
        }
        if (reader->size > 0 && !read_content(reader)) {
            return false;
        }
    } while (reader->size > 0);
    return read_trailers(reader);
}

struct chunk_verdict chunk_model_read(const char *bytes, size_t length, uint64_t limit,
                                      char *ret_content)
{
    struct reader reader = {
        .next = bytes, .end = bytes + length, .limit = limit, .ret_content = ret_content};
    bool complete = read_body(&reader);

    return (struct chunk_verdict){
        .status = complete ? CHUNK_MODEL_COMPLETE : reader.status,
        .used = (size_t)(reader.next - bytes),
        .content = reader.content,
    };
}
