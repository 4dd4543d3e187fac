#include "check_kernel.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct kernel_seen kernel_seen[KERNEL_MOST_DESCRIPTORS];
int kernel_waits;
int kernel_timeout_ms;
int kernel_room;
int kernel_most;

static int read_error;
static int read_errors_left;
static int wait_error;

void kernel_disturb_reads(int error, int times)
{
    read_error = error;
    read_errors_left = times;
}

void kernel_disturb_wait(int error)
{
    wait_error = error;
}

static bool is_seen(int fd)
{
    return fd >= 0 && fd < KERNEL_MOST_DESCRIPTORS;
}

int epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event)
{
    if (is_seen(fd)) {
        kernel_seen[fd].changes++;
        kernel_seen[fd].last_operation = operation;
        kernel_seen[fd].events = event != NULL ? event->events : 0;
    }
    return (int)syscall(SYS_epoll_ctl, epoll_fd, operation, fd, event);
}

int epoll_pwait(int epoll_fd, struct epoll_event *events, int room, int timeout_ms,
                const sigset_t *mask)
{
    kernel_waits++;
    kernel_timeout_ms = timeout_ms;
    kernel_room = room;
    if (wait_error != 0) {
        errno = wait_error;
        wait_error = 0;
        return -1;
    }
    return (int)syscall(SYS_epoll_pwait, epoll_fd, events, room, 0, mask, _NSIG / 8);
}

int epoll_wait(int epoll_fd, struct epoll_event *events, int room, int timeout_ms)
{
    return epoll_pwait(epoll_fd, events, room, timeout_ms, NULL);
}

int epoll_pwait2(int epoll_fd, struct epoll_event *events, int room, const struct timespec *timeout,
                 const sigset_t *mask)
{
    int ms = timeout != NULL ? (int)(timeout->tv_sec * 1000 + timeout->tv_nsec / 1000000) : -1;

    return epoll_pwait(epoll_fd, events, room, ms, mask);
}

/* Notes a read, and returns whether it is to fail; errno is set then. */
static bool is_disturbed(int fd)
{
    if (!is_seen(fd) || kernel_seen[fd].changes == 0) {
        return false;
    }
    kernel_seen[fd].reads++;
    if (read_errors_left == 0) {
        return false;
    }
    read_errors_left--;
    errno = read_error;
    return true;
}

/* A kernel may give less than it has. */
static size_t given_at_most(size_t length)
{
    return kernel_most > 0 && length > (size_t)kernel_most ? (size_t)kernel_most : length;
}

ssize_t read(int fd, void *bytes, size_t length)
{
    return is_disturbed(fd) ? -1 : syscall(SYS_read, fd, bytes, given_at_most(length));
}

ssize_t readv(int fd, const struct iovec *parts, int count)
{
    return is_disturbed(fd) ? -1 : syscall(SYS_readv, fd, parts, count);
}

ssize_t recvfrom(int fd, void *bytes, size_t length, int flags, struct sockaddr *address,
                 socklen_t *size)
{
    if (is_disturbed(fd)) {
        return -1;
    }
    return syscall(SYS_recvfrom, fd, bytes, given_at_most(length), flags, address, size);
}

ssize_t recv(int fd, void *bytes, size_t length, int flags)
{
    return recvfrom(fd, bytes, length, flags, NULL, NULL);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    return is_disturbed(fd) ? -1 : syscall(SYS_recvmsg, fd, message, flags);
}
