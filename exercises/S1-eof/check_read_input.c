/*
 * The grader of S1-eof. For one descriptor it is the kernel itself: recv and read are defined here
 * and answer from a script. The last checks leave that and use real connections.
 */
#include "grader.h"
#include "read_input.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char ONLY[] =
    "the kernel is asked with recv or read and with nothing else (contract, before 1)";
static const char BYTES[] = "the bytes stand at the start of the buffer in the order in which they "
                            "came, and length counts them, whatever the state (contract, 1)";
static const char INSIDE[] = "the kernel is asked for at least 1 byte, and for no more than there "
                             "is room for (contract, 2)";
static const char FULL[] = "INPUT_FULL: the buffer is full; the kernel is not asked again "
                           "(contract, 3)";
static const char NOTHING[] = "INPUT_NOTHING_FOR_NOW: the kernel said EAGAIN, and is not asked "
                              "again; until then it is (contract, 4)";
static const char ENDED[] = "INPUT_ENDED: the kernel was asked for bytes and said 0 (contract, 5)";
static const char SIGNAL[] = "EINTR says nothing about the socket: ask again (contract, 6)";
static const char FAILED[] = "INPUT_FAILED: any other error, its number in error, which is 0 in "
                             "all other states (contract, 7)";
static const char ERRNO[] = "errno means something only after -1 (contract, 8)";

enum { MOST_ANSWERS = 16, CAPACITY = 64, CANARY = 0x7E };

/* What the kernel answers: so many bytes; 0, the end; or -errno. */
static struct {
    int fd; /* whose kernel we are */
    int answers[MOST_ANSWERS];
    size_t count;
    size_t given;      /* answers so far */
    size_t used;       /* bytes of a positive answer that were given already */
    size_t position;   /* in the stream of bytes */
    int errno_for_all; /* errno after an answer that is no error; 0: leave it alone */
    char buffer[CAPACITY + 16];
    size_t capacity;
    size_t filled; /* of the buffer, in this call of read_input */
    bool asked;    /* read_input runs */
} kernel = {.fd = -1};

static char pattern(size_t position)
{
    return (char)('a' + position % 23);
}

static const char *name_of(int answer)
{
    static char text[64];

    if (answer < 0) {
        snprintf(text, sizeof text, "-1, '%s'", strerror(-answer));
    } else {
        snprintf(text, sizeof text, "%d%s", answer, answer == 0 ? ", the end" : " bytes");
    }
    return text;
}

static ssize_t give_bytes(char *bytes, size_t wanted)
{
    size_t there = (size_t)kernel.answers[kernel.given] - kernel.used;
    size_t n = there < wanted ? there : wanted;

    for (size_t i = 0; i < n; i++) {
        bytes[i] = pattern(kernel.position++);
    }
    kernel.used += n;
    kernel.filled += n;
    if (n == there) {
        kernel.used = 0;
        kernel.given++;
    }
    return (ssize_t)n;
}

/* Why the kernel is not asked again after its last answer. */
static const char *rule_of_last(void)
{
    int last = kernel.given > 0 ? kernel.answers[kernel.given - 1] : 1;

    if (last > 0) {
        return FULL;
    }
    return last == 0 ? ENDED : last == -EAGAIN ? NOTHING : FAILED;
}

static ssize_t answer(void *bytes, size_t wanted)
{
    size_t room = kernel.capacity - kernel.filled;

    grader_expect(wanted > 0 && wanted <= room, wanted > 0 || room > 0 ? INSIDE : FULL,
                  "asked for %zu bytes with room for %zu", wanted, room);
    bool more = kernel.given < kernel.count;
    grader_expect(more, rule_of_last(), "asked once more after the kernel had said %s",
                  kernel.given == 0 ? "nothing yet" : name_of(kernel.answers[kernel.given - 1]));
    int next = kernel.answers[kernel.given];
    errno = kernel.errno_for_all != 0 && next >= 0 ? kernel.errno_for_all : errno;
    if (next > 0) {
        return give_bytes(bytes, wanted);
    }
    kernel.given++;
    if (next < 0) {
        errno = -next;
        return -1;
    }
    return 0;
}

