/* fails-at: a_channel_is_found_by_its_descriptor */
/*
 * S1-channel-map: from a descriptor to its channel, in a table that grows without a copy.
 *
 * exercises/S1-channel-map/README.md has the whole contract; descriptor_map.h the declarations.
 */
#include "descriptor_map.h"

#include <errno.h>
#include <string.h>

/* One for each descriptor of a page. */
struct slot {
    struct channel *channel; /* NULL: none */
    uint32_t generation;
};

struct descriptor_map {
    struct allocator *allocator;
    /* TODO: where are the slots? A million of them at once would be 16 MiB. */
};

int descriptor_map_create(struct allocator *allocator, struct descriptor_map **ret_map)
{
    struct descriptor_map *map = allocator->allocate(allocator, sizeof *map);

    if (map == NULL) {
        return -ENOMEM;
    }
    /* What the allocator gives is full of garbage. */
    memset(map, 0, sizeof *map);
    map->allocator = allocator;
    *ret_map = map;
    return 0;
}

void descriptor_map_destroy(struct descriptor_map *map)
{
    if (map == NULL) {
        return;
    }
    map->allocator->release(map->allocator, map);
}

int descriptor_map_insert(struct descriptor_map *map, struct channel *channel)
{
    /* TODO */
    (void)map;
    (void)channel;
    return -ENOMEM;
}

int descriptor_map_erase(struct descriptor_map *map, int fd)
{
    /* TODO */
    (void)map;
    (void)fd;
    return -ENOENT;
}

struct channel *descriptor_map_find(const struct descriptor_map *map, int fd)
{
    /* TODO */
    (void)map;
    (void)fd;
    return NULL;
}

uint32_t descriptor_map_generation(const struct descriptor_map *map, int fd)
{
    /* TODO */
    (void)map;
    (void)fd;
    return 0;
}
