/*
 * The grader of B-self-free: clients over socket pairs, and callbacks that close. What they free is
 * taken and written to at once, so that whoever uses it still is seen without a sanitizer too.
 */
#include "diagnosis.h"
#include "grader.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection;

struct connection_handlers {
    void (*on_line)(struct connection *connection, const char *line, void *context);
    void (*on_close)(void *context);
};

struct connection *connection_create(int fd, const struct connection_handlers *handlers,
                                     void *context);
void connection_readable(struct connection *connection);
void connection_close(struct connection *connection);

static const char LINES[] = "each complete line is handed out once and in order (contract, 4)";
static const char QUIET[] = "after connection_close no line is handed out (contract, 5)";
static const char ONCE[] = "on_close is called once for each connection (contract, 6)";
static const char CLOSED[] =
    "when connection_readable returns, a closed connection's descriptor is closed (contract, 7)";
static const char AT_ONCE[] = "who closes a connection outside of its own on_line finds its "
                              "descriptor closed when connection_close returns (contract, 7)";
static const char MEMORY[] = "the memory of closed connections is given back (contract, 7)";
static const char ENDS[] = "the end, an error, a line too long: it closes by itself (contract, 9)";
static const char LATER[] = "nothing to read now changes nothing (contract, 10)";

enum { LONGEST_LINE = 255, MANY = 500 };

/* What a client is, and what the callbacks have seen of it. */
struct client {
    struct connection *connection;
    struct client *other; /* whom "other" closes */
    int theirs;
    int own;
    int closes;
    char lines[2048];
};

enum { SIZES = 64, SIZE_STEP = 16 };

static void *taken[SIZES];

static void release_taken(void)
{
    for (size_t i = 0; i < SIZES; i++) {
        free(taken[i]);
        taken[i] = NULL;
    }
}

/* The allocator gives what was freed last to the next who wants as much: that is us. */
static void take_what_was_freed(void)
{
    release_taken();
    for (size_t i = 0; i < SIZES; i++) {
        taken[i] = malloc((i + 1) * SIZE_STEP - 8);
        ck_assert_msg(taken[i] != NULL, "no memory");
        memset(taken[i], 0x55, (i + 1) * SIZE_STEP - 8);
    }
}

static void note_line(struct connection *connection, const char *line, void *context)
{
    struct client *client = context;
    size_t used = strlen(client->lines);

    grader_expect(client->closes == 0, QUIET, "expected no line after the close, got '%.40s'",
                  line);
    grader_expect(connection == client->connection, LINES,
                  "expected the connection that the line came from, got another pointer");
    snprintf(client->lines + used, sizeof client->lines - used, "%s|", line);
    if (strcmp(line, "quit") == 0) {
        grader_step("'quit' comes: the callback closes its connection");
        connection_close(connection);
        take_what_was_freed();
    } else if (strcmp(line, "other") == 0) {
        grader_step("'other' comes: the callback closes another connection");
        connection_close(client->other->connection);
        grader_expect(fcntl(client->other->theirs, F_GETFD) < 0, AT_ONCE,
                      "expected descriptor %d of the other to be closed, got it open",
                      client->other->theirs);
    }
}

static void note_close(void *context)
{
    struct client *client = context;

    client->closes++;
    grader_expect(client->closes == 1, ONCE, "expected one call of on_close, got another one");
}

static void start(struct client *client)
{
    static const struct connection_handlers handlers = {note_line, note_close};
    int ends[2];

    *client = (struct client){0};
    int result = socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    ck_assert_msg(result == 0, "the grader has no socket pair: %s", strerror(errno));
    client->theirs = ends[0];
    client->own = ends[1];
    client->connection = connection_create(ends[0], &handlers, client);
    grader_expect(client->connection != NULL, LINES, "expected a connection, got NULL");
}

