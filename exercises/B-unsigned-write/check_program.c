/*
 * The grader of B-unsigned-write. It stands between the outbox and the socket: write and send are
 * answered here, as sockets of slow clients do it. One check has a real socket.
 */
#include "diagnosis.h"
#include "grader.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

struct outbox;
struct outbox *outbox_create(const char *data, size_t length);
int outbox_flush(struct outbox *outbox, int fd);
void outbox_destroy(struct outbox *outbox);

static const char ONCE[] = "each byte arrives once and in order (contract, 5)";
static const char NOT_YET[] =
    "at EAGAIN flush returns 0 and leaves the rest to the next call (contract, 6)";
static const char ENDS[] = "flush returns 1 when all is out, and 0 before (contract, 4)";
static const char SIGNAL[] = "EINTR loses nothing: try again, or return 0 (contract, 7)";
static const char ERROR[] = "any other error is returned as -errno (contract, 8)";

enum { SOCKET = 900, LENGTH = 500, MOST_STEPS = 16, ALL = LENGTH, MOST_FLUSHES = 1000 };

/* A socket that answers as its script says: bytes that it takes, or -errno. Then it takes all. */
static struct {
    int script[MOST_STEPS];
    size_t next;
    size_t calls;
    bool full; /* it has said EAGAIN since flush was called */
    size_t received;
    char data[8 * LENGTH];
} wire;

static ssize_t take(const void *data, size_t length)
{
    int step = wire.next < MOST_STEPS ? wire.script[wire.next++] : 0;

    wire.calls++;
    grader_expect(!wire.full, NOT_YET, "expected flush to return, got another write after EAGAIN");
    if (step < 0) {
        wire.full = step == -EAGAIN;
        errno = -step;
        return -1;
    }
    size_t taken = step > 0 && (size_t)step < length ? (size_t)step : length;
    size_t room = sizeof wire.data - wire.received;
    grader_expect(taken <= room, ONCE, "expected %d bytes, got more than %zu", LENGTH,
                  sizeof wire.data);
    memcpy(wire.data + wire.received, data, taken);
    wire.received += taken;
    return (ssize_t)taken;
}

ssize_t write(int fd, const void *data, size_t length)
{
    return fd == SOCKET ? take(data, length) : syscall(SYS_write, fd, data, length);
}

ssize_t send(int fd, const void *data, size_t length, int flags)
{
    return fd == SOCKET ? take(data, length)
                        : syscall(SYS_sendto, fd, data, length, flags, NULL, 0);
}

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
    struct timespec none = {0};

    grader_expect(timeout == 0, NOT_YET, "expected flush to return, got a poll that waits");
    return ppoll(fds, count, &none, NULL);
}

static void set_script(const int *script, size_t count)
{
    memset(&wire, 0, sizeof wire);
    memcpy(wire.script, script, count * sizeof *script);
}

static char expected_at(size_t place)
{
    return (char)('A' + place * 5 % 57);
}

static struct outbox *create(size_t length)
{
    char *data = malloc(length + 1);

    for (size_t i = 0; i < length; i++) {
        data[i] = expected_at(i);
    }
    struct outbox *outbox = outbox_create(data, length);
    /* The outbox has a copy: this one is gone before the first flush. */
    memset(data, '#', length);
    free(data);
    grader_expect(outbox != NULL, ONCE, "expected an outbox, got NULL");
    return outbox;
}

static int flush_once(struct outbox *outbox)
{
    wire.full = false;
    int result = outbox_flush(outbox, SOCKET);
    grader_step("flush returned %d; the client has %zu bytes", result, wire.received);
    return result;
}

static void expect_bytes(const char *data, size_t received, size_t length)
{
    for (size_t i = 0; i < received && i < length; i++) {
        grader_expect(data[i] == expected_at(i), ONCE,
                      "byte %zu of %zu: expected '%c', got '%c' (%d)", i, length, expected_at(i),
                      data[i], data[i]);
    }
    grader_expect(received == length, ONCE, "expected %zu bytes, got %zu", length, received);
}

