/*
 * The grader of S1-echo: the event loop and the connections of stage 1, with the learner's
 * callbacks, all on this thread. The loop runs until it would have to wait for the client, and
 * then comes back: so a check never waits either, and nothing depends on time.
 */
#include "connection_table.h"
#include "grader.h"
#include "poll_dispatcher.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

extern const struct tcp_connection_callbacks line_mirror;

static const char REVERSED[] = "each line is answered by its bytes in reverse order and a newline "
                               "(contract, 1)";
static const char ANY_BYTE[] = "a line may have any bytes but the newline (contract, 2)";
static const char WHOLE[] = "an unfinished line is not answered before its newline has come, "
                            "however many pieces it comes in (contract, 3)";
static const char ALL[] = "all lines that are complete are answered before the loop waits again, "
                          "in their order (contract, 4)";
static const char LIMIT[] = "a line has at most 1000 bytes; as soon as it has more, the answer is "
                            "'too long', and the connection closes (contract, 5)";
static const char END[] = "when the peer has finished, all that is owed goes out, then the "
                          "connection closes (contract, 6)";
static const char APART[] = "connections know nothing of each other (contract, 7)";

enum { MOST_BYTES = 1 << 18, MOST_TURNS = 100000 };

static struct event_dispatcher dispatcher;
static struct event_loop *loop;
static struct connection_table *table;
static unsigned turns;

static struct client {
    int fd;
    char bytes[MOST_BYTES]; /* received and not yet expected */
    size_t length;
    bool closed; /* by the server */
} clients[2];

/* As poll's, but where it would sleep, event_loop_run returns with -ECANCELED. */
static int wait_or_return(void *state, int timeout_ms, struct ready_event *ret, size_t capacity)
{
    int count = poll_dispatcher.wait(state, 0, ret, capacity);

    grader_expect(++turns < MOST_TURNS, ALL, "the loop turns without end: %u turns", turns);
    return count == 0 && timeout_ms < 0 ? -ECANCELED : count;
}

static void connect_client(struct client *client)
{
    int ends[2];

    client->length = 0;
    client->closed = false;
    ck_assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    client->fd = ends[0];
    int little = 4096;
    ck_assert(setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &little, sizeof little) == 0);
    ck_assert(connection_table_adopt(table, ends[1], &line_mirror, NULL, NULL) == 0);
}

static void set_up(void)
{
    struct connection_table_config config = {.limits = CONNECTION_LIMITS_DEFAULT};

    dispatcher = poll_dispatcher;
    dispatcher.wait = wait_or_return;
    turns = 0;
    ck_assert(event_loop_create(&dispatcher, &loop) == 0);
    ck_assert(connection_table_create(loop, &config, &table) == 0);
    connect_client(&clients[0]);
    connect_client(&clients[1]);
}

static void tear_down(void)
{
    connection_table_destroy(table);
    event_loop_destroy(loop);
    close(clients[0].fd);
    close(clients[1].fd);
}

static void run(void)
{
    int result = event_loop_run(loop);

    grader_expect(result == -ECANCELED, ALL, "the loop ended with %d", result);
}

/* For messages: unprintable bytes as dots, and not all of many. */
static const char *show(const char *bytes, size_t length)
{
    static char texts[2][80];
    static int turn;
    char *text = texts[turn++ % 2];
    size_t shown = length < 60 ? length : 60;

    for (size_t i = 0; i < shown; i++) {
        text[i] = bytes[i] == '\n' ? '/' : bytes[i];
        if (text[i] < ' ' || text[i] > '~') {
            text[i] = '.';
        }
    }
    snprintf(text + shown, sizeof texts[0] - shown, "%s", length > shown ? "..." : "");
    return text;
}

/* Sends, and lets the server do all that it can. */
static void send_bytes(struct client *client, const char *bytes, size_t length)
{
    grader_step("client %d sends %zu bytes: %s", (int)(client - clients) + 1, length,
                show(bytes, length));
    ck_assert(send(client->fd, bytes, length, MSG_NOSIGNAL) == (ssize_t)length);
    run();
}

/* Reads what the server has sent, and lets it send more, until there is nothing. */
static void receive(struct client *client)
{
    for (;;) {
        ssize_t n = recv(client->fd, client->bytes + client->length,
                         sizeof client->bytes - client->length, 0);
        if (n <= 0) {
            client->closed = n == 0 || errno != EAGAIN;
            return;
        }
        client->length += (size_t)n;
        run();
    }
}

