#include "canary_tree.h"

#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* By what it leads to: a folder, the text of a file, or a link. */
static const struct entry {
    const char *path;
    enum { FOLDER, TEXT, LINK } kind;
    const char *target;
} entries[] = {
    {"secret", TEXT, NULL},
    {"root2", FOLDER, NULL}, /* begins like the root's name */
    {"root2/secret", TEXT, NULL},
    {"root", FOLDER, NULL},
    {"root/file", TEXT, NULL},
    {"root/%41", TEXT, NULL}, /* what "%2541" means, and "%41" does not */
    {"root/.h", TEXT, NULL},
    {"root/..h", TEXT, NULL},
    {"root/sub", FOLDER, NULL},
    {"root/sub/file", TEXT, NULL},
    {"root/sub/sub", FOLDER, NULL},
    {"root/sub/up", LINK, "../file"},
    {"root/in", LINK, "sub/file"},
    {"root/indir", LINK, "sub"},
    {"root/out", LINK, "../secret"},
    {"root/outdir", LINK, ".."},
    {"root/outin", LINK, "../root/file"},
    {"root/sub/out", LINK, "../../root2/secret"},
    {"root/abs", LINK, "/etc/passwd"},
    {"root/absdir", LINK, "/"},
    {"root/loop", LINK, "loop"},
};

enum { ENTRIES = sizeof entries / sizeof entries[0] };

static int root_fd = -1;
static char top[PATH_MAX];
static pid_t maker;
static struct stat inside[ENTRIES];
static size_t inside_count;

static void must(int result, const char *name)
{
    fuzz_require(result >= 0, "%s: %s", name, strerror(errno));
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

static void remove_tree(void)
{
    if (getpid() == maker) {
        nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    }
}

static void make_entry(int top_fd, const struct entry *entry)
{
    switch (entry->kind) {
    case FOLDER:
        must(mkdirat(top_fd, entry->path, 0755), entry->path);
        break;
    case TEXT: {
        int fd = openat(top_fd, entry->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        must(fd, entry->path);
        close(fd);
        break;
    }
    case LINK:
        must(symlinkat(entry->target, top_fd, entry->path), entry->path);
        break;
    }
    bool is_inside = strcmp(entry->path, "root") == 0 || strncmp(entry->path, "root/", 5) == 0;
    if (is_inside && entry->kind != LINK) {
        must(fstatat(top_fd, entry->path, &inside[inside_count++], 0), entry->path);
    }
}

static void make_tree(void)
{
    const char *parent = getenv("TMPDIR");

    snprintf(top, sizeof top, "%s/canary-XXXXXX", parent != NULL ? parent : "/tmp");
    fuzz_require(mkdtemp(top) != NULL, "%s: %s", top, strerror(errno));
    maker = getpid();
    fuzz_require(atexit(remove_tree) == 0, "no memory");
    int top_fd = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
    must(top_fd, top);
    for (size_t i = 0; i < ENTRIES; i++) {
        make_entry(top_fd, &entries[i]);
    }
    root_fd = openat(top_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
    must(root_fd, "root");
    close(top_fd);
}

int canary_tree_root(void)
{
    if (root_fd < 0) {
        make_tree();
    }
    return root_fd;
}

bool canary_tree_has(int fd)
{
    struct stat info;

    must(fstat(fd, &info), "an open file");
    for (size_t i = 0; i < inside_count; i++) {
        if (inside[i].st_dev == info.st_dev && inside[i].st_ino == info.st_ino) {
            return true;
        }
    }
    return false;
}
