#include "file_cache.h"

#include "container_of.h"
#include "http_service.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct slot {
    struct open_file *file; /* NULL: empty */
    bool used;              /* since the last sweep */
    uint64_t checked;       /* the turn of the loop in which it was current */
};

struct file_cache {
    struct reactor *reactor;
    struct timer_wheel_entry sweep;
    bool sweeping;
    struct slot slots[FILE_CACHE_SLOTS];
};

static uint64_t turn_of(const struct file_cache *cache)
{
    return counter_read(&event_loop_counters(cache->reactor->loop)->iterations);
}

static void empty(struct slot *slot)
{
    if (slot->file != NULL) {
        open_file_unref(slot->file);
        slot->file = NULL;
    }
}

static void on_sweep(struct timer_wheel_entry *entry)
{
    struct file_cache *cache = container_of(entry, struct file_cache, sweep);

    cache->sweeping = false;
    for (size_t i = 0; i < FILE_CACHE_SLOTS; i++) {
        struct slot *slot = &cache->slots[i];
        if (!slot->used) {
            empty(slot);
        }
        slot->used = false;
        cache->sweeping = cache->sweeping || slot->file != NULL;
    }
    if (cache->sweeping) {
        http_service_start_timer(cache->reactor, &cache->sweep, FILE_CACHE_SWEEP_MS);
    }
}

struct file_cache *file_cache_create(struct reactor *reactor)
{
    struct file_cache *cache = calloc(1, sizeof *cache);

    if (cache != NULL) {
        cache->reactor = reactor;
        cache->sweep.on_expiry = on_sweep;
    }
    return cache;
}

static void empty_all(struct file_cache *cache)
{
    for (size_t i = 0; i < FILE_CACHE_SLOTS; i++) {
        empty(&cache->slots[i]);
    }
}

void file_cache_destroy(struct file_cache *cache)
{
    if (cache != NULL) {
        http_service_stop_timer(cache->reactor, &cache->sweep);
        empty_all(cache);
        free(cache);
    }
}

/* FNV-1a, of 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
static struct slot *slot_of(struct file_cache *cache, const char *path)
{
    uint32_t hash = 2166136261U;

    for (; *path != '\0'; path++) {
        hash = (hash ^ (unsigned char)*path) * 16777619U;
    }
    return &cache->slots[hash % FILE_CACHE_SLOTS];
}

static void keep(struct file_cache *cache, struct slot *slot, struct open_file *file)
{
    empty(slot);
    slot->file = open_file_ref(file);
    slot->used = true;
    slot->checked = turn_of(cache);
    if (!cache->sweeping) {
        cache->sweeping = true;
        http_service_start_timer(cache->reactor, &cache->sweep, FILE_CACHE_SWEEP_MS);
    }
}

int file_cache_open(struct file_cache *cache, int root_fd, const char *path,
                    struct open_file **ret_file)
{
    if (cache == NULL) {
        return open_file_create(root_fd, path, ret_file);
    }
    struct slot *slot = slot_of(cache, path);
    if (slot->file != NULL && strcmp(slot->file->path, path) == 0) {
        if (slot->checked == turn_of(cache) || open_file_is_current(slot->file, root_fd)) {
            slot->checked = turn_of(cache);
            slot->used = true;
            *ret_file = open_file_ref(slot->file);
            return 0;
        }
        empty(slot);
    }
    int result = open_file_create(root_fd, path, ret_file);
    if (result == -EMFILE || result == -ENFILE) {
        empty_all(cache); /* somebody needs the descriptors more than we do */
        result = open_file_create(root_fd, path, ret_file);
    }
    if (result == 0 && S_ISREG((*ret_file)->info.st_mode)) {
        keep(cache, slot, *ret_file);
    }
    return result;
}