/* The client says something, and the server reads once. */
static void say(struct client *client, const char *words)
{
    grader_step("a client sends %zu bytes: '%.30s'", strlen(words), words);
    ssize_t n = send(client->own, words, strlen(words), MSG_NOSIGNAL);
    ck_assert_msg(n == (ssize_t)strlen(words), "the grader cannot send: %s", strerror(errno));
    connection_readable(client->connection);
}

static void expect_lines(const struct client *client, const char *expected)
{
    grader_expect(strcmp(client->lines, expected) == 0, LINES, "expected the lines '%s', got '%s'",
                  expected, client->lines);
}

static void expect_open(const struct client *client, const char *rule)
{
    grader_expect(client->closes == 0, rule, "expected it to stay, got on_close");
    grader_expect(fcntl(client->theirs, F_GETFD) >= 0, rule,
                  "expected descriptor %d to be open, got it closed", client->theirs);
}

static void expect_closed(const struct client *client, const char *rule)
{
    grader_expect(client->closes == 1, rule, "expected one call of on_close, got %d",
                  client->closes);
    grader_expect(fcntl(client->theirs, F_GETFD) < 0, CLOSED,
                  "expected descriptor %d to be closed, got it open", client->theirs);
}

/* The client leaves, and that is seen. */
static void leave(struct client *client)
{
    close(client->own);
    connection_readable(client->connection);
    expect_closed(client, ENDS);
}

/* A line of so many bytes ends the connection, and is not handed out. */
static void expect_too_long(struct client *client, int length, const char *end, const char *lines)
{
    char words[2 * LONGEST_LINE];

    snprintf(words, sizeof words, "%0*d%s", length, 7, end);
    say(client, words);
    if (client->closes == 0) {
        connection_readable(client->connection);
    }
    expect_closed(client, ENDS);
    expect_lines(client, lines);
    close(client->own);
}

START_TEST(the_line_is_found)
{
    /* Who frees too early, or who uses it then: the report of the tool has both. */
    if (!diagnosis_line_is_between("    free(connection);", "    free(connection);")) {
        diagnosis_expect_line("connection->handlers->on_line(",
                              "memmove(connection->buffer, connection->buffer + taken");
    }
}
END_TEST

START_TEST(the_kind_is_named)
{
    diagnosis_expect_bug(BUG_USE_AFTER_FREE);
}
END_TEST

START_TEST(the_tool_shows_it)
{
    /* The thread sanitizer keeps an eye on freed memory as well. */
    diagnosis_expect_tool(1U << TOOL_ADDRESS_SANITIZER | 1U << TOOL_THREAD_SANITIZER);
}
END_TEST

START_TEST(lines_come_in_order)
{
    struct client client;

    start(&client);
    say(&client, "one\ntwo\n\nfour\n");
    expect_lines(&client, "one|two||four|");
    say(&client, "fi");
    say(&client, "ve\nsix\nse");
    expect_lines(&client, "one|two||four|five|six|");
    say(&client, "ven\n");
    expect_lines(&client, "one|two||four|five|six|seven|");
    expect_open(&client, LATER);
    leave(&client);
    expect_lines(&client, "one|two||four|five|six|seven|");
}
END_TEST

START_TEST(a_callback_may_close_its_connection)
{
    static const char *const words[] = {"quit\n", "one\nquit\n", "quit\nhalf a line"};
    struct client client;

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        start(&client);
        say(&client, words[i]);
        expect_closed(&client, ONCE);
        expect_lines(&client, i == 1 ? "one|quit|" : "quit|");
        close(client.own);
    }
}
END_TEST

START_TEST(after_the_close_no_line_is_handed_out)
{
    static const char *const words[] = {"quit\nlate\n", "one\nquit\nlate\nlater\nlast",
                                        "quit\nquit\nquit\n"};
    struct client client;

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        start(&client);
        say(&client, words[i]);
        expect_closed(&client, ONCE);
        expect_lines(&client, i == 1 ? "one|quit|" : "quit|");
        close(client.own);
    }
}
END_TEST

