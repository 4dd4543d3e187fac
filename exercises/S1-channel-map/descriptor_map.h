/*
 * descriptor_map: from a descriptor to its channel, for servers whose table must never be copied.
 *
 * What S1-channel-map asks for; README.md has the contract. Used by one thread.
 */
#ifndef DESCRIPTOR_MAP_H
#define DESCRIPTOR_MAP_H

#include "allocator.h"
#include "channel.h"

#include <stddef.h>
#include <stdint.h>

enum {
    DESCRIPTOR_MAP_LIMIT = 1 << 20,        /* descriptors 0 to DESCRIPTOR_MAP_LIMIT - 1 */
    DESCRIPTOR_MAP_EMPTY_BYTES = 64 << 10, /* what create may ask for in all */
    DESCRIPTOR_MAP_STEP_BYTES = 64 << 10,  /* what one insert may ask for in all */
};

struct descriptor_map;

/* Borrows the allocator. Returns 0, or -ENOMEM: then *ret_map is untouched. */
int descriptor_map_create(struct allocator *allocator, struct descriptor_map **ret_map);

/* Gives all memory back; the channels are the caller's. NULL is allowed. */
void descriptor_map_destroy(struct descriptor_map *map);

/* Borrows the channel until it is erased. Returns 0, -EBADF, -EEXIST or -ENOMEM. */
int descriptor_map_insert(struct descriptor_map *map, struct channel *channel);

/* Returns 0, or -ENOENT: no channel has this descriptor. */
int descriptor_map_erase(struct descriptor_map *map, int fd);

/* Returns the channel of `fd`, or NULL. */
struct channel *descriptor_map_find(const struct descriptor_map *map, int fd);

/* Returns how many channels of `fd` have been erased so far. */
uint32_t descriptor_map_generation(const struct descriptor_map *map, int fd);

#endif
