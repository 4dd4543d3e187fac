/* caught-by: an_empty_buffer_owns_little */
/* The buffer of common/, on an allocator and with a limit: it moves little, and keeps everything. */
#include "bounded_buffer.h"

#include <errno.h>
#include <string.h>

enum { SMALLEST_CAPACITY = 256 };

struct bounded_buffer {
    struct allocator *allocator;
    size_t limit;
    char *memory;
    size_t start;
    size_t length;
    size_t capacity;
};

int bounded_buffer_create(struct allocator *allocator, size_t limit,
                          struct bounded_buffer **ret_buffer)
{
    struct bounded_buffer *buffer = allocator->allocate(allocator, sizeof *buffer);

    if (buffer == NULL) {
        return -ENOMEM;
    }
    *buffer = (struct bounded_buffer){.allocator = allocator, .limit = limit};
    *ret_buffer = buffer;
    return 0;
}

void bounded_buffer_destroy(struct bounded_buffer *buffer)
{
    if (buffer != NULL) {
        buffer->allocator->release(buffer->allocator, buffer->memory);
        buffer->allocator->release(buffer->allocator, buffer);
    }
}

static int grow(struct bounded_buffer *buffer, size_t wanted)
{
    size_t capacity = buffer->capacity + buffer->capacity / 2;

    if (capacity < SMALLEST_CAPACITY) {
        capacity = SMALLEST_CAPACITY;
    }
    if (capacity < wanted) {
        capacity = wanted;
    }
    char *memory = buffer->allocator->allocate(buffer->allocator, capacity);
    if (memory == NULL) {
        return -ENOMEM;
    }
    if (buffer->memory != NULL) {
        memcpy(memory, buffer->memory, buffer->start + buffer->length);
    }
    buffer->allocator->release(buffer->allocator, buffer->memory);
    buffer->memory = memory;
    buffer->capacity = capacity;
    return 0;
}

int bounded_buffer_append(struct bounded_buffer *buffer, const void *bytes, size_t length)
{
    if (length > buffer->limit - buffer->length) {
        return -ENOBUFS;
    }
    if (length == 0) {
        return 0;
    }
    if (buffer->memory == NULL || buffer->capacity - buffer->start - buffer->length < length) {
        if (buffer->start > 0 && buffer->start >= buffer->length) {
            memmove(buffer->memory, buffer->memory + buffer->start, buffer->length);
            buffer->start = 0;
        }
        size_t taken = buffer->start + buffer->length;
        if (buffer->capacity - taken < length && grow(buffer, taken + length) < 0) {
            return -ENOMEM;
        }
    }
    memcpy(buffer->memory + buffer->start + buffer->length, bytes, length);
    buffer->length += length;
    return 0;
}

const char *bounded_buffer_data(const struct bounded_buffer *buffer)
{
    return buffer->memory == NULL ? NULL : buffer->memory + buffer->start;
}

size_t bounded_buffer_length(const struct bounded_buffer *buffer)
{
    return buffer->length;
}

void bounded_buffer_consume(struct bounded_buffer *buffer, size_t length)
{
    buffer->start += length;
    buffer->length -= length;
    if (buffer->length == 0) {
        buffer->start = 0;
    }
}
