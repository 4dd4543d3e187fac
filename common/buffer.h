/*
 * buffer: bytes that are appended at the end and consumed from the front.
 *
 * Embedded in its owner; used by one thread at a time. An empty buffer may own no memory at all: a
 * connection with nothing left over costs nothing. Pointers from buffer_data and buffer_reserve are
 * good until the next call that appends, reserves or releases.
 *
 *     memory:  | consumed |  data, `length` bytes  |  room  |
 *              0          start                              capacity
 */
#ifndef BUFFER_H
#define BUFFER_H

#include <stddef.h>

struct buffer {
    char *memory;
    size_t start;
    size_t length;
    size_t capacity;
};

/* A zero-initialised buffer is an empty one: there is no init. */

/* Gives the memory back; the buffer is empty afterwards and may be used again. */
void buffer_release(struct buffer *buffer);

/*
 * Makes room for at least `room` bytes behind the data and returns where they go; call
 * buffer_commit with how many were written there. Grows at least by half, so that appending n bytes
 * one by one copies O(n). Returns NULL when memory is short or the size would overflow; the buffer
 * is then unchanged.
 */
char *buffer_reserve(struct buffer *buffer, size_t room);
void buffer_commit(struct buffer *buffer, size_t length);

/* Returns 0 or -ENOMEM (nothing is appended then). */
int buffer_append(struct buffer *buffer, const void *bytes, size_t length);

/* Appends formatted text, without the final NUL. Returns 0 or -ENOMEM. */
int buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Drops `length` bytes (at most buffer->length, asserted) from the front. */
void buffer_consume(struct buffer *buffer, size_t length);

/* Drops everything. The memory is kept for the next use, unless it is more than `keep` bytes. */
void buffer_clear(struct buffer *buffer, size_t keep);

static inline char *buffer_data(const struct buffer *buffer)
{
    /* NULL + 0 is undefined in C, hence the test. */
    return buffer->memory == NULL ? NULL : buffer->memory + buffer->start;
}

#endif
