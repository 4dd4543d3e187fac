/*
 * bounded_buffer: bytes that are appended at the end and consumed from the front, up to a limit.
 *
 * What S1-buffer asks for; README.md has the contract. Used by one thread.
 */
#ifndef BOUNDED_BUFFER_H
#define BOUNDED_BUFFER_H

#include "allocator.h"

#include <stddef.h>

enum {
    BOUNDED_BUFFER_SMALL = 256, /* so much memory it may always own */
    BOUNDED_BUFFER_KEPT = 4096, /* and so much when it is empty */
};

struct bounded_buffer;

/* Borrows the allocator. `limit` is in bytes, at least 1. Returns 0 or -ENOMEM. */
int bounded_buffer_create(struct allocator *allocator, size_t limit,
                          struct bounded_buffer **ret_buffer);

/* Gives all memory back. NULL is allowed. */
void bounded_buffer_destroy(struct bounded_buffer *buffer);

/* Copies all of the bytes, or none. Returns 0, -ENOBUFS (the limit) or -ENOMEM. */
int bounded_buffer_append(struct bounded_buffer *buffer, const void *bytes, size_t length);

/* The stored bytes, one behind the other; good until the next append or consume. */
const char *bounded_buffer_data(const struct bounded_buffer *buffer);
size_t bounded_buffer_length(const struct bounded_buffer *buffer);

/* Drops `length` bytes, at most all, from the front. */
void bounded_buffer_consume(struct bounded_buffer *buffer, size_t length);

#endif
