#include "buffer.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALLEST_CAPACITY = 256 };

void buffer_release(struct buffer *buffer)
{
    free(buffer->memory);
    *buffer = (struct buffer){0};
}

static int grow(struct buffer *buffer, size_t wanted)
{
    size_t capacity = buffer->capacity + buffer->capacity / 2;

    if (capacity < SMALLEST_CAPACITY) {
        capacity = SMALLEST_CAPACITY;
    }
    if (capacity < wanted) {
        capacity = wanted;
    }
    /* The result goes to a variable of its own: `p = realloc(p, n)` leaks p when it fails. */
    char *memory = realloc(buffer->memory, capacity);
    if (memory == NULL) {
        return -ENOMEM;
    }
    buffer->memory = memory;
    buffer->capacity = capacity;
    return 0;
}

char *buffer_reserve(struct buffer *buffer, size_t room)
{
    if (room > SIZE_MAX / 4 - buffer->length) {
        return NULL;
    }
    if (buffer->memory == NULL || buffer->capacity - buffer->start - buffer->length < room) {
        /*
         * The consumed space in front is used up first; that alone is often enough. But only if it
         * is larger than what has to move: or each small append would move a long buffer.
         */
        if (buffer->start > 0 && buffer->start >= buffer->length) {
            memmove(buffer->memory, buffer_data(buffer), buffer->length);
            buffer->start = 0;
        }
        size_t taken = buffer->start + buffer->length;
        bool short_of_room = buffer->memory == NULL || buffer->capacity - taken < room;
        if (short_of_room && grow(buffer, taken + room) < 0) {
            return NULL;
        }
    }
    return buffer_data(buffer) + buffer->length;
}

void buffer_commit(struct buffer *buffer, size_t length)
{
    assert(length <= buffer->capacity - buffer->start - buffer->length);
    buffer->length += length;
}

int buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
    if (length == 0) {
        return 0;
    }
    char *room = buffer_reserve(buffer, length);
    if (room == NULL) {
        return -ENOMEM;
    }
    memcpy(room, bytes, length);
    buffer->length += length;
    return 0;
}

int buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_list again;

    va_start(arguments, format);
    va_copy(again, arguments);
    int wanted = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(wanted >= 0);
    /* One byte more for the NUL that vsnprintf insists on; it is not part of the data. */
    char *room = buffer_reserve(buffer, (size_t)wanted + 1);
    if (room != NULL) {
        vsnprintf(room, (size_t)wanted + 1, format, again);
        buffer->length += (size_t)wanted;
    }
    va_end(again);
    return room != NULL ? 0 : -ENOMEM;
}

void buffer_consume(struct buffer *buffer, size_t length)
{
    assert(length <= buffer->length);
    buffer->start += length;
    buffer->length -= length;
    if (buffer->length == 0) {
        buffer->start = 0;
    }
}

void buffer_clear(struct buffer *buffer, size_t keep)
{
    if (buffer->capacity > keep) {
        buffer_release(buffer);
    } else {
        buffer_consume(buffer, buffer->length);
    }
}
