/*
 * The grader of B-stale-map: clients over socket pairs leave in every way, and the next one is given
 * the same descriptor number. It has a close of its own, which counts.
 */
#include "diagnosis.h"
#include "grader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

struct server;
struct server *server_create(void);
int server_add(struct server *server, int fd);
long server_echoed(const struct server *server, int fd);
void server_turn(struct server *server);
void server_destroy(struct server *server);

static const char ECHO[] = "what a client sends comes back, and is counted (contract, 4)";
static const char TWICE[] = "to add a client who is here changes nothing (contract, 5)";
static const char LIMIT[] =
    "what cannot be added is told as -errno, and is no client (contract, 6)";
static const char GONE[] =
    "who goes is forgotten in that turn: descriptor closed, no client (contract, 7)";
static const char NEXT[] = "the next client with that number is a new one (contract, 8)";
static const char OTHERS[] = "the other clients notice nothing (contract, 9)";
static const char ONCE[] =
    "a descriptor is closed once; then the number is another's (contract, 10)";
static const char DESTROY[] =
    "server_destroy closes who is left, and what the server has opened for itself (contract, 11)";

enum { FIRST_NUMBER = 20, CLIENTS = 4, WORD = 5, MANY_BYTES = 1000, MAP_SIZE = 64 };

static size_t closes_in_vain;

int close(int fd)
{
    long result = syscall(SYS_close, fd);

    closes_in_vain += (size_t)(result < 0 && errno == EBADF);
    return (int)result;
}

/* A client: the server's end, which has the number that the check wants, and its own. */
struct client {
    int theirs;
    int own;
};

static struct server *server;
static int open_at_first;

static int open_descriptors(void)
{
    int count = 0;

    for (int fd = 0; fd < 2 * MAP_SIZE; fd++) {
        count += fcntl(fd, F_GETFD) >= 0;
    }
    return count;
}

static void set_up(void)
{
    open_at_first = open_descriptors();
    server = server_create();
    grader_expect(server != NULL, ECHO, "expected a server, got NULL");
}

static struct client connect_as(int number)
{
    int ends[2];

    int result = socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    ck_assert_msg(result == 0, "the grader has no socket pair: %s", strerror(errno));
    ck_assert_msg(fcntl(number, F_GETFD) < 0, "descriptor %d is in use", number);
    dup2(ends[0], number);
    close(ends[0]);
    return (struct client){number, ends[1]};
}

static struct client come(int number)
{
    struct client client = connect_as(number);
    int result = server_add(server, number);

    grader_step("a client comes, with descriptor %d", number);
    grader_expect(result == 0, ECHO, "expected 0, got %d (%s)", result, strerror(-result));
    return client;
}

static void expect_echoed(struct client client, long expected, const char *rule)
{
    long echoed = server_echoed(server, client.theirs);

    grader_expect(echoed == expected, rule, "server_echoed(%d): expected %ld, got %ld%s",
                  client.theirs, expected, echoed, echoed == -ENOENT ? " (-ENOENT)" : "");
}

/* Says a word and expects it back. */
static void talk(struct client client, const char *rule)
{
    char word[16] = "";

    ck_assert_msg(send(client.own, "hello", WORD, MSG_NOSIGNAL) == WORD, "the grader cannot send");
    server_turn(server);
    ssize_t n = recv(client.own, word, sizeof word - 1, MSG_DONTWAIT);
    grader_expect(n == WORD && strcmp(word, "hello") == 0, rule,
                  "descriptor %d: expected 'hello' to come back, got '%s' (%zd)", client.theirs,
                  word, n);
}

/* Says it, and only then expects it back: in as many turns as it takes. */
static void talk_at_length(struct client client)
{
    char bytes[MANY_BYTES];
    ssize_t got = 0;

    grader_step("descriptor %d: the client sends %d bytes at once", client.theirs, MANY_BYTES);
    memset(bytes, 'x', sizeof bytes);
    ck_assert_msg(send(client.own, bytes, sizeof bytes, MSG_NOSIGNAL) == MANY_BYTES,
                  "the grader cannot send");
    for (int turn = 0; turn < MANY_BYTES && got < MANY_BYTES; turn++) {
        server_turn(server);
        ssize_t n = recv(client.own, bytes, sizeof bytes, MSG_DONTWAIT);
        got += n > 0 ? n : 0;
    }
    grader_expect(got == MANY_BYTES, ECHO, "expected %d bytes to come back, got %zd", MANY_BYTES,
                  got);
}

/* All have said a word before the server has its turn; it serves all of them in that one. */
static void talk_all_at_once(const struct client *clients)
{
    char word[16];

    grader_step("all of them say a word; then the server has one turn");
    for (int i = 0; i < CLIENTS; i++) {
        ck_assert_msg(send(clients[i].own, "hello", WORD, MSG_NOSIGNAL) == WORD,
                      "the grader cannot send");
    }
    server_turn(server);
    for (int i = 0; i < CLIENTS; i++) {
        ssize_t n = recv(clients[i].own, word, sizeof word, MSG_DONTWAIT);
        grader_expect(n == WORD, ECHO, "descriptor %d: expected %d bytes to come back, got %zd",
                      clients[i].theirs, WORD, n);
    }
}

