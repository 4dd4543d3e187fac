/* ./lab run S1-buffer */
/* Three loads of a server on your buffer: what each byte costs in moves, and in memory. */
#include "bounded_buffer.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

enum { LIMIT = 64 << 10 };

/* malloc and free, with a count. */
struct plain_allocator {
    struct allocator allocator;
    size_t bytes;
    size_t most;
};

static void *allocate(struct allocator *allocator, size_t size)
{
    struct plain_allocator *plain = (struct plain_allocator *)allocator;
    void *block = malloc(size);

    plain->bytes += malloc_usable_size(block);
    plain->most = plain->bytes > plain->most ? plain->bytes : plain->most;
    return block;
}

static void release(struct allocator *allocator, void *block)
{
    ((struct plain_allocator *)allocator)->bytes -= malloc_usable_size(block);
    free(block);
}

/* Appends `arrives` and consumes `leaves` bytes, `turns` times; a move shows in the address. */
static void run(const char *load, size_t first, size_t arrives, size_t leaves, int turns)
{
    static const char bytes[LIMIT];
    struct plain_allocator memory = {.allocator = {.allocate = allocate, .release = release}};
    struct bounded_buffer *buffer;
    size_t appended = first;
    size_t moved = 0;
    int refused = 0;

    if (bounded_buffer_create(&memory.allocator, LIMIT, &buffer) < 0) {
        exit(EXIT_FAILURE);
    }
    refused += bounded_buffer_append(buffer, bytes, first) < 0;
    for (int i = 0; i < turns; i++) {
        size_t length = bounded_buffer_length(buffer);
        const char *before = bounded_buffer_data(buffer);
        int result = bounded_buffer_append(buffer, bytes, arrives);
        moved += length > 0 && bounded_buffer_data(buffer) != before ? length : 0;
        appended += result == 0 ? arrives : 0;
        refused += result < 0;
        length = bounded_buffer_length(buffer);
        bounded_buffer_consume(buffer, length < leaves ? length : leaves);
    }
    printf("%-26s %9zu %9zu %9.2f %8zu %8d %8zu\n", load, appended, moved,
           (double)moved / (double)(appended > 0 ? appended : 1), memory.most, refused,
           memory.bytes);
    bounded_buffer_destroy(buffer);
}

int main(void)
{
    printf("%-26s %9s %9s %9s %8s %8s %8s\n", "load", "appended", "moved", "per byte", "most mem",
           "refused", "mem now");
    run("short requests", 0, 100, 100, 10000);
    run("half a request stays", 60, 100, 100, 10000);
    run("a slow reader, 60000 wait", 60000, 100, 100, 10000);
    run("a reader that has stopped", 0, 100, 0, 1000);
    run("a large answer, then idle", 60000, 100, 700, 110);
    return EXIT_SUCCESS;
}
