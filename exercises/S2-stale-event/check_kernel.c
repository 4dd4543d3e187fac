#include "check_kernel.h"

#include "grader.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MOST_REPORTS = 64 };

struct kernel_seen kernel_seen;

static struct {
    bool pretended;
    bool watched[KERNEL_HIGHEST + 1];
    uint64_t words[KERNEL_HIGHEST + 1];
    struct epoll_event reports[MOST_REPORTS];
    int report_count;
    int add_error;
    int wait_error;
} kernel;

void kernel_pretend(void)
{
    kernel.pretended = true;
}

uint64_t kernel_word_of(int fd)
{
    return kernel.words[fd];
}

bool kernel_watches(int fd)
{
    return kernel.watched[fd];
}

void kernel_report_word(uint64_t word, uint32_t events)
{
    ck_assert_int_lt(kernel.report_count, MOST_REPORTS);
    kernel.reports[kernel.report_count++] =
        (struct epoll_event){.events = events, .data.u64 = word};
}

void kernel_report(int fd, uint32_t events)
{
    kernel_report_word(kernel.words[fd], events);
}

void kernel_close(int fd)
{
    kernel.watched[fd] = false;
}

void kernel_refuse_add(int error)
{
    kernel.add_error = error;
}

void kernel_refuse_wait(int error)
{
    kernel.wait_error = error;
}

/* Returns the errno that is to come, once. */
static int take(int *error)
{
    int taken = *error;

    *error = 0;
    return taken;
}

/* Returns 0 or an errno, as the kernel would. */
static int pretended_ctl(int operation, int fd, const struct epoll_event *event)
{
    if (fd < 0 || fd > KERNEL_HIGHEST) {
        return EBADF;
    }
    if (operation == EPOLL_CTL_ADD) {
        if (kernel.add_error != 0) {
            return take(&kernel.add_error);
        }
        if (kernel.watched[fd]) {
            return EEXIST;
        }
    } else if (!kernel.watched[fd]) {
        return ENOENT;
    }
    kernel.watched[fd] = operation != EPOLL_CTL_DEL;
    if (kernel.watched[fd]) {
        kernel.words[fd] = event->data.u64;
    }
    return 0;
}

int epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event)
{
    if (!kernel.pretended) {
        return (int)syscall(SYS_epoll_ctl, epoll_fd, operation, fd, event);
    }
    int error = pretended_ctl(operation, fd, event);
    errno = error != 0 ? error : errno;
    return error != 0 ? -1 : 0;
}

/* What does not fit comes with the next wait. */
static int pretended_wait(struct epoll_event *ret_events, int room)
{
    int count = kernel.report_count < room ? kernel.report_count : room;

    if (kernel.wait_error != 0) {
        errno = take(&kernel.wait_error);
        return -1;
    }
    memcpy(ret_events, kernel.reports, (size_t)count * sizeof *ret_events);
    kernel.report_count -= count;
    memmove(kernel.reports, kernel.reports + count,
            (size_t)kernel.report_count * sizeof *ret_events);
    return count;
}

int epoll_pwait(int epoll_fd, struct epoll_event *events, int room, int timeout_ms,
                const sigset_t *mask)
{
    kernel_seen.waits++;
    kernel_seen.timeout_ms = timeout_ms;
    kernel_seen.room = room;
    if (kernel.pretended) {
        return pretended_wait(events, room);
    }
    return (int)syscall(SYS_epoll_pwait, epoll_fd, events, room, timeout_ms, mask, _NSIG / 8);
}

int epoll_wait(int epoll_fd, struct epoll_event *events, int room, int timeout_ms)
{
    return epoll_pwait(epoll_fd, events, room, timeout_ms, NULL);
}

int epoll_pwait2(int epoll_fd, struct epoll_event *events, int room, const struct timespec *timeout,
                 const sigset_t *mask)
{
    int timeout_ms =
        timeout != NULL ? (int)(timeout->tv_sec * 1000 + timeout->tv_nsec / 1000000) : -1;

    return epoll_pwait(epoll_fd, events, room, timeout_ms, mask);
}
