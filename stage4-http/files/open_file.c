#include "open_file.h"

#include "beneath.h"
#include "http_date.h"
#include "mime.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * A strong tag (RFC 9110, 8.8.1): another file, another length or another time of change makes
 * another tag. As exact as the clock of the file system, which ticks every few milliseconds.
 */
static void write_tag(struct open_file *file)
{
    const struct stat *info = &file->info;
    uint64_t nanoseconds =
        (uint64_t)info->st_mtim.tv_sec * 1000000000 + (uint64_t)info->st_mtim.tv_nsec;

    snprintf(file->tag, sizeof file->tag, "\"%jx-%jx-%" PRIx64 "\"", (uintmax_t)info->st_ino,
             (uintmax_t)info->st_size, nanoseconds);
}

static void write_lines(struct open_file *file)
{
    char date[HTTP_DATE_TEXT];
    time_t now = time(NULL);
    time_t modified = file->info.st_mtime;

    /* A file may carry a time to come, but an answer must not (RFC 9110, 8.8.2.1). */
    http_date_format(modified < now ? modified : now, date);
    int length =
        snprintf(file->lines, sizeof file->lines,
                 "ETag: %s\r\nLast-Modified: %s\r\nAccept-Ranges: bytes\r\n", file->tag, date);
    assert(length > 0 && (size_t)length < sizeof file->lines);
    file->lines_length = (size_t)length;
}

int open_file_create(int root_fd, const char *path, struct open_file **ret_file)
{
    size_t path_size = strlen(path) + 1;
    struct open_file *file = malloc(sizeof *file + path_size);

    if (file == NULL) {
        return -ENOMEM;
    }
    file->references = 1;
    file->fd = beneath_open(root_fd, path);
    if (file->fd < 0) {
        int result = file->fd;
        free(file);
        return result;
    }
    if (fstat(file->fd, &file->info) < 0) {
        open_file_unref(file);
        return -EIO;
    }
    memcpy(file->path, path, path_size);
    file->type = mime_type(path);
    write_tag(file);
    file->validators = (struct http_validators){file->tag, file->info.st_mtime};
    write_lines(file);
    *ret_file = file;
    return 0;
}

struct open_file *open_file_ref(struct open_file *file)
{
    file->references++;
    return file;
}

void open_file_unref(struct open_file *file)
{
    assert(file->references > 0);
    if (--file->references == 0) {
        close(file->fd);
        free(file);
    }
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/*
 * Whatever changes a file, its mode or its name, changes its ctime (inode(7)), if that clock has
 * ticked since; hence the others as well.
 */
bool open_file_is_current(const struct open_file *file, int root_fd)
{
    const struct stat *then = &file->info;
    struct stat now;

    return fstatat(root_fd, file->path, &now, AT_NO_AUTOMOUNT) == 0 && now.st_dev == then->st_dev &&
           now.st_ino == then->st_ino && now.st_size == then->st_size &&
           same_time(now.st_mtim, then->st_mtim) && same_time(now.st_ctim, then->st_ctim);
}
