/* fails-at: bytes_come_out_in_order */
/*
 * S1-buffer: a buffer with a limit, that neither moves nor owns more than it has to.
 *
 * exercises/S1-buffer/README.md has the whole contract; bounded_buffer.h the declarations.
 */
#include "bounded_buffer.h"

#include <errno.h>

struct bounded_buffer {
    struct allocator *allocator;
    size_t limit;
    char *memory; /* NULL: none yet */
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

int bounded_buffer_append(struct bounded_buffer *buffer, const void *bytes, size_t length)
{
    /*
     * TODO: refuse what is over the limit; make room; copy. Room is made by a move within the block,
     * or into a larger block. Which one, and when?
     */
    (void)buffer;
    (void)bytes;
    (void)length;
    return -ENOMEM;
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
    /* TODO: also, an empty buffer must not own much. */
    (void)buffer;
    (void)length;
}
