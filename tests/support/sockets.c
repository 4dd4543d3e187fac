#include "sockets.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* For system calls that a test needs and that nothing but a broken machine lets fail. */
static int must(int result, const char *what)
{
    ck_assert_msg(result >= 0, "%s: %s", what, strerror(errno));
    return result;
}

static void make_patient(int fd)
{
    struct timeval patience = {.tv_sec = SOCKETS_PATIENCE_MS / 1000};

    must(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), "SO_RCVTIMEO");
    must(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience), "SO_SNDTIMEO");
}

static void make_ends(const int pair[2])
{
    must(fcntl(pair[0], F_SETFL, O_RDWR | O_NONBLOCK), "O_NONBLOCK");
    make_patient(pair[1]);
}

void stream_pair(int ret_pair[2])
{
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ret_pair), "socketpair");
    make_ends(ret_pair);
}

void packet_pair(int ret_pair[2])
{
    must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_pair), "socketpair");
    make_ends(ret_pair);
}

int tcp_connect_to(int listen_fd)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");

    must(getsockname(listen_fd, (struct sockaddr *)&address, &length), "getsockname");
    make_patient(fd);
    must(connect(fd, (struct sockaddr *)&address, length), "connect");
    return fd;
}

void tcp_pair(int ret_pair[2])
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int listen_fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");

    must(bind(listen_fd, (struct sockaddr *)&any, sizeof any), "bind");
    must(listen(listen_fd, 1), "listen");
    ret_pair[1] = tcp_connect_to(listen_fd);
    ret_pair[0] = must(accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC), "accept");
    close(listen_fd);
    make_ends(ret_pair);
}

void peer_sends(int fd, const void *bytes, size_t length)
{
    const char *next = bytes;

    while (length > 0) {
        ssize_t n = send(fd, next, length, MSG_NOSIGNAL);
        must((int)n, "the peer's send");
        next += n;
        length -= (size_t)n;
    }
}

void peer_reads(int fd, void *ret_bytes, size_t length)
{
    char *next = ret_bytes;

    for (size_t got = 0; got < length;) {
        ssize_t n = recv(fd, next + got, length - got, 0);
        ck_assert_msg(n > 0, "the peer expected %zu bytes, got %zu and then: %s", length, got,
                      n == 0 ? "the end" : strerror(errno));
        got += (size_t)n;
    }
}

size_t peer_reads_now(int fd, void *ret_bytes, size_t capacity)
{
    ssize_t n = recv(fd, ret_bytes, capacity, MSG_DONTWAIT);

    ck_assert_msg(n >= 0 || errno == EAGAIN, "the peer's read: %s", strerror(errno));
    return n > 0 ? (size_t)n : 0;
}

void peer_sees_end(int fd)
{
    char byte;
    ssize_t n = recv(fd, &byte, 1, 0);

    ck_assert_msg(n == 0, "the peer expected the end, got: %s", n > 0 ? "a byte" : strerror(errno));
}

void peer_resets(int fd)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};

    must(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger), "SO_LINGER");
    close(fd);
}

void shrink_buffers(int fd)
{
    int least = 1;

    must(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof least), "SO_SNDBUF");
    must(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof least), "SO_RCVBUF");
}

void pattern(char *ret_bytes, size_t offset, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        size_t at = offset + i;
        ret_bytes[i] = (char)(at * 7 + (at >> 8) * 13 + (at >> 16) * 17);
    }
}

size_t fill(int fd, size_t offset)
{
    char block[4096];
    size_t total = 0;
    ssize_t n;

    do {
        pattern(block, offset + total, sizeof block);
        n = send(fd, block, sizeof block, MSG_DONTWAIT | MSG_NOSIGNAL);
        total += n > 0 ? (size_t)n : 0;
    } while (n > 0);
    ck_assert_msg(n < 0 && errno == EAGAIN, "filling a socket: %s", strerror(errno));
    return total;
}

size_t peer_reads_pattern_now(int fd, size_t offset)
{
    char got[16384];
    char expected[sizeof got];
    size_t length = peer_reads_now(fd, got, sizeof got);

    pattern(expected, offset, length);
    /* No ck_assert for each byte: Check notes every one of them. */
    for (size_t i = 0; i < length; i++) {
        if (got[i] != expected[i]) {
            ck_abort_msg("byte %zu: expected %d, got %d", offset + i, expected[i], got[i]);
        }
    }
    return length;
}

void await_readable(int fd)
{
    struct pollfd wanted = {.fd = fd, .events = POLLIN};

    ck_assert_msg(poll(&wanted, 1, SOCKETS_PATIENCE_MS) == 1, "descriptor %d: not readable in time",
                  fd);
}

bool descriptor_is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

int open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    ck_assert_ptr_nonnull(folder);
    while (readdir(folder) != NULL) {
        count++;
    }
    closedir(folder);
    return count - 3; /* ".", ".." and the folder's own descriptor */
}

static void set_descriptor_limit(rlim_t limit)
{
    struct rlimit now;

    must(getrlimit(RLIMIT_NOFILE, &now), "getrlimit");
    now.rlim_cur = limit;
    must(setrlimit(RLIMIT_NOFILE, &now), "setrlimit");
}

void allow_descriptors(int highest)
{
    struct rlimit now;

    must(getrlimit(RLIMIT_NOFILE, &now), "getrlimit");
    if (now.rlim_cur <= (rlim_t)highest) {
        set_descriptor_limit((rlim_t)highest + 1);
    }
}

unsigned long exhaust_descriptors(void)
{
    struct rlimit now;
    int lowest_free = must(dup(STDERR_FILENO), "dup");

    /* The limit is on the number of a new descriptor, not on how many there are. */
    close(lowest_free);
    must(getrlimit(RLIMIT_NOFILE, &now), "getrlimit");
    set_descriptor_limit((rlim_t)lowest_free);
    return (unsigned long)now.rlim_cur;
}

void restore_descriptors(unsigned long limit)
{
    set_descriptor_limit((rlim_t)limit);
}
