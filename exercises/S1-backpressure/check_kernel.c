#include "check_kernel.h"

#include "grader.h"
#include "patient_echo.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char BYTES[] = "what was received goes out once, in its order (contract, 1)";
static const char AT_ONCE[] = "what waits is offered to the kernel at once; it waits only because "
                              "the kernel did not take it (contract, 2)";
static const char WRITE[] = "EVENT_WRITE is asked for while something waits, and only then "
                            "(contract, 3)";
static const char READ[] = "EVENT_READ is asked for, but not from more than high until low is "
                           "reached again, and not after the end (contract, 4)";
static const char SMALL[] = "a recv comes only after the loop has reported EVENT_READ, asks for 1 "
                            "to 4096 bytes, and not while more than high wait (contract, 5)";
static const char NO_SIGNAL[] = "every send carries MSG_NOSIGNAL, and there is no write "
                                "(contract, 6)";
static const char LATER[] = "EAGAIN and EINTR end nothing and lose nothing (contract, 7)";
static const char END[] = "after the peer's end, on_end(0) comes as soon as nothing waits "
                          "(contract, 8)";
static const char ERROR[] = "another error of recv or send is given to on_end at once, as a "
                            "positive number (contract, 9)";
static const char ONCE[] = "on_end is called once, the channel has been removed before, and "
                           "nothing is done with the socket afterwards (contract, 10)";

enum { MOST_TURNS = 10000 };

struct kernel kernel = {.fd = -1};

static char pattern(uint64_t position)
{
    return (char)(position * 31 + (position >> 8) * 7);
}

size_t kernel_waiting(void)
{
    return (size_t)(kernel.in - kernel.out);
}

static void note_waiting(void)
{
    size_t held = kernel_waiting();

    kernel.most = held > kernel.most ? held : kernel.most;
    kernel.fewest = held < kernel.fewest ? held : kernel.fewest;
}

ssize_t recv(int fd, void *bytes, size_t length, int flags)
{
    if (fd != kernel.fd) {
        return syscall(SYS_recvfrom, fd, bytes, length, flags, NULL, NULL);
    }
    grader_expect(kernel.ends == 0, ONCE, "recv after on_end");
    grader_expect((kernel.reported & EVENT_READ) != 0, SMALL, "recv, though not reported");
    grader_expect(length > 0 && length <= PATIENT_ECHO_READ_MOST, SMALL, "recv of %zu bytes",
                  length);
    grader_expect(kernel_waiting() <= HIGH, SMALL, "recv while %zu bytes wait, with high %d",
                  kernel_waiting(), HIGH);
    size_t n = kernel.arrived < length ? kernel.arrived : length;
    int error = kernel.recv_error;
    if (error == EINTR || (error != 0 && n == 0)) {
        kernel.recv_error = error == EINTR ? 0 : error;
        kernel.error_seen = error == EINTR ? 0 : error;
        errno = error;
        return -1;
    }
    if (n == 0 && !kernel.end) {
        errno = EAGAIN;
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        ((char *)bytes)[i] = pattern(kernel.in++);
    }
    kernel.arrived -= n;
    note_waiting();
    kernel.end_seen = kernel.end_seen || n == 0;
    return (ssize_t)n;
}

ssize_t read(int fd, void *bytes, size_t length)
{
    return fd == kernel.fd ? recv(fd, bytes, length, 0) : syscall(SYS_read, fd, bytes, length);
}

ssize_t send(int fd, const void *bytes, size_t length, int flags)
{
    if (fd != kernel.fd) {
        return syscall(SYS_sendto, fd, bytes, length, flags, NULL, 0);
    }
    grader_expect(kernel.ends == 0, ONCE, "send after on_end");
    grader_expect((flags & MSG_NOSIGNAL) != 0, NO_SIGNAL, "send with flags 0x%x", (unsigned)flags);
    grader_expect(length <= kernel_waiting(), BYTES, "send of %zu bytes, while %zu wait", length,
                  kernel_waiting());
    kernel.interrupted = kernel.send_error == EINTR;
    if (kernel.send_error != 0 || (kernel.window == 0 && length > 0)) {
        errno = kernel.send_error != 0 ? kernel.send_error : EAGAIN;
        kernel.error_seen = errno == EINTR || errno == EAGAIN ? 0 : errno;
        kernel.send_error = kernel.interrupted ? 0 : kernel.send_error;
        return -1;
    }
    size_t n = kernel.window < length ? kernel.window : length;
    for (size_t i = 0; i < n; i++) {
        char right = pattern(kernel.out + i);
        char sent = ((const char *)bytes)[i];
        grader_expect(
            sent == right, BYTES, "byte %llu of what goes out: expected 0x%02x, got 0x%02x",
            (unsigned long long)(kernel.out + i), (unsigned char)right, (unsigned char)sent);
    }
    kernel.out += n;
    kernel.window -= n;
    note_waiting();
    return (ssize_t)n;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    grader_expect(fd != kernel.fd, NO_SIGNAL, "write of %zu bytes", length);
    return syscall(SYS_write, fd, bytes, length);
}

