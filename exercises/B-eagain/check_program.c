/*
 * The grader of B-eagain. It stands between the program and the socket: read and recv are answered
 * here, so that pauses, signals and errors come where they are wanted. One check has a real socket.
 */
#include "diagnosis.h"
#include "grader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef void line_handler(const char *line, void *context);

struct client;
struct client *client_create(int fd, line_handler *on_line, void *context);
bool client_readable(struct client *client);
void client_destroy(struct client *client);

static const char LINES[] = "each complete line is handed out once and in order (contract, 4)";
static const char STAYS[] = "nothing to read now is not the end: the client stays (contract, 6)";
static const char RETURNS[] =
    "after EAGAIN client_readable returns; it neither waits nor tries again (contract, 6)";
static const char GONE[] = "read returned 0, so the client has gone (contract, 8)";
static const char ERROR[] = "after any other error the client has gone (contract, 9)";
static const char SIGNAL[] = "EINTR is not the end: try again, or return true (contract, 7)";
static const char LONG[] =
    "a line has at most 127 bytes; who sends a longer one goes (contract, 10)";

enum { SOCKET = 900, LONGEST_LINE = 127, MOST_CALLS = 1000 };

/* What the next calls of read find. `error` 0: the text, or the end if there is none. */
struct found {
    const char *text;
    int error;
};

static const struct found PAUSE = {.error = EAGAIN};
static const struct found THE_END = {.text = ""};

static struct {
    struct found script[32];
    size_t count;
    size_t next;
    size_t taken; /* of the text at `next` */
    bool ended;
    bool paused; /* EAGAIN was said since client_readable was called */
    char lines[1024];
} wire;

static ssize_t find(void *data, size_t room)
{
    struct found now = wire.next < wire.count ? wire.script[wire.next] : PAUSE;

    grader_expect(!wire.paused, RETURNS, "expected it to return, got another read after EAGAIN");
    grader_expect(room > 0, LINES, "expected to be asked for some bytes, got a read of 0 bytes");
    if (now.error != 0) {
        wire.paused = now.error == EAGAIN;
        wire.next++;
        errno = now.error;
        return -1;
    }
    size_t length = strlen(now.text) - wire.taken;
    if (length > room) {
        length = room;
    }
    memcpy(data, now.text + wire.taken, length);
    wire.taken += length;
    wire.ended = now.text[0] == '\0';
    if (now.text[wire.taken] == '\0' && !wire.ended) {
        wire.taken = 0;
        wire.next++;
    }
    return (ssize_t)length;
}

ssize_t read(int fd, void *data, size_t room)
{
    return fd == SOCKET ? find(data, room) : syscall(SYS_read, fd, data, room);
}

ssize_t recv(int fd, void *data, size_t room, int flags)
{
    grader_expect((flags & ~MSG_DONTWAIT) == 0, LINES, "recv was called with flags 0x%x",
                  (unsigned)flags);
    return fd == SOCKET ? find(data, room)
                        : syscall(SYS_recvfrom, fd, data, room, flags, NULL, NULL);
}

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
    grader_expect(timeout == 0, RETURNS, "expected it to return, got a poll that waits");
    return ppoll(fds, count, &(struct timespec){0}, NULL);
}

static void note_line(const char *line, void *context)
{
    size_t used = strlen(wire.lines);

    grader_expect(context == &wire, LINES, "expected the context of client_create, got another");
    snprintf(wire.lines + used, sizeof wire.lines - used, "%s|", line);
}

static struct client *create(int fd)
{
    memset(&wire, 0, sizeof wire);
    struct client *client = client_create(fd, note_line, &wire);
    grader_expect(client != NULL, LINES, "expected a client, got NULL");
    return client;
}

static void will_find(struct found found)
{
    wire.script[wire.count++] = found;
    if (found.error != 0) {
        grader_step("the next read fails: %s", strerror(found.error));
    } else if (found.text[0] == '\0') {
        grader_step("the client has closed: read returns 0");
    } else {
        grader_step("the client has sent %zu bytes: '%.20s'", strlen(found.text), found.text);
    }
}

static void text_comes(const char *text)
{
    will_find((struct found){.text = text});
}

static void error_comes(int error)
{
    will_find((struct found){.error = error});
}

