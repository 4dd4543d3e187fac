#include "channel_map.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SMALLEST_CAPACITY = 64 };

void channel_map_release(struct channel_map *map)
{
    free(map->slots);
    *map = (struct channel_map){0};
}

static int grow(struct channel_map *map, size_t wanted)
{
    size_t capacity = map->capacity > 0 ? map->capacity * 2 : SMALLEST_CAPACITY;

    if (capacity < wanted) {
        capacity = wanted;
    }
    struct channel_map_slot *slots = reallocarray(map->slots, capacity, sizeof *slots);
    if (slots == NULL) {
        return -ENOMEM;
    }
    memset(slots + map->capacity, 0, (capacity - map->capacity) * sizeof *slots);
    map->slots = slots;
    map->capacity = capacity;
    return 0;
}

int channel_map_insert(struct channel_map *map, struct channel *channel)
{
    size_t index = (size_t)channel->fd;

    if (index >= map->capacity && grow(map, index + 1) < 0) {
        return -ENOMEM;
    }
    assert(map->slots[index].channel == NULL);
    map->slots[index].channel = channel;
    return 0;
}

void channel_map_erase(struct channel_map *map, int fd)
{
    assert(channel_map_find(map, fd) != NULL);
    map->slots[fd].channel = NULL;
    map->slots[fd].generation++;
}