static void expect(struct client *client, const char *bytes, size_t length, const char *rule)
{
    int number = (int)(client - clients) + 1;

    receive(client);
    bool equal = client->length == length && memcmp(client->bytes, bytes, length) == 0;
    grader_expect(
        equal, rule, "client %d (newlines are shown as /): expected %zu bytes '%s', got %zu '%s'",
        number, length, show(bytes, length), client->length, show(client->bytes, client->length));
    client->length = 0;
}

static void expect_text(struct client *client, const char *text, const char *rule)
{
    expect(client, text, strlen(text), rule);
}

static void expect_open(struct client *client, bool open, const char *rule)
{
    receive(client);
    grader_expect(client->closed == !open, rule, "expected the connection to be %s, but it is %s",
                  open ? "open" : "closed", open ? "closed" : "open");
}

static void send_text(struct client *client, const char *text)
{
    send_bytes(client, text, strlen(text));
}

START_TEST(a_line_comes_back_reversed)
{
    send_text(&clients[0], "reactor\n");
    expect_text(&clients[0], "rotcaer\n", REVERSED);
    send_text(&clients[0], "ab\n");
    expect_text(&clients[0], "ba\n", REVERSED);
    send_text(&clients[0], "\n");
    expect_text(&clients[0], "\n", REVERSED);
    expect_open(&clients[0], true, REVERSED);
}
END_TEST

START_TEST(several_lines_in_one_piece_are_all_answered)
{
    send_text(&clients[0], "one\ntwo\n\nfour\n");
    expect_text(&clients[0], "eno\nowt\n\nruof\n", ALL);
    send_text(&clients[0], "five\nsi");
    expect_text(&clients[0], "evif\n", ALL);
    send_text(&clients[0], "x\n");
    expect_text(&clients[0], "xis\n", WHOLE);
}
END_TEST

/* LINES lines of LINE bytes, their newlines included, and what is to come back. */
enum { LINE = 500, LINES = 120 };

static void make_lines(char *lines, char *answers)
{
    for (int i = 0; i < LINES; i++) {
        for (int k = 0; k < LINE - 1; k++) {
            lines[i * LINE + k] = (char)('a' + (i + k) % 26);
            answers[i * LINE + LINE - 2 - k] = lines[i * LINE + k];
        }
        lines[i * LINE + LINE - 1] = '\n';
        answers[i * LINE + LINE - 1] = '\n';
    }
}

START_TEST(a_large_piece_has_many_lines)
{
    static char lines[LINE * LINES];
    static char answers[LINE * LINES];

    make_lines(lines, answers);
    for (size_t count = 3; count <= 12; count *= 2) {
        send_bytes(&clients[0], lines, count * LINE);
        expect(&clients[0], answers, count * LINE, ALL);
    }
}
END_TEST

START_TEST(an_unfinished_line_waits)
{
    static const char text[] = "first\nsecond\nthird\n";
    static const char *const answers[] = {"tsrif\n", "dnoces\n", "driht\n"};
    size_t line = 0;

    send_text(&clients[0], "pa");
    expect_text(&clients[0], "", WHOLE);
    send_text(&clients[0], "us");
    expect_text(&clients[0], "", WHOLE);
    send_text(&clients[0], "e\n");
    expect_text(&clients[0], "esuap\n", WHOLE);
    for (size_t i = 0; i < sizeof text - 1; i++) {
        send_bytes(&clients[0], text + i, 1);
        expect_text(&clients[0], text[i] == '\n' ? answers[line++] : "", WHOLE);
    }
}
END_TEST

START_TEST(any_byte_may_be_in_a_line)
{
    char line[256];
    char answer[256];

    send_bytes(&clients[0], "a\0b\0\0c\n", 7);
    expect(&clients[0], "c\0\0b\0a\n", 7, ANY_BYTE);
    send_bytes(&clients[0], "\0\n\0a\0\n", 6);
    expect(&clients[0], "\0\n\0a\0\n", 6, ANY_BYTE);
    send_text(&clients[0], "crlf\r\n");
    expect_text(&clients[0], "\rflrc\n", ANY_BYTE);
    for (int value = 0, i = 0; value < 256; value++) {
        if (value != '\n') {
            line[i] = (char)value;
            answer[254 - i] = (char)value;
            i++;
        }
    }
    line[255] = '\n';
    answer[255] = '\n';
    send_bytes(&clients[0], line, sizeof line);
    expect(&clients[0], answer, sizeof answer, ANY_BYTE);
}
END_TEST