ssize_t recv(int fd, void *bytes, size_t length, int flags)
{
    if (fd == kernel.fd) {
        grader_expect((flags & ~MSG_DONTWAIT) == 0, INSIDE, "recv was called with flags 0x%x",
                      (unsigned)flags);
        return answer(bytes, length);
    }
    return syscall(SYS_recvfrom, fd, bytes, length, flags, NULL, NULL);
}

ssize_t read(int fd, void *bytes, size_t length)
{
    return fd == kernel.fd ? answer(bytes, length) : syscall(SYS_read, fd, bytes, length);
}

/* The other calls by which one might ask: while read_input runs, none of them is allowed. */
static void refuse(const char *call)
{
    grader_expect(!kernel.asked, ONLY, "%s was called", call);
}

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
    refuse("poll");
    struct timespec wait = {.tv_sec = timeout / 1000, .tv_nsec = timeout % 1000 * 1000000L};
    return ppoll(fds, count, timeout < 0 ? NULL : &wait, NULL);
}

int getsockopt(int fd, int level, int name, void *value, socklen_t *length)
{
    refuse("getsockopt");
    return (int)syscall(SYS_getsockopt, fd, level, name, value, length);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    refuse("recvmsg");
    return syscall(SYS_recvmsg, fd, message, flags);
}

static struct input ask(int fd, size_t capacity)
{
    kernel.asked = true;
    struct input input = read_input(fd, kernel.buffer, capacity);
    kernel.asked = false;
    return input;
}

/* The script of a connection; no more than MOST_ANSWERS. */
static void script(const int *answers, size_t count)
{
    char text[512];
    size_t used = 0;

    text[0] = '\0';
    memset(&kernel, 0, sizeof kernel);
    kernel.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(kernel.fd, 0);
    kernel.count = count;
    errno = 0;
    for (size_t i = 0; i < count; i++) {
        kernel.answers[i] = answers[i];
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i > 0 ? "; " : "",
                                 name_of(answers[i]));
    }
    grader_step("the kernel will answer: %s", text);
}

#define SCRIPT(...)                                                                                \
    script((const int[]){__VA_ARGS__}, sizeof(const int[]){__VA_ARGS__} / sizeof(int))

static void tear_down(void)
{
    close(kernel.fd);
}

static const char *word_for(enum input_state state)
{
    static const char *const words[] = {
        [INPUT_FULL] = "INPUT_FULL",
        [INPUT_NOTHING_FOR_NOW] = "INPUT_NOTHING_FOR_NOW",
        [INPUT_ENDED] = "INPUT_ENDED",
        [INPUT_FAILED] = "INPUT_FAILED",
    };
    return (unsigned)state <= INPUT_FAILED ? words[state] : "no such state";
}

/* Compares all that read_input says with what is right; `first` is where its bytes begin. */
static void expect_input(struct input input, size_t first, size_t length, enum input_state state,
                         int error, const char *rule)
{
    grader_expect(input.length == length, input.state == state ? BYTES : rule,
                  "expected %zu bytes and %s, got %zu bytes and %s", length, word_for(state),
                  input.length, word_for(input.state));
    grader_expect(input.state == state, rule, "after %zu bytes: expected %s, got %s", length,
                  word_for(state), word_for(input.state));
    grader_expect(input.error == error, FAILED, "%s: expected error %d, got %d", word_for(state),
                  error, input.error);
    for (size_t i = 0; i < length; i++) {
        grader_expect(kernel.buffer[i] == pattern(first + i), BYTES,
                      "byte %zu: expected '%c', got '%c'", i, pattern(first + i), kernel.buffer[i]);
    }
}

