/*
 * channel_map: from a descriptor to its channel, in one array access.
 *
 * Dispatchers report descriptors; the loop has to find the channel. The kernel hands out the
 * smallest free number, so an array indexed by descriptor is dense. Each slot also has a
 * generation, which grows whenever a channel is taken out: a report that was made before that is
 * out of date.
 *
 * Embedded in the event loop and used on its thread only.
 */
#ifndef CHANNEL_MAP_H
#define CHANNEL_MAP_H

#include "channel.h"

struct channel_map_slot {
    struct channel *channel; /* NULL: none */
    uint32_t generation;     /* may wrap around: it only has to differ within one batch */
};

/* Zero-initialise; there is no init. */
struct channel_map {
    struct channel_map_slot *slots;
    size_t capacity;
};

void channel_map_release(struct channel_map *map);

/* Puts the channel into the slot of its fd, which must be free (asserted). Returns 0 or -ENOMEM. */
int channel_map_insert(struct channel_map *map, struct channel *channel);

/* Empties the slot of `fd`, which must be taken (asserted), and bumps its generation. */
void channel_map_erase(struct channel_map *map, int fd);

/* Returns the channel of `fd` or NULL. */
static inline struct channel *channel_map_find(const struct channel_map *map, int fd)
{
    return (size_t)fd < map->capacity ? map->slots[fd].channel : NULL;
}

static inline uint32_t channel_map_generation(const struct channel_map *map, int fd)
{
    return (size_t)fd < map->capacity ? map->slots[fd].generation : 0;
}

#endif
