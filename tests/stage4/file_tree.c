#include "file_tree.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char tree[PATH_MAX / 2];

static void must(int result, const char *name)
{
    ck_assert_msg(result >= 0, "%s: %s", name, strerror(errno));
}

void file_tree_create(void)
{
    char pattern[] = "/tmp/reactor-lab-XXXXXX";

    ck_assert_ptr_nonnull(mkdtemp(pattern));
    char *real = realpath(pattern, NULL);
    ck_assert_ptr_nonnull(real);
    snprintf(tree, sizeof tree, "%s", real);
    free(real);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

void file_tree_remove(void)
{
    must(nftw(tree, remove_one, 16, FTW_DEPTH | FTW_PHYS), tree);
}

const char *file_tree_path(const char *name)
{
    static char paths[4][PATH_MAX];
    static unsigned turn;
    char *path = paths[turn++ % 4];

    snprintf(path, PATH_MAX, "%s/%s", tree, name);
    return path;
}

void file_tree_folder(const char *name)
{
    must(mkdir(file_tree_path(name), 0755), name);
}

void file_tree_file(const char *name, const void *bytes, size_t length)
{
    int fd = open(file_tree_path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    must(fd, name);
    ck_assert_int_eq((int)write(fd, bytes, length), (int)length);
    close(fd);
}

void file_tree_text(const char *name, const char *text)
{
    file_tree_file(name, text, strlen(text));
}

void file_tree_link(const char *name, const char *target)
{
    must(symlink(target, file_tree_path(name)), name);
}

void file_tree_fifo(const char *name)
{
    must(mkfifo(file_tree_path(name), 0644), name);
}