/* Flushes until all is out, and expects all of it at the client, once. */
static void expect_whole(struct outbox *outbox, const char *why_not)
{
    int result = 0;

    for (int i = 0; result == 0 && i < MOST_FLUSHES; i++) {
        result = flush_once(outbox);
        grader_expect(result >= 0, why_not, "expected 0 or 1, got %d (%s)", result,
                      strerror(-result));
        grader_expect(result != 1 || wire.received >= LENGTH, ENDS,
                      "expected 0 with %zu of %d bytes out, got 1", wire.received, LENGTH);
    }
    grader_expect(result == 1, ENDS, "expected 1 in the end, got %d", result);
    expect_bytes(wire.data, wire.received, LENGTH);
    outbox_destroy(outbox);
}

START_TEST(the_line_is_found)
{
    diagnosis_expect_line("size_t written = write(", "outbox->sent += written;");
}
END_TEST

START_TEST(the_kind_is_named)
{
    diagnosis_expect_bug(BUG_SIGN_LOST);
}
END_TEST

START_TEST(the_tool_shows_it)
{
    diagnosis_expect_tool(1U << TOOL_COMPILER_WARNING | 1U << TOOL_STRACE | 1U << TOOL_GDB |
                          1U << TOOL_ADDRESS_SANITIZER | 1U << TOOL_UNDEFINED_SANITIZER);
}
END_TEST

START_TEST(an_answer_goes_out_in_pieces)
{
    static const int script[] = {1, 7, 100, 1, 300};

    grader_step("the socket takes 1, 7, 100, 1, 300 bytes, then the rest");
    set_script(script, sizeof script / sizeof script[0]);
    expect_whole(create(LENGTH), ENDS);
}
END_TEST

START_TEST(nothing_is_doubled_or_lost_when_the_socket_is_full)
{
    static const int scripts[][6] = {
        {200, -EAGAIN, 100, -EAGAIN, -EAGAIN, 50},
        {LENGTH - 1, -EAGAIN, 1},
        {-EAGAIN, 300, -EAGAIN, -EAGAIN, -EAGAIN, 20},
        {-EAGAIN, -EAGAIN, -EAGAIN},
    };

    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        grader_step("a new answer; the socket is full %s",
                    scripts[i][0] < 0 ? "at once" : "after some bytes");
        set_script(scripts[i], 6);
        expect_whole(create(LENGTH), NOT_YET);
    }
}
END_TEST

START_TEST(it_returns_while_the_socket_is_full)
{
    static const int script[] = {200, -EAGAIN, -EAGAIN, -EAGAIN};
    struct outbox *outbox = create(LENGTH);
    int result = 0;

    set_script(script, 4);
    grader_step("the socket takes 200 bytes and is full");
    for (int i = 0; i < 4; i++) {
        size_t calls = wire.calls;
        result = flush_once(outbox);
        grader_expect(result == 0 || wire.received == LENGTH, NOT_YET,
                      "expected 0 with %zu of %d bytes out, got %d", wire.received, LENGTH, result);
        grader_expect(result == 1 || wire.calls > calls, NOT_YET,
                      "expected every call to try, got one without a write");
    }
    expect_whole(outbox, NOT_YET);
}
END_TEST

START_TEST(a_signal_is_no_error)
{
    static const int script[] = {-EINTR, 200, -EINTR, -EINTR, 100, -EAGAIN};

    grader_step("a signal comes at the first write, then again in the middle");
    set_script(script, 6);
    expect_whole(create(LENGTH), SIGNAL);
}
END_TEST

START_TEST(a_real_error_is_told)
{
    static const int scripts[][3] = {{-EPIPE},     {200, -ECONNRESET}, {200, -EAGAIN, -EPIPE},
                                     {-ETIMEDOUT}, {200, -EIO},        {200, -EAGAIN, -ENOBUFS}};
    static const int errors[] = {EPIPE, ECONNRESET, EPIPE, ETIMEDOUT, EIO, ENOBUFS};

    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        struct outbox *outbox = create(LENGTH);
        int result = 0;
        grader_step("a new answer; the client is gone: %s", strerror(errors[i]));
        set_script(scripts[i], 3);
        for (int k = 0; result == 0 && k < MOST_FLUSHES; k++) {
            result = flush_once(outbox);
        }
        grader_expect(result == -errors[i], ERROR, "expected %d, got %d", -errors[i], result);
        outbox_destroy(outbox);
    }
}
END_TEST

