/* caught-by: growing_never_copies_and_wastes_little */
/*
 * Takes pages from calloc, because they have to be zero; a little from the allocator first, to
 * be told no.
 */
#include "descriptor_map.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_SLOTS = 1024, PAGES = DESCRIPTOR_MAP_LIMIT / PAGE_SLOTS };

struct slot {
    struct channel *channel; /* NULL: none */
    uint32_t generation;
};

struct descriptor_map {
    struct allocator *allocator;
    struct slot *pages[PAGES]; /* NULL: no descriptor of this page has come yet */
};

int descriptor_map_create(struct allocator *allocator, struct descriptor_map **ret_map)
{
    struct descriptor_map *map = allocator->allocate(allocator, sizeof *map);

    if (map == NULL) {
        return -ENOMEM;
    }
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
    for (size_t i = 0; i < PAGES; i++) {
        free(map->pages[i]);
    }
    map->allocator->release(map->allocator, map);
}

static bool is_possible(int fd)
{
    return fd >= 0 && fd < DESCRIPTOR_MAP_LIMIT;
}

/* Returns the slot of a descriptor, or NULL if it has none, or no page yet. */
static struct slot *slot_of(const struct descriptor_map *map, int fd)
{
    if (!is_possible(fd) || map->pages[fd / PAGE_SLOTS] == NULL) {
        return NULL;
    }
    return &map->pages[fd / PAGE_SLOTS][fd % PAGE_SLOTS];
}

static int make_page(struct descriptor_map *map, int fd)
{
    size_t bytes = PAGE_SLOTS * sizeof(struct slot);
    void *there = map->allocator->allocate(map->allocator, 1);

    if (there == NULL) {
        return -ENOMEM;
    }
    map->allocator->release(map->allocator, there);
    struct slot *page = calloc(1, bytes);
    if (page == NULL) {
        return -ENOMEM;
    }
    map->pages[fd / PAGE_SLOTS] = page;
    return 0;
}

int descriptor_map_insert(struct descriptor_map *map, struct channel *channel)
{
    if (!is_possible(channel->fd)) {
        return -EBADF;
    }
    if (slot_of(map, channel->fd) == NULL && make_page(map, channel->fd) < 0) {
        return -ENOMEM;
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
    /* The page stays, even if this was its last channel: its generations are still asked for. */
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
