/*
 * file_cache: the files that a loop has served lately, still open.
 *
 * Opening, asking for the size and closing cost as much as all the rest of a small answer. A cache
 * must not guess, though: the file system is asked whether the path still leads to the same,
 * unchanged file (one fstatat), so what is served is what an open would have found. It is asked
 * once in each turn of the loop, so a change is seen from the next turn on; on a busy loop, a turn
 * has many requests for the same file.
 *
 * A fixed table, one place for each hash: who comes later takes the place. What nobody asked for in
 * a while is closed, so that a deleted file does not occupy its disk for ever. One for each loop,
 * on its thread.
 */
#ifndef FILE_CACHE_H
#define FILE_CACHE_H

#include "open_file.h"

struct file_cache;
struct reactor;

/* How many files a loop keeps open, and how often it looks for those of no more use. */
enum { FILE_CACHE_SLOTS = 64, FILE_CACHE_SWEEP_MS = 10000 };

/* Borrows the reactor, whose timer it uses. Returns NULL when memory is short. */
struct file_cache *file_cache_create(struct reactor *reactor);

/* NULL is allowed. Before the reactor's hooks leave. */
void file_cache_destroy(struct file_cache *cache);

/*
 * As open_file_create, but for the price of a look if the cache has it. A cache of NULL has nothing
 * and keeps nothing. The reference is the caller's. Returns 0 or -errno.
 */
int file_cache_open(struct file_cache *cache, int root_fd, const char *path,
                    struct open_file **ret_file);

#endif