START_TEST(when_all_is_out_nothing_more_is_written)
{
    static const int script[] = {ALL};
    struct outbox *outbox = create(LENGTH);

    set_script(script, 1);
    int result = flush_once(outbox);
    for (int i = 0; result == 0 && i < MOST_FLUSHES; i++) {
        result = flush_once(outbox);
    }
    grader_expect(result == 1, ENDS, "the socket takes all: expected 1, got %d", result);
    size_t calls = wire.calls;
    result = flush_once(outbox);
    grader_expect(result == 1 && wire.calls == calls, ENDS,
                  "all was out before: expected 1 and no write, got %d and %zu", result,
                  wire.calls - calls);
    expect_bytes(wire.data, wire.received, LENGTH);
    outbox_destroy(outbox);
    grader_step("an answer without a byte");
    set_script(script, 1);
    outbox = create(0);
    result = flush_once(outbox);
    grader_expect(result == 1 && wire.calls == 0, ENDS,
                  "an empty answer: expected 1 and no write, got %d and %zu", result, wire.calls);
    outbox_destroy(outbox);
}
END_TEST

/* A real client that reads slowly, and the outbox of its answer. */
struct slow_client {
    int ends[2];
    struct outbox *outbox;
    int result;
    size_t length;
    size_t received;
    char data[400000];
};

static void connect_client(struct slow_client *client, size_t length)
{
    int size = 8192;

    *client = (struct slow_client){.length = length};
    bool made = socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, client->ends) == 0 &&
                setsockopt(client->ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size) == 0;
    ck_assert_msg(made, "the grader has no socket pair: %s", strerror(errno));
    client->outbox = create(length);
}

/* Flushes once and reads a piece. Returns whether there may be more. */
static bool serve(struct slow_client *client, size_t piece)
{
    if (client->result == 0) {
        client->result = outbox_flush(client->outbox, client->ends[0]);
        grader_expect(client->result >= 0, NOT_YET, "expected 0 or 1, got %d", client->result);
    }
    ssize_t n = read(client->ends[1], client->data + client->received, piece);
    client->received += n > 0 ? (size_t)n : 0;
    grader_expect(client->received <= client->length, ONCE, "expected %zu bytes, got %zu",
                  client->length, client->received);
    return client->result == 0 || n > 0;
}

static void expect_all_of_it(struct slow_client *client)
{
    expect_bytes(client->data, client->received, client->length);
    outbox_destroy(client->outbox);
    close(client->ends[0]);
    close(client->ends[1]);
}

START_TEST(a_slow_client_gets_all_of_a_long_answer)
{
    static struct slow_client client;

    grader_step("an answer of 200000 bytes to a real client that reads 5000 at a time");
    connect_client(&client, 200000);
    while (serve(&client, 5000)) {
    }
    expect_all_of_it(&client);
}
END_TEST

START_TEST(two_clients_have_an_outbox_each)
{
    static struct slow_client first;
    static struct slow_client second;

    grader_step("two answers at a time, to clients that read 5000 and 3000 bytes at a time");
    connect_client(&first, 150000);
    connect_client(&second, 200000);
    for (bool more = true; more;) {
        more = serve(&first, 5000);
        more = serve(&second, 3000) || more;
    }
    expect_all_of_it(&first);
    expect_all_of_it(&second);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("diagnosis", NULL, NULL);
    grader_add(the_line_is_found);
    grader_add(the_kind_is_named);
    grader_add(the_tool_shows_it);
    grader_group("repair", NULL, NULL);
    grader_add(an_answer_goes_out_in_pieces);
    grader_add(nothing_is_doubled_or_lost_when_the_socket_is_full);
    grader_add(it_returns_while_the_socket_is_full);
    grader_add(a_signal_is_no_error);
    grader_add(a_real_error_is_told);
    grader_add(when_all_is_out_nothing_more_is_written);
    grader_add(a_slow_client_gets_all_of_a_long_answer);
    grader_add(two_clients_have_an_outbox_each);
    return grader_run(argc, argv);
}
