/* caught-by: a_small_buffer_owns_little */
/*
 * Asks for a kilobyte at first, since that is not much: with 10,000 clients that say little it
 * is.
 */
#include "bounded_buffer.h"

#include <errno.h>
#include <string.h>

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

static void give_memory_back(struct bounded_buffer *buffer)
{
    buffer->allocator->release(buffer->allocator, buffer->memory);
    buffer->memory = NULL;
    buffer->capacity = 0;
}

void bounded_buffer_destroy(struct bounded_buffer *buffer)
{
    if (buffer != NULL) {
        give_memory_back(buffer);
        buffer->allocator->release(buffer->allocator, buffer);
    }
}

/* Moves the stored bytes to the start of a block, which may be the one they are in. */
static void move_to(struct bounded_buffer *buffer, char *memory)
{
    if (buffer->length > 0) {
        memmove(memory, buffer->memory + buffer->start, buffer->length);
    }
    buffer->start = 0;
}

static int grow(struct bounded_buffer *buffer, size_t capacity)
{
    char *memory = buffer->allocator->allocate(buffer->allocator, capacity);

    if (memory == NULL) {
        return -ENOMEM;
    }
    move_to(buffer, memory);
    give_memory_back(buffer);
    buffer->memory = memory;
    buffer->capacity = capacity;
    return 0;
}

/* Makes room behind the stored bytes for so many that there will be `wanted` in all. */
static int make_room(struct bounded_buffer *buffer, size_t wanted)
{
    if (wanted <= buffer->capacity - buffer->start) {
        return 0;
    }
    if (wanted > buffer->capacity / 2) {
        size_t capacity = 2 * wanted < 1024 ? 1024 : 2 * wanted;
        if (grow(buffer, capacity) == 0) {
            return 0;
        }
        /* Memory is short. A move that is dear is better than to fail. */
        if (wanted > buffer->capacity) {
            return -ENOMEM;
        }
    }
    move_to(buffer, buffer->memory);
    return 0;
}

int bounded_buffer_append(struct bounded_buffer *buffer, const void *bytes, size_t length)
{
    /* Not `buffer->length + length > limit`: the sum of a huge length wraps around. */
    if (length > buffer->limit - buffer->length) {
        return -ENOBUFS;
    }
    if (length == 0) {
        return 0;
    }
    if (make_room(buffer, buffer->length + length) < 0) {
        return -ENOMEM;
    }
    memcpy(buffer->memory + buffer->start + buffer->length, bytes, length);
    buffer->length += length;
    return 0;
}

const char *bounded_buffer_data(const struct bounded_buffer *buffer)
{
    /* NULL + 0 is undefined in C, hence the test. */
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
        if (buffer->capacity > BOUNDED_BUFFER_KEPT) {
            give_memory_back(buffer);
        }
    }
}
