/*
 * open_file: a file below the root that is open, and what its answers say of it.
 *
 * Size, type, tag and date are found out once, and the lines that tell them are made once; a file
 * that stays open for the next request (file_cache) has them ready. Reference-counted, on one loop:
 * an answer on its way keeps its file, whatever becomes of the cache.
 */
#ifndef OPEN_FILE_H
#define OPEN_FILE_H

#include "http_conditions.h"
#include "http_response.h"

#include <stdint.h>
#include <sys/stat.h>

struct open_file {
    unsigned references;
    int fd;
    struct stat info; /* fstat(2), right after it was opened */
    const char *type; /* a literal */
    struct http_validators validators;
    char tag[64];
    char lines[160]; /* ETag, Last-Modified, Accept-Ranges */
    size_t lines_length;
    char path[]; /* below the root */
};

/*
 * Opens `path` below `root_fd` (see beneath.h), whatever it is: look at info.st_mode. The caller
 * has the only reference. Returns 0 or -errno.
 */
int open_file_create(int root_fd, const char *path, struct open_file **ret_file);

struct open_file *open_file_ref(struct open_file *file);
/* The last one closes and frees. */
void open_file_unref(struct open_file *file);

/*
 * Whether its path still leads to this very file, and nobody has changed it since: neither what is
 * in it nor who may read it.
 */
bool open_file_is_current(const struct open_file *file, int root_fd);

#endif
