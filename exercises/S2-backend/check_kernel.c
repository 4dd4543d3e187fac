#include "check_kernel.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

struct kernel_seen kernel_seen;

static bool has_answer;
static int answer;

void kernel_answer(int error)
{
    has_answer = true;
    answer = error;
}

static void note(const struct pollfd *polled, nfds_t count, const struct timespec *timeout,
                 const sigset_t *mask)
{
    kernel_seen.ppolls++;
    kernel_seen.count = count;
    for (nfds_t i = 0; i < count && i < KERNEL_MOST_POLLED; i++) {
        kernel_seen.polled[i] = polled[i];
    }
    kernel_seen.has_timeout = timeout != NULL;
    kernel_seen.timeout = timeout != NULL ? *timeout : (struct timespec){0};
    kernel_seen.has_mask = mask != NULL;
    if (mask != NULL) {
        kernel_seen.mask = *mask;
    }
}

int ppoll(struct pollfd *polled, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
    struct timespec left = timeout != NULL ? *timeout : (struct timespec){0};

    note(polled, count, timeout, mask);
    if (has_answer) {
        has_answer = false;
        errno = answer;
        return answer != 0 ? -1 : 0;
    }
    /* The kernel writes back how much time was left; the function of the C library hides that. */
    long result =
        syscall(SYS_ppoll, polled, count, timeout != NULL ? &left : NULL, mask, _NSIG / 8);
    kernel_seen.interrupted = result < 0 && errno == EINTR;
    return (int)result;
}

int poll(struct pollfd *polled, nfds_t count, int timeout_ms)
{
    struct timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};

    kernel_seen.other = "poll";
    return (int)syscall(SYS_ppoll, polled, count, timeout_ms < 0 ? NULL : &timeout, NULL, 0);
}

int select(int size, fd_set *reads, fd_set *writes, fd_set *exceptions, struct timeval *timeout)
{
    struct timespec left = {0};

    if (timeout != NULL) {
        left = (struct timespec){timeout->tv_sec, timeout->tv_usec * 1000};
    }
    kernel_seen.other = "select";
    return (int)syscall(SYS_pselect6, size, reads, writes, exceptions,
                        timeout != NULL ? &left : NULL, NULL);
}

int epoll_pwait(int epoll_fd, struct epoll_event *events, int room, int timeout_ms,
                const sigset_t *mask)
{
    kernel_seen.other = "epoll_wait";
    return (int)syscall(SYS_epoll_pwait, epoll_fd, events, room, timeout_ms, mask, _NSIG / 8);
}

int epoll_wait(int epoll_fd, struct epoll_event *events, int room, int timeout_ms)
{
    return epoll_pwait(epoll_fd, events, room, timeout_ms, NULL);
}
