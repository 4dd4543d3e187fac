#include "beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { OPEN_FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, LONGEST_NAME = 255 };

static int open_component(int directory_fd, const char *name, size_t length)
{
    char copy[LONGEST_NAME + 1];

    if (length > LONGEST_NAME) {
        return -ENAMETOOLONG;
    }
    memcpy(copy, name, length);
    copy[length] = '\0';
    if (strcmp(copy, "..") == 0) {
        return -EXDEV;
    }
    /* What a slash follows must be a directory, also at the end of the path. */
    int flags = OPEN_FLAGS | O_NOFOLLOW | (name[length] == '/' ? O_DIRECTORY : 0);
    int fd = openat(directory_fd, copy, flags);
    return fd >= 0 ? fd : -errno;
}

int beneath_open_by_component(int root_fd, const char *path)
{
    if (*path == '\0') {
        return -ENOENT; /* as openat2(2): the empty path is not the root */
    }
    int fd = openat(root_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    for (const char *name = path; fd >= 0 && *name != '\0';) {
        size_t length = strcspn(name, "/");
        const char *next = name + length + strspn(name + length, "/");
        int parent = fd;
        fd = length == 0 ? -EXDEV : open_component(parent, name, length);
        close(parent);
        name = next;
    }
    return fd;
}

int beneath_open(int root_fd, const char *path)
{
    const struct open_how how = {
        .flags = OPEN_FLAGS,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    long fd = syscall(SYS_openat2, root_fd, path, &how, sizeof how);

    if (fd >= 0) {
        return (int)fd;
    }
    /* ENOSYS: an older kernel, or a sandbox; EPERM: a sandbox that says it so. */
    return errno == ENOSYS || errno == EPERM ? beneath_open_by_component(root_fd, path) : -errno;
}
