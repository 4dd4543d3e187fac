#include "check_kernel.h"

#include "grader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST_CALLS = 100 };

static const char FULL[] = "a full pipe is readable already: wake returns 0 at once "
                           "(contract, 5)";
static const char ENDS[] = "clear returns at once when there is nothing to read, and when there is "
                           "no writing end any more (contract, 10)";

struct kernel kernel;

static bool interrupts(void)
{
    int left = atomic_load(&kernel.interrupted);

    while (left > 0 && !atomic_compare_exchange_weak(&kernel.interrupted, &left, left - 1)) {
    }
    if (left > 0) {
        errno = EINTR;
    }
    return left > 0;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    if (interrupts()) {
        return -1;
    }
    ssize_t n = syscall(SYS_write, fd, bytes, length);
    if (n < 0 && errno == EAGAIN) {
        int calls = atomic_fetch_add(&kernel.full, 1) + 1;
        grader_expect(calls < MOST_CALLS, FULL, "expected that wake returns; it wrote %d times",
                      calls);
        errno = EAGAIN;
    }
    return n;
}

ssize_t read(int fd, void *bytes, size_t length)
{
    size_t limit = atomic_load(&kernel.read_limit);

    if (interrupts()) {
        return -1;
    }
    ssize_t n = syscall(SYS_read, fd, bytes, limit > 0 && limit < length ? limit : length);
    if (n > 0) {
        /* The kernel's write to the buffer, for the thread sanitizer to see. */
        volatile char *byte = bytes;
        *byte = *byte;
    }
    if (n == 0 && length > 0) {
        int calls = atomic_fetch_add(&kernel.ends, 1) + 1;
        grader_expect(calls < MOST_CALLS, ENDS,
                      "expected that clear returns when read says 0 (nobody can write any more); "
                      "it read %d times",
                      calls);
    }
    return n;
}

static bool sets_late(int fd, int command)
{
    return (command == F_SETFL && (syscall(SYS_fcntl, fd, F_GETFL) & O_NONBLOCK) == 0) ||
           (command == F_SETFD && (syscall(SYS_fcntl, fd, F_GETFD) & FD_CLOEXEC) == 0);
}

static int control(int fd, int command, long argument)
{
    if (sets_late(fd, command)) {
        atomic_fetch_add(&kernel.late_flags, 1);
    }
    if (atomic_load(&kernel.refuse_fcntl) && command != F_GETFD && command != F_GETFL) {
        errno = EPERM;
        return -1;
    }
    return (int)syscall(SYS_fcntl, fd, command, argument);
}

int fcntl(int fd, int command, ...)
{
    va_list values;

    va_start(values, command);
    long argument = va_arg(values, long);
    va_end(values);
    return control(fd, command, argument);
}

int fcntl64(int fd, int command, ...)
{
    va_list values;

    va_start(values, command);
    long argument = va_arg(values, long);
    va_end(values);
    return control(fd, command, argument);
}
