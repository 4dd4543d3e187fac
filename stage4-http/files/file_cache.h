/*
 * file_cache: the files that a loop has served lately, still open.
 *
 * Opening, asking for the size and closing cost as much as all the rest of a small answer. A cache
 * must not guess, though: before each use the file system is asked whether the path still leads to
 * the same, unchanged file (one fstatat), so what is served is what an open would have found.
 *
 * A fixed table, one place for each hash: who comes later takes the place. Once a second all of it
 * is closed: a deleted file gives its disk space back, whoever lacks a descriptor gets one, and a
 * file that only a link to the outside leads to by now (fstatat(2) cannot be told to stay beneath
 * the root) is not served for longer. One for each loop, on its thread.
 */
#ifndef FILE_CACHE_H
#define FILE_CACHE_H

#include "open_file.h"

struct file_cache;
struct reactor;

/* How many files a loop keeps open, and for how long. */
enum { FILE_CACHE_SLOTS = 64, FILE_CACHE_MS = 1000 };

/* Borrows the reactor, whose timer it uses. Returns NULL when memory is short. */
struct file_cache *file_cache_create(struct reactor *reactor);

/* NULL is allowed. While the reactor still has its timers: see release_local in router.h. */
void file_cache_destroy(struct file_cache *cache);

/*
 * As open_file_create, but for the price of a look if the cache has it. A cache of NULL has nothing
 * and keeps nothing. The reference is the caller's. Returns 0 or -errno.
 */
int file_cache_open(struct file_cache *cache, int root_fd, const char *path,
                    struct open_file **ret_file);

#endif