/* Calls read_input on the scripted connection. It is to take `answers` answers more. */
static void expect(size_t capacity, size_t answers, size_t length, enum input_state state,
                   int error, const char *rule)
{
    size_t first = kernel.position;
    size_t given = kernel.given;

    kernel.capacity = capacity;
    kernel.filled = 0;
    memset(kernel.buffer, CANARY, sizeof kernel.buffer);
    grader_step("read_input, capacity %zu", capacity);
    struct input input = ask(kernel.fd, capacity);
    expect_input(input, first, length, state, error, rule);
    grader_expect(kernel.given - given == answers, rule,
                  "expected %zu answers of the kernel to be heard, got %zu: it returned %s before "
                  "the kernel had said so",
                  answers, kernel.given - given, word_for(input.state));
    for (size_t i = capacity; i < sizeof kernel.buffer; i++) {
        grader_expect(kernel.buffer[i] == CANARY, INSIDE, "byte %zu has changed, with room for %zu",
                      i, capacity);
    }
}

START_TEST(bytes_are_read_until_there_are_none)
{
    SCRIPT(5, -EAGAIN);
    expect(CAPACITY, 2, 5, INPUT_NOTHING_FOR_NOW, 0, NOTHING);
    tear_down();
    SCRIPT(3, 4, 1, 5, -EAGAIN);
    expect(CAPACITY, 5, 13, INPUT_NOTHING_FOR_NOW, 0, NOTHING);
}
END_TEST

START_TEST(nothing_for_now_is_no_end)
{
    SCRIPT(-EAGAIN, -EAGAIN, 7, -EAGAIN);
    expect(CAPACITY, 1, 0, INPUT_NOTHING_FOR_NOW, 0, NOTHING);
    expect(CAPACITY, 1, 0, INPUT_NOTHING_FOR_NOW, 0, NOTHING);
    expect(CAPACITY, 2, 7, INPUT_NOTHING_FOR_NOW, 0, NOTHING);
}
END_TEST

START_TEST(the_end_is_the_end)
{
    SCRIPT(0);
    expect(CAPACITY, 1, 0, INPUT_ENDED, 0, ENDED);
    tear_down();
    SCRIPT(6, 2, 0);
    expect(CAPACITY, 3, 8, INPUT_ENDED, 0, ENDED);
}
END_TEST

START_TEST(a_signal_changes_nothing)
{
    SCRIPT(-EINTR, 5, -EINTR, -EINTR, 4, -EAGAIN, -EINTR, 0);
    expect(CAPACITY, 6, 9, INPUT_NOTHING_FOR_NOW, 0, SIGNAL);
    expect(CAPACITY, 2, 0, INPUT_ENDED, 0, SIGNAL);
}
END_TEST

START_TEST(a_full_buffer_is_no_end)
{
    SCRIPT(8, 20, -EAGAIN);
    expect(8, 1, 8, INPUT_FULL, 0, FULL);
    expect(8, 0, 8, INPUT_FULL, 0, FULL);
    expect(0, 0, 0, INPUT_FULL, 0, FULL);
    expect(12, 1, 12, INPUT_FULL, 0, FULL);
    expect(12, 1, 0, INPUT_NOTHING_FOR_NOW, 0, NOTHING);
}
END_TEST

START_TEST(other_errors_are_failures)
{
    static const int errors[] = {ECONNRESET, ETIMEDOUT, EHOSTUNREACH, ENOTCONN, EBADF,
                                 EPIPE,      EIO,       EINPROGRESS,  ENOMEM,   ENOBUFS};

    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        SCRIPT(-errors[i]);
        expect(CAPACITY, 1, 0, INPUT_FAILED, errors[i], FAILED);
        tear_down();
    }
    SCRIPT(-EINTR, 0);
    expect(CAPACITY, 2, 0, INPUT_ENDED, 0, ENDED);
}
END_TEST