/* Calls client_readable as poll would have it: until all is found. Returns its last word. */
static bool read_all(struct client *client)
{
    bool here = true;

    for (int i = 0; here && wire.next < wire.count && !wire.ended; i++) {
        grader_expect(i < MOST_CALLS, LINES, "expected something to be read in %d calls", i);
        wire.paused = false;
        here = client_readable(client);
    }
    return here;
}

static void expect_here(struct client *client, const char *rule)
{
    grader_expect(read_all(client), rule, "expected true (the client stays), got false");
}

static void expect_gone(struct client *client, const char *rule)
{
    grader_expect(!read_all(client), rule, "expected false (the client has gone), got true");
    client_destroy(client);
}

static void expect_lines(const char *expected)
{
    grader_expect(strcmp(wire.lines, expected) == 0, LINES, "expected the lines '%s', got '%s'",
                  expected, wire.lines);
}

START_TEST(the_line_is_found)
{
    diagnosis_expect_line("ssize_t n = read(", "client->used += (size_t)n;");
}
END_TEST

START_TEST(the_kind_is_named)
{
    diagnosis_expect_bug(BUG_NOT_YET_TAKEN_FOR_END);
}
END_TEST

START_TEST(the_tool_shows_it)
{
    diagnosis_expect_tool(1U << TOOL_STRACE | 1U << TOOL_GDB);
}
END_TEST

START_TEST(who_sends_all_at_once_is_heard)
{
    struct client *client = create(SOCKET);

    text_comes("one\n\nthree\n");
    will_find(THE_END);
    expect_gone(client, GONE);
    expect_lines("one||three|");
}
END_TEST

START_TEST(a_client_that_pauses_stays)
{
    struct client *client = create(SOCKET);

    error_comes(EAGAIN);
    expect_here(client, STAYS);
    text_comes("one\n");
    error_comes(EAGAIN);
    expect_here(client, STAYS);
    expect_lines("one|");
    error_comes(EAGAIN);
    expect_here(client, STAYS);
    text_comes("two\nthree\n");
    error_comes(EAGAIN);
    expect_here(client, STAYS);
    expect_lines("one|two|three|");
    client_destroy(client);
}
END_TEST

START_TEST(a_line_may_come_in_pieces)
{
    static const char *const pieces[] = {"o", "n", "e\nt", "wo", "\n", "thr", "ee\nfour\nfi"};
    struct client *client = create(SOCKET);

    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        text_comes(pieces[i]);
        error_comes(EAGAIN);
        expect_here(client, STAYS);
    }
    expect_lines("one|two|three|four|");
    text_comes("ve\n");
    error_comes(EAGAIN);
    expect_here(client, STAYS);
    expect_lines("one|two|three|four|five|");
    client_destroy(client);
}
END_TEST

START_TEST(the_end_is_the_end)
{
    struct client *client = create(SOCKET);

    text_comes("one\n");
    error_comes(EAGAIN);
    expect_here(client, STAYS);
    will_find(THE_END);
    expect_gone(client, GONE);
    expect_lines("one|");
    grader_step("another client closes without a word");
    client = create(SOCKET);
    will_find(THE_END);
    expect_gone(client, GONE);
    grader_step("another client closes in the middle of a line");
    client = create(SOCKET);
    text_comes("one\ntw");
    error_comes(EAGAIN);
    will_find(THE_END);
    expect_gone(client, GONE);
    expect_lines("one|");
}
END_TEST

START_TEST(a_broken_client_is_given_up)
{
    static const int errors[] = {ECONNRESET, ETIMEDOUT, EIO, EHOSTUNREACH, ENOBUFS};

    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        struct client *client = create(SOCKET);
        text_comes("one\ntwo");
        error_comes(EAGAIN);
        error_comes(errors[i]);
        expect_gone(client, ERROR);
        expect_lines("one|");
    }
}
END_TEST

START_TEST(a_signal_is_not_the_end)
{
    struct client *client = create(SOCKET);

    error_comes(EINTR);
    text_comes("on");
    error_comes(EINTR);
    error_comes(EINTR);
    text_comes("e\n");
    error_comes(EAGAIN);
    expect_here(client, SIGNAL);
    expect_lines("one|");
    client_destroy(client);
}
END_TEST