static void expect_gone(struct client client)
{
    server_turn(server);
    grader_expect(fcntl(client.theirs, F_GETFD) < 0, GONE,
                  "expected descriptor %d to be closed, got it open", client.theirs);
    expect_echoed(client, -ENOENT, GONE);
}

/* The ways to go. All but the last hang up. */
enum way {
    CLOSES,
    CLOSES_WITH_WORDS_UNREAD,
    CLOSES_WITH_THE_ECHO_UNREAD, /* which is an error for epoll, too */
    SHUTS_BOTH_WAYS,
    DOES_NOT_READ,
    STOPS_SENDING,
    WAYS,
};

static void go(struct client client, enum way way)
{
    static const char *const words[] = {
        [CLOSES] = "closes",
        [CLOSES_WITH_WORDS_UNREAD] = "says something and closes at once",
        [CLOSES_WITH_THE_ECHO_UNREAD] = "says something and closes without reading the echo",
        [SHUTS_BOTH_WAYS] = "shuts both directions",
        [DOES_NOT_READ] = "sends and never reads",
        [STOPS_SENDING] = "says that it has nothing more to send",
    };
    static const char noise[256];

    grader_step("the client with descriptor %d %s", client.theirs, words[way]);
    if (way == CLOSES_WITH_WORDS_UNREAD) {
        send(client.own, noise, sizeof noise, MSG_NOSIGNAL);
    } else if (way == CLOSES_WITH_THE_ECHO_UNREAD) {
        send(client.own, noise, sizeof noise, MSG_NOSIGNAL);
        server_turn(server);
    } else if (way == SHUTS_BOTH_WAYS) {
        shutdown(client.own, SHUT_RDWR);
    } else if (way == STOPS_SENDING) {
        shutdown(client.own, SHUT_WR);
    }
    for (int i = 0; way == DOES_NOT_READ && i < 100000; i++) {
        if (server_echoed(server, client.theirs) < 0) {
            break;
        }
        send(client.own, noise, sizeof noise, MSG_DONTWAIT | MSG_NOSIGNAL);
        server_turn(server);
    }
    bool closes = way <= CLOSES_WITH_THE_ECHO_UNREAD;
    if (closes) {
        close(client.own);
    }
    expect_gone(client);
    if (!closes) {
        close(client.own);
    }
}

START_TEST(the_line_is_found)
{
    diagnosis_expect_line("if ((events[i].events & (EPOLLHUP | EPOLLERR)) != 0) {",
                          "            close(fd);");
}
END_TEST

START_TEST(the_kind_is_named)
{
    diagnosis_expect_bug(BUG_STALE_ENTRY);
}
END_TEST

START_TEST(the_tool_shows_it)
{
    diagnosis_expect_tool(1U << TOOL_STRACE | 1U << TOOL_GDB);
}
END_TEST

START_TEST(what_comes_is_sent_back)
{
    struct client clients[CLIENTS];

    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = come(FIRST_NUMBER + i);
        expect_echoed(clients[i], 0, ECHO);
        talk(clients[i], ECHO);
    }
    for (int i = 0; i < CLIENTS; i++) {
        talk(clients[i], ECHO);
        expect_echoed(clients[i], 2L * WORD, ECHO);
    }
    talk_all_at_once(clients);
    talk_at_length(clients[0]);
    expect_echoed(clients[0], 3L * WORD + MANY_BYTES, ECHO);
    grader_step("server_destroy with %d clients", CLIENTS);
    server_destroy(server);
    for (int i = 0; i < CLIENTS; i++) {
        grader_expect(fcntl(clients[i].theirs, F_GETFD) < 0, DESTROY,
                      "expected descriptor %d to be closed, got it open", clients[i].theirs);
        close(clients[i].own);
    }
    int now_open = open_descriptors();
    grader_expect(now_open == open_at_first, DESTROY,
                  "expected %d descriptors to be open as before the server came, got %d",
                  open_at_first, now_open);
}
END_TEST

START_TEST(another_server_has_other_clients)
{
    struct client client = come(FIRST_NUMBER);

    grader_step("another server comes and goes");
    struct server *other = server_create();
    grader_expect(other != NULL, ECHO, "expected a server, got NULL");
    long echoed = server_echoed(other, client.theirs);
    grader_expect(echoed == -ENOENT, ECHO,
                  "the other server: expected server_echoed(%d) to be %d (-ENOENT), got %ld",
                  client.theirs, -ENOENT, echoed);
    server_destroy(other);
    talk(client, ECHO);
    server_destroy(server);
    close(client.own);
}
END_TEST

START_TEST(who_stops_sending_is_forgotten)
{
    struct client client = come(FIRST_NUMBER);

    talk(client, ECHO);
    go(client, STOPS_SENDING);
    server_destroy(server);
}
END_TEST