START_TEST(two_clients_do_not_mix)
{
    send_text(&clients[0], "left ");
    send_text(&clients[1], "right ");
    send_text(&clients[0], "hand\n");
    expect_text(&clients[0], "dnah tfel\n", APART);
    expect_text(&clients[1], "", APART);
    send_text(&clients[1], "foot\n");
    expect_text(&clients[1], "toof thgir\n", APART);
    expect_text(&clients[0], "", APART);
    send_text(&clients[0], "a long beginning of a line");
    send_text(&clients[1], "ab\n");
    expect_text(&clients[1], "ba\n", APART);
    send_text(&clients[0], "\n");
    expect_text(&clients[0], "enil a fo gninnigeb gnol a\n", APART);
}
END_TEST

/* 1200 bytes, of which a check sends as many as it needs; they are no palindrome. */
static const char *long_line(void)
{
    static char line[1200];

    for (size_t i = 0; i < sizeof line; i++) {
        line[i] = (char)('a' + i % 26);
    }
    return line;
}

START_TEST(the_longest_line_is_a_line)
{
    char answer[1001];

    for (size_t i = 0; i < 1000; i++) {
        answer[999 - i] = long_line()[i];
    }
    answer[1000] = '\n';
    for (size_t first = 1000; first > 0; first -= 500) {
        send_bytes(&clients[0], long_line(), first);
        expect_text(&clients[0], "", WHOLE);
        send_bytes(&clients[0], long_line() + first, 1000 - first);
        send_text(&clients[0], "\n");
        expect(&clients[0], answer, sizeof answer, LIMIT);
    }
    expect_open(&clients[0], true, LIMIT);
}
END_TEST

START_TEST(a_line_that_is_too_long_ends_the_connection)
{
    grader_step("1001 bytes and no newline so far");
    send_bytes(&clients[0], long_line(), 600);
    expect_text(&clients[0], "", WHOLE);
    send_bytes(&clients[0], long_line() + 600, 401);
    expect_text(&clients[0], "too long\n", LIMIT);
    expect_open(&clients[0], false, LIMIT);
    grader_step("in one piece: a line, a line of 1001 bytes, a line");
    char piece[1200] = "ab\n";
    memcpy(piece + 3, long_line(), 1001);
    memcpy(piece + 1004, "\ncd\n", 4);
    send_bytes(&clients[1], piece, 1008);
    expect_text(&clients[1], "ba\ntoo long\n", LIMIT);
    expect_open(&clients[1], false, LIMIT);
}
END_TEST

/* The server's socket takes a few kilobytes, so most of the answers wait in the server. */
static const char *owe_answers(struct client *client)
{
    static char lines[LINE * LINES];
    static char answers[LINE * LINES];

    make_lines(lines, answers);
    grader_step("client %d sends %d lines of %d bytes and reads nothing",
                (int)(client - clients) + 1, LINES, LINE);
    for (int i = 0; i < LINES; i++) {
        ck_assert(send(client->fd, lines + i * LINE, LINE, MSG_NOSIGNAL) == LINE);
        run();
    }
    return answers;
}

START_TEST(all_that_is_owed_goes_out_at_the_end)
{
    const char *answers = owe_answers(&clients[0]);

    send_text(&clients[0], "unfinished");
    ck_assert(shutdown(clients[0].fd, SHUT_WR) == 0);
    run();
    grader_step("now it reads");
    expect(&clients[0], answers, LINE * LINES, END);
    expect_open(&clients[0], false, END);
    grader_step("client 2 sends its end and nothing else");
    ck_assert(shutdown(clients[1].fd, SHUT_WR) == 0);
    run();
    expect_text(&clients[1], "", END);
    expect_open(&clients[1], false, END);
}
END_TEST

START_TEST(too_long_comes_behind_all_that_is_owed)
{
    static char expected[LINE * LINES + 9];

    memcpy(expected, owe_answers(&clients[0]), LINE * LINES);
    memcpy(expected + LINE * LINES, "too long\n", 9);
    send_bytes(&clients[0], long_line(), 1001);
    grader_step("now it reads");
    expect(&clients[0], expected, sizeof expected, LIMIT);
    expect_open(&clients[0], false, LIMIT);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("in the event loop", set_up, tear_down);
    grader_add(a_line_comes_back_reversed);
    grader_add(several_lines_in_one_piece_are_all_answered);
    grader_add(a_large_piece_has_many_lines);
    grader_add(an_unfinished_line_waits);
    grader_add(any_byte_may_be_in_a_line);
    grader_add(two_clients_do_not_mix);
    grader_add(the_longest_line_is_a_line);
    grader_add(a_line_that_is_too_long_ends_the_connection);
    grader_add(all_that_is_owed_goes_out_at_the_end);
    grader_add(too_long_comes_behind_all_that_is_owed);
    return grader_run(argc, argv);
}