START_TEST(bytes_before_the_end_are_not_lost)
{
    SCRIPT(4, 3, -ECONNRESET);
    expect(CAPACITY, 3, 7, INPUT_FAILED, ECONNRESET, FAILED);
    tear_down();
    SCRIPT(4, -EINTR, 3, 0);
    expect(CAPACITY, 4, 7, INPUT_ENDED, 0, ENDED);
}
END_TEST

START_TEST(errno_counts_only_after_minus_one)
{
    static const int left_over[] = {EAGAIN, EINTR, ECONNRESET};

    for (size_t i = 0; i < sizeof left_over / sizeof left_over[0]; i++) {
        SCRIPT(5, 3, 0);
        grader_step("errno has been '%s' for long, and stays so", strerror(left_over[i]));
        kernel.errno_for_all = left_over[i];
        expect(CAPACITY, 3, 8, INPUT_ENDED, 0, ERRNO);
        tear_down();
    }
    SCRIPT(8, 5, -EAGAIN);
    kernel.errno_for_all = EINTR;
    expect(8, 1, 8, INPUT_FULL, 0, ERRNO);
    expect(8, 2, 5, INPUT_NOTHING_FOR_NOW, 0, ERRNO);
}
END_TEST

/* Two ends of a TCP connection on the loopback address; the server's does not block. */
static void connect_both(int *ret_client, int *ret_server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert(bind(listening, (struct sockaddr *)&address, length) == 0);
    ck_assert(listen(listening, 1) == 0);
    ck_assert(getsockname(listening, (struct sockaddr *)&address, &length) == 0);
    ck_assert(connect(client, (struct sockaddr *)&address, length) == 0);
    *ret_client = client;
    *ret_server = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    ck_assert(*ret_server >= 0);
    close(listening);
}

static void wait_for(int fd, short events)
{
    struct pollfd wanted = {.fd = fd, .events = events};

    ck_assert(poll(&wanted, 1, -1) == 1);
}

static void expect_real(int fd, size_t length, enum input_state state, int error, const char *rule)
{
    grader_step("read_input");
    expect_input(ask(fd, CAPACITY), 0, length, state, error, rule);
}

START_TEST(real_connections_are_told_apart)
{
    int client;
    int server;

    kernel.fd = -1;
    grader_step("a TCP connection on which nothing has come");
    connect_both(&client, &server);
    expect_real(server, 0, INPUT_NOTHING_FOR_NOW, 0, NOTHING);
    grader_step("the client sends 3 bytes");
    ck_assert(send(client, "abc", 3, MSG_NOSIGNAL) == 3);
    wait_for(server, POLLIN);
    expect_real(server, 3, INPUT_NOTHING_FOR_NOW, 0, NOTHING);
    grader_step("the client sends 2 bytes and its end");
    ck_assert(send(client, "ab", 2, MSG_NOSIGNAL) == 2 && shutdown(client, SHUT_WR) == 0);
    wait_for(server, POLLRDHUP);
    expect_real(server, 2, INPUT_ENDED, 0, ENDED);
    close(client);
    close(server);
    grader_step("another client, which resets its connection");
    connect_both(&client, &server);
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    ck_assert(setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
    close(client);
    wait_for(server, POLLIN);
    expect_real(server, 0, INPUT_FAILED, ECONNRESET, FAILED);
    close(server);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("a scripted kernel", NULL, tear_down);
    grader_add(bytes_are_read_until_there_are_none);
    grader_add(nothing_for_now_is_no_end);
    grader_add(the_end_is_the_end);
    grader_add(a_signal_changes_nothing);
    grader_add(a_full_buffer_is_no_end);
    grader_add(other_errors_are_failures);
    grader_add(bytes_before_the_end_are_not_lost);
    grader_add(errno_counts_only_after_minus_one);
    grader_group("real connections", NULL, NULL);
    grader_add(real_connections_are_told_apart);
    return grader_run(argc, argv);
}
