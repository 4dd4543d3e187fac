/* ./lab run S1-channel-map */
/* Shows what your map asks for, beside the stage's, as descriptors come. */
#include "channel_map.h"
#include "descriptor_map.h"

#include <stdio.h>
#include <stdlib.h>

/* malloc and free, with a count. */
struct plain_allocator {
    struct allocator allocator;
    size_t requested;
};

static void *allocate(struct allocator *allocator, size_t size)
{
    ((struct plain_allocator *)allocator)->requested += size;
    return malloc(size);
}

static void release(struct allocator *allocator, void *block)
{
    (void)allocator;
    free(block);
}

/* Inserts the descriptors from the last one to `to` and says what that took. */
static int show(struct descriptor_map *yours, struct plain_allocator *memory,
                struct channel_map *stage, struct channel *channels, int from, int to)
{
    size_t before = memory->requested;
    size_t capacity = stage->capacity;

    for (int fd = from; fd <= to; fd++) {
        channels[fd].fd = fd;
        int result = descriptor_map_insert(yours, &channels[fd]);
        if (result < 0 || channel_map_insert(stage, &channels[fd]) < 0) {
            printf("fd %d: your insert returned %d\n", fd, result);
            return EXIT_FAILURE;
        }
    }
    size_t slots = stage->capacity - capacity;
    printf("fd %6d to %6d  %12zu  %12zu\n", from, to, memory->requested - before,
           slots * sizeof(struct channel_map_slot));
    return EXIT_SUCCESS;
}

int main(void)
{
    struct plain_allocator memory = {.allocator = {.allocate = allocate, .release = release}};
    struct channel_map stage = {0};
    struct descriptor_map *yours;
    struct channel *channels = calloc(DESCRIPTOR_MAP_LIMIT, sizeof *channels);

    if (channels == NULL || descriptor_map_create(&memory.allocator, &yours) < 0) {
        fprintf(stderr, "no memory\n");
        return EXIT_FAILURE;
    }
    printf("new bytes for         %14s  %12s\n", "yours", "the stage's");
    printf("the empty map         %14zu  %12zu\n", memory.requested, (size_t)0);
    static const int ranges[][2] = {{3, 9}, {10, 1000}, {1001, 70000}, {1000000, 1000000}};
    int status = EXIT_SUCCESS;
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0] && status == EXIT_SUCCESS; i++) {
        status = show(yours, &memory, &stage, channels, ranges[i][0], ranges[i][1]);
    }
    descriptor_map_destroy(yours);
    channel_map_release(&stage);
    free(channels);
    return status;
}
