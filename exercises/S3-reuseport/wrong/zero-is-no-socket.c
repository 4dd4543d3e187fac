/* caught-by: descriptor_0_is_closed_like_any_other */
/* Marks what is not open with 0. */
#include "listeners.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Returns a bound socket, or -errno. */
static int open_bound(const struct sockaddr_storage *address, socklen_t length)
{
    int fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;

    if (fd < 0) {
        return -errno;
    }
    /* The first one as well: the kernel lets in others only if all who are there have agreed. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0 &&
        bind(fd, (const struct sockaddr *)address, length) == 0) {
        return fd;
    }
    int error = errno; /* close may change it */
    close(fd);
    return -error;
}

static int bind_all(struct sockaddr_storage *address, socklen_t length, size_t count, int fds[],
                    size_t *ret_opened)
{
    for (size_t i = 0; i < count; i++) {
        int fd = open_bound(address, length);
        if (fd < 0) {
            return fd;
        }
        fds[i] = fd;
        *ret_opened = i + 1;
        /* Port 0 is a question; the answer is where the others have to go. */
        socklen_t answer = sizeof *address;
        if (i == 0 && getsockname(fd, (struct sockaddr *)address, &answer) < 0) {
            return -errno;
        }
    }
    return 0;
}

static int listen_all(const int fds[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (listen(fds[i], SOMAXCONN) < 0) {
            return -errno;
        }
    }
    return 0;
}

int listeners_open(const struct sockaddr *address, socklen_t length, size_t count, int ret_fds[])
{
    struct sockaddr_storage bound = {0};
    int fds[LISTENERS_MOST];
    size_t opened = 0;

    if (count == 0 || count > LISTENERS_MOST || length > sizeof bound) {
        return -EINVAL;
    }
    memcpy(&bound, address, length);
    int result = bind_all(&bound, length, count, fds, &opened);
    if (result == 0) {
        result = listen_all(fds, count);
    }
    if (result == 0) {
        memcpy(ret_fds, fds, count * sizeof fds[0]);
        return 0;
    }
    while (opened > 0) {
        opened--;
        if (fds[opened] > 0) {
            close(fds[opened]);
        }
    }
    return result;
}
