#include "file_cache.h"

#include "container_of.h"
#include "http_service.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct file_cache {
    struct reactor *reactor;
    struct timer_wheel_entry end;              /* of what is kept; started with the first file */
    struct open_file *slots[FILE_CACHE_SLOTS]; /* NULL: empty */
};

static void empty(struct open_file **slot)
{
    if (*slot != NULL) {
        open_file_unref(*slot);
        *slot = NULL;
    }
}

static void empty_all(struct file_cache *cache)
{
    for (size_t i = 0; i < FILE_CACHE_SLOTS; i++) {
        empty(&cache->slots[i]);
    }
}

static void on_end(struct timer_wheel_entry *entry)
{
    struct file_cache *cache = container_of(entry, struct file_cache, end);

    empty_all(cache);
}

struct file_cache *file_cache_create(struct reactor *reactor)
{
    struct file_cache *cache = calloc(1, sizeof *cache);

    if (cache != NULL) {
        cache->reactor = reactor;
        cache->end.on_expiry = on_end;
    }
    return cache;
}

void file_cache_destroy(struct file_cache *cache)
{
    if (cache != NULL) {
        http_service_stop_timer(cache->reactor, &cache->end);
        empty_all(cache);
        free(cache);
    }
}

/* FNV-1a, of 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
static struct open_file **slot_of(struct file_cache *cache, const char *path)
{
    uint32_t hash = 2166136261U;

    for (; *path != '\0'; path++) {
        hash = (hash ^ (unsigned char)*path) * 16777619U;
    }
    return &cache->slots[hash % FILE_CACHE_SLOTS];
}

static void keep(struct file_cache *cache, struct open_file **slot, struct open_file *file)
{
    empty(slot);
    *slot = open_file_ref(file);
    /* Started anew for each file, it would never end. */
    if (cache->end.link.next == NULL) {
        http_service_start_timer(cache->reactor, &cache->end, FILE_CACHE_MS);
    }
}

int file_cache_open(struct file_cache *cache, int root_fd, const char *path,
                    struct open_file **ret_file)
{
    if (cache == NULL) {
        return open_file_create(root_fd, path, ret_file);
    }
    struct open_file **slot = slot_of(cache, path);
    if (*slot != NULL && strcmp((*slot)->path, path) == 0) {
        if (open_file_is_current(*slot, root_fd)) {
            *ret_file = open_file_ref(*slot);
            return 0;
        }
        empty(slot);
    }
    int result = open_file_create(root_fd, path, ret_file);
    if (result == -EMFILE || result == -ENFILE) {
        empty_all(cache); /* this file needs a descriptor more than those before it */
        result = open_file_create(root_fd, path, ret_file);
    }
    if (result == 0 && S_ISREG((*ret_file)->info.st_mode)) {
        keep(cache, slot, *ret_file);
    }
    return result;
}
