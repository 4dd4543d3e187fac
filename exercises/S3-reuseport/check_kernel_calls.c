#include "kernel_calls.h"

#include "grader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST_FDS = 1024, PRETENDED_PORT = 4711 };

const char *const call_names[CALL_KINDS] = {"socket", "setsockopt(SO_REUSEPORT)", "bind",
                                            "getsockname", "listen"};

static struct {
    bool on;
    bool ipv6;
    enum call failing;
    size_t nth; /* 0: none fails */
    int error;
    struct seen seen;
    bool open[MOST_FDS];
    bool pretended[MOST_FDS];
    struct sockaddr_in6 bound[MOST_FDS];
} kernel;

void fail_call(enum call kind, size_t nth, int error)
{
    kernel.failing = kind;
    kernel.nth = nth;
    kernel.error = error;
}

void pretend_ipv6(void)
{
    kernel.ipv6 = true;
}

void watch_begin(void)
{
    memset(&kernel.seen, 0, sizeof kernel.seen);
    memset(kernel.open, 0, sizeof kernel.open);
    kernel.seen.smallest_backlog = 1 << 30;
    kernel.on = true;
}

const struct seen *watch_end(void)
{
    kernel.on = false;
    kernel.nth = 0;
    return &kernel.seen;
}

/* Notes a call; returns whether it is the one that has to fail, with errno set. */
static bool fails(enum call kind)
{
    if (!kernel.on) {
        return false;
    }
    kernel.seen.counts[kind]++;
    if (kernel.seen.total < MOST_CALLS) {
        kernel.seen.calls[kernel.seen.total++] = kind;
    }
    if (kernel.nth == 0 || kind != kernel.failing || kernel.seen.counts[kind] != kernel.nth) {
        return false;
    }
    kernel.seen.failed = true;
    errno = kernel.error;
    return true;
}

static bool is_pretended(int fd)
{
    return fd >= 0 && fd < MOST_FDS && kernel.pretended[fd];
}

int socket(int domain, int type, int protocol)
{
    if (fails(CALL_SOCKET)) {
        return -1;
    }
    bool pretended = kernel.ipv6 && domain == AF_INET6;
    int fd = (int)syscall(SYS_socket, pretended ? AF_INET : domain, type, protocol);
    if (kernel.on && fd >= 0) {
        grader_expect(fd < MOST_FDS, "a few sockets are enough", "descriptor %d", fd);
        kernel.open[fd] = true;
        kernel.pretended[fd] = pretended;
        kernel.seen.open++;
        bool bare = (type & (SOCK_NONBLOCK | SOCK_CLOEXEC)) != (SOCK_NONBLOCK | SOCK_CLOEXEC);
        kernel.seen.born_bare = kernel.seen.born_bare || bare;
    }
    return fd;
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
    if (level == SOL_SOCKET && name == SO_REUSEPORT && fails(CALL_SETSOCKOPT)) {
        return -1;
    }
    if (is_pretended(fd) && level == IPPROTO_IPV6) {
        return 0;
    }
    return (int)syscall(SYS_setsockopt, fd, level, name, value, length);
}

int bind(int fd, __CONST_SOCKADDR_ARG address, socklen_t length)
{
    if (fails(CALL_BIND)) {
        return -1;
    }
    if (!is_pretended(fd)) {
        return (int)syscall(SYS_bind, fd, address.__sockaddr__, length);
    }
    if (length < sizeof kernel.bound[fd] || address.__sockaddr__->sa_family != AF_INET6) {
        errno = EINVAL;
        return -1;
    }
    memcpy(&kernel.bound[fd], address.__sockaddr__, sizeof kernel.bound[fd]);
    if (kernel.bound[fd].sin6_port == 0) {
        kernel.bound[fd].sin6_port = htons((uint16_t)(PRETENDED_PORT + fd));
    }
    return 0;
}

int getsockname(int fd, __SOCKADDR_ARG address, socklen_t *length)
{
    if (fails(CALL_GETSOCKNAME)) {
        return -1;
    }
    if (!is_pretended(fd)) {
        return (int)syscall(SYS_getsockname, fd, address.__sockaddr__, length);
    }
    socklen_t size = sizeof kernel.bound[fd];
    memcpy(address.__sockaddr__, &kernel.bound[fd], *length < size ? *length : size);
    *length = size;
    return 0;
}

int listen(int fd, int backlog)
{
    if (fails(CALL_LISTEN)) {
        return -1;
    }
    if (kernel.on && backlog < kernel.seen.smallest_backlog) {
        kernel.seen.smallest_backlog = backlog;
    }
    return is_pretended(fd) ? 0 : (int)syscall(SYS_listen, fd, backlog);
}

int close(int fd)
{
    if (!kernel.on) {
        return (int)syscall(SYS_close, fd);
    }
    if (fd < 0 || fd >= MOST_FDS || !kernel.open[fd]) {
        /* Something else that the answer may have opened is its own affair: then it is open. */
        bool was_open = fd > STDERR_FILENO && fcntl(fd, F_GETFD) >= 0;
        kernel.seen.wrong_close += was_open ? 0 : 1;
        return was_open ? (int)syscall(SYS_close, fd) : (errno = EBADF, -1);
    }
    kernel.open[fd] = false;
    kernel.pretended[fd] = false;
    kernel.seen.open--;
    int result = (int)syscall(SYS_close, fd);
    /* A call that succeeds may leave anything in errno; this one always does. */
    errno = EIO;
    return result;
}

size_t count_open(void)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t count = 0;

    ck_assert_ptr_nonnull(folder);
    while (readdir(folder) != NULL) {
        count++;
    }
    closedir(folder);
    return count;
}