START_TEST(who_hangs_up_is_forgotten)
{
    for (int way = 0; way < WAYS; way++) {
        struct client client = come(FIRST_NUMBER);
        go(client, (enum way)way);
    }
    server_destroy(server);
}
END_TEST

START_TEST(the_number_serves_the_next_client)
{
    for (int way = 0; way < WAYS; way++) {
        struct client client = come(FIRST_NUMBER);
        expect_echoed(client, 0, NEXT);
        talk(client, NEXT);
        talk(client, NEXT);
        expect_echoed(client, 2L * WORD, NEXT);
        go(client, (enum way)way);
    }
    server_destroy(server);
}
END_TEST

START_TEST(the_others_stay)
{
    struct client clients[CLIENTS];

    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = come(FIRST_NUMBER + i);
        talk(clients[i], ECHO);
    }
    for (int way = 0; way < WAYS; way++) {
        int leaves = way % CLIENTS;
        go(clients[leaves], (enum way)way);
        for (int i = 0; i < CLIENTS; i++) {
            if (i != leaves) {
                long before = server_echoed(server, clients[i].theirs);
                grader_expect(before >= WORD, OTHERS,
                              "server_echoed(%d): expected %d or more, got %ld", clients[i].theirs,
                              WORD, before);
                talk(clients[i], OTHERS);
                expect_echoed(clients[i], before + WORD, OTHERS);
            }
        }
        clients[leaves] = come(FIRST_NUMBER + leaves);
        talk(clients[leaves], NEXT);
    }
    grader_step("all close at once");
    for (int i = 0; i < CLIENTS; i++) {
        close(clients[i].own);
    }
    for (int i = 0; i < CLIENTS; i++) {
        expect_gone(clients[i]);
    }
    server_destroy(server);
}
END_TEST

START_TEST(to_add_one_twice_changes_nothing)
{
    struct client client = come(FIRST_NUMBER);

    talk(client, ECHO);
    grader_step("it is added once more");
    int result = server_add(server, client.theirs);
    grader_expect(result == 0, TWICE, "expected 0, got %d", result);
    expect_echoed(client, WORD, TWICE);
    talk(client, TWICE);
    expect_echoed(client, 2L * WORD, TWICE);
    go(client, CLOSES);
    server_destroy(server);
}
END_TEST

START_TEST(a_descriptor_is_closed_once)
{
    for (int way = 0; way < WAYS; way++) {
        struct client client = come(FIRST_NUMBER);
        closes_in_vain = 0;
        go(client, (enum way)way);
        grader_expect(closes_in_vain == 0, ONCE,
                      "expected one close, got %zu more of what was closed", closes_in_vain);
    }
    grader_step("a file of somebody else gets the number; the server ends");
    dup2(STDERR_FILENO, FIRST_NUMBER);
    server_turn(server);
    server_destroy(server);
    grader_expect(fcntl(FIRST_NUMBER, F_GETFD) >= 0 && closes_in_vain == 0, ONCE,
                  "expected descriptor %d to stay open, got it closed", FIRST_NUMBER);
    close(FIRST_NUMBER);
}
END_TEST

START_TEST(what_cannot_be_added_is_no_client)
{
    grader_step("descriptor %d comes: there is no place for it", MAP_SIZE);
    struct client client = connect_as(MAP_SIZE);
    int result = server_add(server, client.theirs);
    grader_expect(result == -EMFILE, LIMIT, "expected %d (-EMFILE), got %d", -EMFILE, result);
    grader_expect(fcntl(client.theirs, F_GETFD) >= 0, LIMIT, "expected it to stay open");
    expect_echoed(client, -ENOENT, LIMIT);
    close(client.theirs);
    close(client.own);
    grader_step("descriptor %d comes, and it is not open", FIRST_NUMBER);
    result = server_add(server, FIRST_NUMBER);
    grader_expect(result == -EBADF, LIMIT, "expected %d (-EBADF), got %d", -EBADF, result);
    grader_step("descriptor -1 comes");
    result = server_add(server, -1);
    grader_expect(result == -EBADF, LIMIT, "expected %d (-EBADF), got %d", -EBADF, result);
    client = come(FIRST_NUMBER);
    talk(client, NEXT);
    go(client, CLOSES);
    client = come(MAP_SIZE - 1);
    talk(client, NEXT);
    go(client, CLOSES);
    server_destroy(server);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("diagnosis", NULL, NULL);
    grader_add(the_line_is_found);
    grader_add(the_kind_is_named);
    grader_add(the_tool_shows_it);
    grader_group("repair", set_up, NULL);
    grader_add(what_comes_is_sent_back);
    grader_add(another_server_has_other_clients);
    grader_add(who_stops_sending_is_forgotten);
    grader_add(who_hangs_up_is_forgotten);
    grader_add(the_number_serves_the_next_client);
    grader_add(the_others_stay);
    grader_add(to_add_one_twice_changes_nothing);
    grader_add(a_descriptor_is_closed_once);
    grader_add(what_cannot_be_added_is_no_client);
    return grader_run(argc, argv);
}
