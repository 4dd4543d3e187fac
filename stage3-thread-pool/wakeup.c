#include "wakeup.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

static int open_socketpair(int *ret_read_fd, int *ret_write_fd)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) < 0) {
        return -errno;
    }
    *ret_read_fd = ends[0];
    *ret_write_fd = ends[1];
    return 0;
}

static int write_all_or_full(int fd, const void *bytes, size_t length)
{
    ssize_t n;

    do {
        n = write(fd, bytes, length);
    } while (n < 0 && errno == EINTR);
    /* A blocking end would make the poster wait for the loop; a full one needs no more bytes. */
    return n >= 0 || errno == EAGAIN ? 0 : -errno;
}

static int wake_socketpair(int write_fd)
{
    return write_all_or_full(write_fd, "!", 1);
}

static void clear_socketpair(int read_fd)
{
    char bytes[64];

    /* Wakeups are coalesced, so one short read empties it; only a full one may have left some. */
    while (read(read_fd, bytes, sizeof bytes) == sizeof bytes) {
    }
}

static int open_eventfd(int *ret_read_fd, int *ret_write_fd)
{
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

    if (fd < 0) {
        return -errno;
    }
    *ret_read_fd = fd;
    *ret_write_fd = fd;
    return 0;
}

static int wake_eventfd(int write_fd)
{
    uint64_t one = 1;

    return write_all_or_full(write_fd, &one, sizeof one);
}

static void clear_eventfd(int read_fd)
{
    uint64_t value;

    ssize_t n = read(read_fd, &value, sizeof value);
    (void)n;
}

const struct wakeup socketpair_wakeup = {
    .name = "socketpair",
    .open = open_socketpair,
    .wake = wake_socketpair,
    .clear = clear_socketpair,
};

const struct wakeup eventfd_wakeup = {
    .name = "eventfd",
    .open = open_eventfd,
    .wake = wake_eventfd,
    .clear = clear_eventfd,
};

int wakeups_list(const struct server_extensions *extensions, struct named_choices *ret_choices)
{
    const struct wakeup *const *more = extensions != NULL ? extensions->wakeups : NULL;

    *ret_choices = (struct named_choices){0};
    int result = named_choices_add(ret_choices, socketpair_wakeup.name, &socketpair_wakeup);
    if (result == 0) {
        result = named_choices_add(ret_choices, eventfd_wakeup.name, &eventfd_wakeup);
    }
    for (; result == 0 && more != NULL && *more != NULL; more++) {
        result = named_choices_add(ret_choices, (*more)->name, *more);
    }
    return result;
}