static int kernel_create(void **ret_state)
{
    *ret_state = &kernel;
    return 0;
}

static void kernel_destroy(void *state)
{
    (void)state;
}

static int kernel_update(void *state, int fd, unsigned events)
{
    (void)state;
    grader_expect(fd == kernel.fd, READ, "expected a channel of fd %d, got one of %d", kernel.fd,
                  fd);
    kernel.registered = kernel.refusal == 0;
    kernel.interest = events;
    return kernel.refusal;
}

static int kernel_remove(void *state, int fd)
{
    (void)state;
    (void)fd;
    kernel.registered = false;
    kernel.interest = 0;
    return 0;
}

static const char *word_for(unsigned events)
{
    static const char *const words[] = {"nothing", "EVENT_READ", "EVENT_WRITE",
                                        "EVENT_READ and EVENT_WRITE"};
    return words[events & 3];
}

/* Is the answer's interest right for the bytes that it holds? */
static void judge(void)
{
    size_t held = kernel_waiting();

    grader_expect(kernel.error_seen == 0, ERROR, "%s: expected on_end before the loop waits",
                  strerror(kernel.error_seen));
    grader_expect(!kernel.end_seen || held > 0, END,
                  "the end was received and nothing waits: expected on_end before the loop waits");
    /* In the first turn the window has just been opened, and nobody knows yet. */
    bool tried = held == 0 || kernel.window == 0 || kernel.interrupted || kernel.turns == 1;
    grader_expect(tried, AT_ONCE, "%zu bytes wait, though the kernel would take %zu", held,
                  kernel.window);
    /* What was over a mark only in the middle of the turn may count or not: then it is as asked. */
    if (kernel.congested ? kernel.fewest <= LOW : kernel.most > HIGH) {
        kernel.congested = (kernel.interest & EVENT_READ) == 0;
    }
    kernel.congested = held > HIGH || (kernel.congested && held > LOW);
    kernel.most = held;
    kernel.fewest = held;
    unsigned read = kernel.congested || kernel.end_seen ? 0 : EVENT_READ;
    unsigned right = read | (held > 0 ? EVENT_WRITE : 0U);
    grader_expect(kernel.interest == right,
                  ((kernel.interest ^ right) & EVENT_WRITE) ? WRITE : READ,
                  "%zu bytes wait (high %d, low %d)%s: expected interest in %s, got %s", held, HIGH,
                  LOW, kernel.end_seen ? ", the end was received" : "", word_for(right),
                  word_for(kernel.interest));
}

static int kernel_wait(void *state, int timeout_ms, struct ready_event *ret, size_t capacity)
{
    (void)state;
    (void)capacity;
    grader_expect(++kernel.turns < MOST_TURNS, LATER, "the loop turns without end");
    if (kernel.ends == 0 && timeout_ms < 0) {
        judge();
    }
    bool broken = kernel.recv_error != 0 && kernel.recv_error != EINTR;
    bool readable = kernel.arrived > 0 || kernel.end || kernel.spurious || kernel.recv_error != 0;
    bool writable = kernel.window > 0 || kernel.send_error != 0 || broken;
    kernel.reported =
        kernel.interest & ((readable ? EVENT_READ : 0U) | (writable ? EVENT_WRITE : 0U));
    kernel.spurious = false;
    *ret = (struct ready_event){.fd = kernel.fd, .events = kernel.reported};
    if (kernel.reported == 0) {
        return timeout_ms < 0 ? -ECANCELED : 0;
    }
    return 1;
}

const struct event_dispatcher kernel_dispatcher = {
    .name = "grader",
    .create = kernel_create,
    .destroy = kernel_destroy,
    .add = kernel_update,
    .update = kernel_update,
    .remove = kernel_remove,
    .wait = kernel_wait,
};
