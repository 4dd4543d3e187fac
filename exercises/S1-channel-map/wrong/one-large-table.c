/* caught-by: an_empty_map_costs_little */
/* Room for every descriptor from the start: nothing ever has to grow, and 16 MiB are gone. */
#include "descriptor_map.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

struct slot {
    struct channel *channel; /* NULL: none */
    uint32_t generation;
};

struct descriptor_map {
    struct allocator *allocator;
    struct slot *slots;
};

int descriptor_map_create(struct allocator *allocator, struct descriptor_map **ret_map)
{
    struct descriptor_map *map = allocator->allocate(allocator, sizeof *map);

    if (map == NULL) {
        return -ENOMEM;
    }
    size_t bytes = DESCRIPTOR_MAP_LIMIT * sizeof(struct slot);
    map->slots = allocator->allocate(allocator, bytes);
    if (map->slots == NULL) {
        allocator->release(allocator, map);
        return -ENOMEM;
    }
    memset(map->slots, 0, bytes);
    map->allocator = allocator;
    *ret_map = map;
    return 0;
}

void descriptor_map_destroy(struct descriptor_map *map)
{
    if (map == NULL) {
        return;
    }
    map->allocator->release(map->allocator, map->slots);
    map->allocator->release(map->allocator, map);
}

static bool is_possible(int fd)
{
    return fd >= 0 && fd < DESCRIPTOR_MAP_LIMIT;
}

static struct slot *slot_of(const struct descriptor_map *map, int fd)
{
    return is_possible(fd) ? &map->slots[fd] : NULL;
}

int descriptor_map_insert(struct descriptor_map *map, struct channel *channel)
{
    if (!is_possible(channel->fd)) {
        return -EBADF;
    }
    struct slot *slot = slot_of(map, channel->fd);
    if (slot->channel != NULL) {
        return -EEXIST;
    }
    slot->channel = channel;
    return 0;
}

int descriptor_map_erase(struct descriptor_map *map, int fd)
{
    struct slot *slot = slot_of(map, fd);

    if (slot == NULL || slot->channel == NULL) {
        return -ENOENT;
    }
    slot->channel = NULL;
    slot->generation++;
    return 0;
}

struct channel *descriptor_map_find(const struct descriptor_map *map, int fd)
{
    struct slot *slot = slot_of(map, fd);

    return slot != NULL ? slot->channel : NULL;
}

uint32_t descriptor_map_generation(const struct descriptor_map *map, int fd)
{
    struct slot *slot = slot_of(map, fd);

    return slot != NULL ? slot->generation : 0;
}
