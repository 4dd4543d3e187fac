/* caught-by: a_high_descriptor_costs_no_more_than_a_low_one */
/* The map of stage 1: one array, doubled and copied when it is full. */
#include "descriptor_map.h"

#include <errno.h>
#include <string.h>

enum { SMALLEST_CAPACITY = 64 };

struct slot {
    struct channel *channel;
    uint32_t generation;
};

struct descriptor_map {
    struct allocator *allocator;
    struct slot *slots;
    size_t capacity;
};

int descriptor_map_create(struct allocator *allocator, struct descriptor_map **ret_map)
{
    struct descriptor_map *map = allocator->allocate(allocator, sizeof *map);

    if (map == NULL) {
        return -ENOMEM;
    }
    *map = (struct descriptor_map){.allocator = allocator};
    *ret_map = map;
    return 0;
}

void descriptor_map_destroy(struct descriptor_map *map)
{
    if (map != NULL) {
        map->allocator->release(map->allocator, map->slots);
        map->allocator->release(map->allocator, map);
    }
}

static int grow(struct descriptor_map *map, size_t wanted)
{
    size_t capacity = map->capacity > 0 ? map->capacity * 2 : SMALLEST_CAPACITY;

    if (capacity < wanted) {
        capacity = wanted;
    }
    struct slot *slots = map->allocator->allocate(map->allocator, capacity * sizeof *slots);
    if (slots == NULL) {
        return -ENOMEM;
    }
    memset(slots, 0, capacity * sizeof *slots);
    if (map->slots != NULL) {
        memcpy(slots, map->slots, map->capacity * sizeof *slots);
    }
    map->allocator->release(map->allocator, map->slots);
    map->slots = slots;
    map->capacity = capacity;
    return 0;
}

int descriptor_map_insert(struct descriptor_map *map, struct channel *channel)
{
    size_t index = (size_t)channel->fd;

    if (index >= DESCRIPTOR_MAP_LIMIT) {
        return -EBADF;
    }
    if (index >= map->capacity && grow(map, index + 1) < 0) {
        return -ENOMEM;
    }
    if (map->slots[index].channel != NULL) {
        return -EEXIST;
    }
    map->slots[index].channel = channel;
    return 0;
}

int descriptor_map_erase(struct descriptor_map *map, int fd)
{
    if (descriptor_map_find(map, fd) == NULL) {
        return -ENOENT;
    }
    map->slots[fd].channel = NULL;
    map->slots[fd].generation++;
    return 0;
}

struct channel *descriptor_map_find(const struct descriptor_map *map, int fd)
{
    return (size_t)fd < map->capacity ? map->slots[fd].channel : NULL;
}

uint32_t descriptor_map_generation(const struct descriptor_map *map, int fd)
{
    return (size_t)fd < map->capacity ? map->slots[fd].generation : 0;
}