START_TEST(another_connection_can_be_closed_too)
{
    struct client one;
    struct client two;

    start(&one);
    start(&two);
    one.other = &two;
    say(&two, "half");
    say(&one, "hello\nother\nstill here\n");
    expect_lines(&one, "hello|other|still here|");
    expect_closed(&two, ONCE);
    expect_open(&one, LATER);
    close(two.own);
    leave(&one);
}
END_TEST

START_TEST(it_can_be_closed_from_outside)
{
    struct client client;

    start(&client);
    say(&client, "one\ntw");
    grader_step("connection_close, outside of a callback");
    connection_close(client.connection);
    expect_closed(&client, ONCE);
    expect_lines(&client, "one|");
    close(client.own);
}
END_TEST

START_TEST(it_closes_by_itself_at_the_end)
{
    char words[2 * LONGEST_LINE];
    char expected[2 * LONGEST_LINE];
    struct client client;

    grader_step("a client leaves without a word");
    start(&client);
    leave(&client);
    grader_step("a client leaves and has not read what was sent to it: that is an error here");
    start(&client);
    send(client.theirs, "x", 1, MSG_NOSIGNAL);
    leave(&client);
    start(&client);
    snprintf(words, sizeof words, "%0*d\n", LONGEST_LINE, 7);
    snprintf(expected, sizeof expected, "%0*d|", LONGEST_LINE, 7);
    say(&client, words);
    expect_lines(&client, expected);
    expect_open(&client, ENDS);
    grader_step(
        "a line that is too long, by one byte and then by many, with its end and without it");
    expect_too_long(&client, LONGEST_LINE + 1, "\n", expected);
    start(&client);
    expect_too_long(&client, LONGEST_LINE + 1, "", "");
    start(&client);
    expect_too_long(&client, LONGEST_LINE + 100, "\n", "");
    start(&client);
    expect_too_long(&client, LONGEST_LINE + 100, "", "");
}
END_TEST

START_TEST(nothing_to_read_changes_nothing)
{
    struct client client;

    start(&client);
    connection_readable(client.connection);
    expect_open(&client, LATER);
    say(&client, "ha");
    connection_readable(client.connection);
    expect_open(&client, LATER);
    say(&client, "lf\n");
    expect_lines(&client, "half|");
    leave(&client);
}
END_TEST

START_TEST(all_memory_is_given_back)
{
    struct client client;
    size_t before = 0;

    grader_step("%d connections that close in a callback, and %d that leave", MANY, MANY);
    for (int i = 0; i < 2 * MANY; i++) {
        start(&client);
        ssize_t n = send(client.own, i % 2 == 0 ? "a\nquit\n" : "a\nb\n", 4 + (i % 2 == 0 ? 3 : 0),
                         MSG_NOSIGNAL);
        ck_assert_msg(n > 0, "the grader cannot send");
        connection_readable(client.connection);
        if (i % 2 == 0) {
            close(client.own);
        } else {
            leave(&client);
        }
        if (i == MANY / 10) {
            /* The allocator's own caches are full by now. */
            before = mallinfo2().uordblks;
        }
    }
    size_t after = mallinfo2().uordblks;
    grader_expect(after <= before + 16384, MEMORY,
                  "expected about as much memory as before, %zu bytes, got %zu", before, after);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("diagnosis", NULL, NULL);
    grader_add(the_line_is_found);
    grader_add(the_kind_is_named);
    grader_add(the_tool_shows_it);
    grader_group("repair", NULL, release_taken);
    grader_add(lines_come_in_order);
    grader_add(a_callback_may_close_its_connection);
    grader_add(after_the_close_no_line_is_handed_out);
    grader_add(another_connection_can_be_closed_too);
    grader_add(it_can_be_closed_from_outside);
    grader_add(it_closes_by_itself_at_the_end);
    grader_add(nothing_to_read_changes_nothing);
    grader_add(all_memory_is_given_back);
    return grader_run(argc, argv);
}