START_TEST(a_line_has_a_longest_length)
{
    char longest[LONGEST_LINE + 2];
    char expected[LONGEST_LINE + 3];
    char endless[2 * LONGEST_LINE];
    struct client *client = create(SOCKET);

    snprintf(longest, sizeof longest, "%0*d\n", LONGEST_LINE, 7);
    snprintf(expected, sizeof expected, "%0*d|", LONGEST_LINE, 7);
    text_comes(longest);
    error_comes(EAGAIN);
    expect_here(client, LONG);
    expect_lines(expected);
    snprintf(endless, sizeof endless, "%0*d", LONGEST_LINE + 1, 7);
    text_comes(endless);
    expect_gone(client, LONG);
    expect_lines(expected);
    grader_step("another client sends a short line and a long one, whose newline is there");
    client = create(SOCKET);
    snprintf(endless, sizeof endless, "one\n%0*d\n", LONGEST_LINE + 1, 7);
    text_comes(endless);
    error_comes(EAGAIN);
    expect_gone(client, LONG);
    expect_lines("one|");
    grader_step("another client sends a long line in two pieces");
    client = create(SOCKET);
    snprintf(endless, sizeof endless, "%0*d", 100, 7);
    text_comes(endless);
    error_comes(EAGAIN);
    expect_here(client, LONG);
    text_comes("..........................28\n");
    error_comes(EAGAIN);
    expect_gone(client, LONG);
    expect_lines("");
}
END_TEST

START_TEST(a_large_piece_has_many_lines)
{
    enum { COUNT = 60 };
    char piece[COUNT * 5 + 1];
    char expected[COUNT * 5 + 1];
    struct client *client = create(SOCKET);

    for (int i = 0; i < COUNT; i++) {
        snprintf(piece + i * 5, 6, "%04d\n", i);
        snprintf(expected + i * 5, 6, "%04d|", i);
    }
    text_comes(piece);
    error_comes(EAGAIN);
    expect_here(client, STAYS);
    expect_lines(expected);
    client_destroy(client);
}
END_TEST

/* Their lines are noted in one list: the order tells whose they are. */
START_TEST(two_clients_do_not_mix)
{
    struct client *first = create(SOCKET);
    struct client *second = client_create(SOCKET, note_line, &wire);

    grader_step("two clients; the reads are those of the first, the second, the first, ...");
    grader_expect(second != NULL && second != first, LINES, "expected another client");
    text_comes("on");
    error_comes(EAGAIN);
    expect_here(first, STAYS);
    text_comes("tw");
    error_comes(EAGAIN);
    expect_here(second, STAYS);
    text_comes("e\n");
    error_comes(EAGAIN);
    expect_here(first, STAYS);
    text_comes("o\n");
    error_comes(EAGAIN);
    expect_here(second, STAYS);
    expect_lines("one|two|");
    client_destroy(first);
    client_destroy(second);
}
END_TEST

static bool is_readable(int fd)
{
    return poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 0) > 0;
}

START_TEST(a_real_client_may_take_its_time)
{
    static const char *const pieces[] = {"first\nsec", "ond\n", "third\n"};
    int ends[2];

    bool made = socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0;
    ck_assert_msg(made, "the grader has no socket pair: %s", strerror(errno));
    struct client *client = create(ends[0]);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        grader_step("a real client sends '%s', then nothing for a while", pieces[i]);
        ck_assert_msg(write(ends[1], pieces[i], strlen(pieces[i])) > 0, "write fails");
        while (is_readable(ends[0])) {
            grader_expect(client_readable(client), STAYS, "expected true, got false");
        }
        grader_expect(client_readable(client), STAYS, "expected true once more, got false");
    }
    expect_lines("first|second|third|");
    grader_step("the client closes");
    close(ends[1]);
    grader_expect(!client_readable(client), GONE, "expected false, got true");
    client_destroy(client);
    grader_expect(fcntl(ends[0], F_GETFD) < 0,
                  "client_destroy closes the descriptor (contract, 11)",
                  "expected it to be closed, got it open");
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("diagnosis", NULL, NULL);
    grader_add(the_line_is_found);
    grader_add(the_kind_is_named);
    grader_add(the_tool_shows_it);
    grader_group("repair", NULL, NULL);
    grader_add(who_sends_all_at_once_is_heard);
    grader_add(a_client_that_pauses_stays);
    grader_add(a_line_may_come_in_pieces);
    grader_add(the_end_is_the_end);
    grader_add(a_broken_client_is_given_up);
    grader_add(a_signal_is_not_the_end);
    grader_add(a_line_has_a_longest_length);
    grader_add(a_large_piece_has_many_lines);
    grader_add(two_clients_do_not_mix);
    grader_add(a_real_client_may_take_its_time);
    return grader_run(argc, argv);
}
