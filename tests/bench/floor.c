/*
 * floor: the least that an answer over TCP can cost. It reads, looks for the ends of the requests,
 * writes prepared bytes, and checks nothing at all. A benchmark's reference point, not a server.
 *
 *     floor PORT                  one write for each request
 *     floor PORT per-read         one write for all requests that a read has brought
 *     floor PORT close            one request a connection, then close
 *     floor PORT file PATH        a prepared head and sendfile
 *
 * Every request must end in one read, as those of a load generator do.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EVENTS = 256, INPUT_BYTES = 65536, MOST_AT_ONCE = 1024, MOST_DESCRIPTORS = 65536 };

/* As long as the answers of stage 4: the same bytes cross the kernel. */
#define COMMON_LINES                                                                               \
    "HTTP/1.1 200 OK\r\n"                                                                          \
    "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"                                                      \
    "Server: reactor-lab\r\n"
#define HELLO(connection_line)                                                                     \
    COMMON_LINES "Content-Type: text/plain\r\nContent-Length: 14\r\n" connection_line              \
                 "\r\nHello, world!\n"
#define FILE_HEAD                                                                                  \
    COMMON_LINES "ETag: \"abcdef-400-0123456789abcdef\"\r\n"                                       \
                 "Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT\r\n"                                \
                 "Accept-Ranges: bytes\r\n"                                                        \
                 "Content-Type: application/octet-stream\r\n"                                      \
                 "Content-Length: %lld\r\n\r\n"

static const char hello[] = HELLO("");
static const char last_hello[] = HELLO("Connection: close\r\n");

static enum { PER_REQUEST, PER_READ, CLOSE, SEND_FILE } form;
static char many[MOST_AT_ONCE * sizeof hello]; /* hello, over and over */
static char file_head[256];
static size_t file_head_length;
static int file = -1;
static off_t file_size;
static off_t file_offset[MOST_DESCRIPTORS]; /* of the answer in progress; file_size: none */
static int epoll_fd;

static void die(const char *what)
{
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void watch(int operation, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};

    if (epoll_ctl(epoll_fd, operation, fd, &event) < 0) {
        die("epoll_ctl");
    }
}

static size_t count_requests(const char *bytes, size_t length)
{
    size_t count = 0;
    const char *end = bytes + length;
    const char *found;

    while ((found = memmem(bytes, (size_t)(end - bytes), "\r\n\r\n", 4)) != NULL) {
        bytes = found + 4;
        count++;
    }
    return count;
}

static void write_all(int fd, const char *bytes, size_t length, int flags)
{
    if (send(fd, bytes, length, MSG_NOSIGNAL | flags) != (ssize_t)length && errno != EPIPE &&
        errno != ECONNRESET) {
        die("a client does not read");
    }
}

/* One sendfile; what a full socket did not take follows when epoll says so. */
static void send_file(int fd, bool waited)
{
    ssize_t sent = sendfile(fd, file, &file_offset[fd], (size_t)(file_size - file_offset[fd]));
    bool waits = sent >= 0 && file_offset[fd] < file_size;

    if (waits || (sent < 0 && errno == EAGAIN)) {
        if (!waited) {
            watch(EPOLL_CTL_MOD, fd, EPOLLOUT);
        }
    } else if (waited) {
        watch(EPOLL_CTL_MOD, fd, EPOLLIN);
    }
}

static void answer(int fd, size_t requests)
{
    switch (form) {
    case PER_REQUEST:
        for (size_t i = 0; i < requests; i++) {
            write_all(fd, hello, sizeof hello - 1, 0);
        }
        return;
    case PER_READ:
        write_all(fd, many, requests * (sizeof hello - 1), 0);
        return;
    case CLOSE:
        write_all(fd, last_hello, sizeof last_hello - 1, 0);
        close(fd);
        return;
    case SEND_FILE:
        file_offset[fd] = 0;
        write_all(fd, file_head, file_head_length, MSG_MORE);
        send_file(fd, false);
        return;
    }
}

static void serve(int fd, uint32_t events)
{
    static char input[INPUT_BYTES];

    if (events == EPOLLOUT) {
        send_file(fd, true);
        return;
    }
    ssize_t length = recv(fd, input, sizeof input, 0);
    if (length > 0) {
        answer(fd, count_requests(input, (size_t)length));
    } else if (length == 0 || errno != EAGAIN) {
        close(fd);
    }
}

static void accept_one(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd >= MOST_DESCRIPTORS) {
        errno = EMFILE;
    }
    if (fd >= 0 && fd < MOST_DESCRIPTORS) {
        watch(EPOLL_CTL_ADD, fd, EPOLLIN);
    } else if (errno != EAGAIN) {
        die("accept");
    }
}

static int listen_on(const char *port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)atoi(port)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int one = 1;

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0 ||
        /* Accepted sockets inherit it. */
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 4096) < 0) {
        die(port);
    }
    return fd;
}

static void prepare_file(const char *path)
{
    struct stat status;

    file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) < 0) {
        die(path);
    }
    file_size = status.st_size;
    file_head_length =
        (size_t)snprintf(file_head, sizeof file_head, FILE_HEAD, (long long)status.st_size);
}

static void prepare(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[2], "per-read") == 0) {
        form = PER_READ;
        for (size_t i = 0; i < MOST_AT_ONCE; i++) {
            memcpy(many + i * (sizeof hello - 1), hello, sizeof hello - 1);
        }
    } else if (argc == 3 && strcmp(argv[2], "close") == 0) {
        form = CLOSE;
    } else if (argc == 4 && strcmp(argv[2], "file") == 0) {
        form = SEND_FILE;
        prepare_file(argv[3]);
    } else if (argc != 2) {
        fprintf(stderr, "usage: floor PORT [per-read | close | file PATH]\n");
        exit(2);
    }
}

int main(int argc, char **argv)
{
    struct epoll_event events[EVENTS];

    signal(SIGPIPE, SIG_IGN); /* sendfile has no flag for that */
    prepare(argc, argv);
    int listener = listen_on(argv[1]);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    watch(EPOLL_CTL_ADD, listener, EPOLLIN);
    for (;;) {
        int count = epoll_wait(epoll_fd, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == listener) {
                accept_one(listener);
            } else {
                serve(events[i].data.fd, events[i].events);
            }
        }
    }
}
