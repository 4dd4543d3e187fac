/*
 * The grader of B-leak: clients come and go over socket pairs, and it looks at what is left of them.
 * It has a close of its own, which counts; the leak detector looks on as well.
 */
#include "diagnosis.h"
#include "grader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

struct server;
struct server *server_create(void);
int server_add(struct server *server, int fd);
size_t server_count(const struct server *server);
void server_turn(struct server *server);
void server_destroy(struct server *server);

static const char ECHO[] = "what a client sends comes back to it (contract, 5)";
static const char CLOSED[] =
    "when a client goes, its descriptor is closed in that turn (contract, 6)";
static const char ONCE[] =
    "a descriptor is closed once; then the number is another's (contract, 7)";
static const char MEMORY[] = "when a client goes, all its memory is given back (contract, 8)";
static const char OTHERS[] = "the other clients notice nothing (contract, 9)";
static const char FULL[] = "a full server returns -EMFILE and does not touch it (contract, 4)";
static const char DESTROY[] = "server_destroy does the same for all who are left (contract, 10)";

enum { MOST_CLIENTS = 16, MANY = 500 };

static size_t closes_in_vain;

int close(int fd)
{
    long result = syscall(SYS_close, fd);

    closes_in_vain += (size_t)(result < 0 && errno == EBADF);
    return (int)result;
}

/* A client: the server's end and its own. */
struct client {
    int theirs;
    int own;
};

static struct server *server;

static void set_up(void)
{
    server = server_create();
    grader_expect(server != NULL, ECHO, "expected a server, got NULL");
}

static struct client connect_one(void)
{
    int ends[2];

    int result = socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    ck_assert_msg(result == 0, "the grader has no socket pair: %s", strerror(errno));
    return (struct client){ends[0], ends[1]};
}

static struct client come(void)
{
    struct client client = connect_one();
    int result = server_add(server, client.theirs);

    grader_expect(result == 0, ECHO, "a client comes: expected 0, got %d (%s)", result,
                  strerror(-result));
    return client;
}

/* Says a word and expects it back. */
static void talk(struct client client, const char *rule)
{
    char word[16] = "";

    ck_assert_msg(send(client.own, "hello", 5, MSG_NOSIGNAL) == 5, "the grader cannot send");
    server_turn(server);
    ssize_t n = recv(client.own, word, sizeof word - 1, MSG_DONTWAIT);
    grader_expect(n == 5 && strcmp(word, "hello") == 0, rule,
                  "expected 'hello' to come back, got '%s' (%zd)", word, n);
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static void expect_count(size_t count)
{
    grader_expect(server_count(server) == count, OTHERS, "expected %zu clients, got %zu", count,
                  server_count(server));
}

static void expect_gone(struct client client, size_t others)
{
    server_turn(server);
    expect_count(others);
    grader_expect(!is_open(client.theirs), CLOSED,
                  "expected descriptor %d to be closed, got it open", client.theirs);
}

static size_t open_descriptors(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");

    ck_assert_msg(folder != NULL, "the grader cannot read /proc/self/fd");
    while (readdir(folder) != NULL) {
        count++;
    }
    closedir(folder);
    return count;
}

START_TEST(the_line_is_found)
{
    /* Where the channel is forgotten, or where that function is called and nothing else. */
    if (!diagnosis_line_is_between("remove_channel(server, i);", "remove_channel(server, i);")) {
        diagnosis_expect_line("static void remove_channel(",
                              "server->channels[index] = server->channels[server->count];");
    }
}
END_TEST

START_TEST(the_kind_is_named)
{
    diagnosis_expect_bug(BUG_LEAK);
}
END_TEST

START_TEST(the_tool_shows_it)
{
    /* The network: `ss -xp` lists the sockets of the process; those that nobody is at have no peer. */
    diagnosis_expect_tool(1U << TOOL_PROC_FD | 1U << TOOL_ADDRESS_SANITIZER | 1U << TOOL_STRACE |
                          1U << TOOL_NETWORK);
}
END_TEST

START_TEST(what_comes_is_sent_back)
{
    struct client clients[3];

    grader_step("three clients come and talk in turn");
    for (size_t i = 0; i < 3; i++) {
        clients[i] = come();
        talk(clients[i], ECHO);
        expect_count(i + 1);
    }
    for (size_t i = 0; i < 6; i++) {
        talk(clients[i % 3], ECHO);
    }
    server_destroy(server);
    for (size_t i = 0; i < 3; i++) {
        close(clients[i].own);
    }
}
END_TEST

START_TEST(a_client_that_leaves_gives_its_descriptor_back)
{
    size_t before = open_descriptors();

    for (int i = 0; i < MANY; i++) {
        struct client client = come();
        talk(client, ECHO);
        close(client.own);
        expect_gone(client, 0);
    }
    size_t after = open_descriptors();
    grader_step("%d clients have come and gone", MANY);
    grader_expect(after == before, CLOSED, "expected %zu open descriptors, got %zu", before, after);
    server_destroy(server);
}
END_TEST

START_TEST(a_descriptor_is_closed_once)
{
    grader_step("a client leaves");
    struct client client = come();
    close(client.own);
    closes_in_vain = 0;
    expect_gone(client, 0);
    grader_expect(closes_in_vain == 0, ONCE, "expected one close, got %zu more of a closed one",
                  closes_in_vain);
    grader_step("a file gets the number that it had; the server goes on and ends");
    int other = fcntl(STDERR_FILENO, F_DUPFD, client.theirs);
    struct client next = come();
    talk(next, ECHO);
    close(next.own);
    expect_gone(next, 0);
    server_destroy(server);
    grader_expect(is_open(other) && closes_in_vain == 0, ONCE,
                  "expected descriptor %d to stay open, got it closed", other);
    close(other);
}
END_TEST

START_TEST(the_others_stay)
{
    enum { CLIENTS = 5 };

    for (size_t leaves = 0; leaves < CLIENTS; leaves++) {
        struct client clients[CLIENTS];
        for (size_t i = 0; i < CLIENTS; i++) {
            clients[i] = come();
        }
        grader_step("of %d clients number %zu leaves", CLIENTS, leaves + 1);
        close(clients[leaves].own);
        server_turn(server);
        for (size_t i = 0; i < CLIENTS; i++) {
            grader_expect(is_open(clients[i].theirs) == (i != leaves), OTHERS,
                          "expected descriptor %d of client %zu to be %s", clients[i].theirs, i + 1,
                          i == leaves ? "closed, got it open" : "open, got it closed");
        }
        expect_count(CLIENTS - 1);
        for (size_t i = 0; i < CLIENTS; i++) {
            if (i != leaves) {
                talk(clients[i], OTHERS);
                close(clients[i].own);
            }
        }
        grader_step("then the other %d leave at once", CLIENTS - 1);
        for (size_t i = 0; i < CLIENTS; i++) {
            expect_gone(clients[i], 0);
        }
    }
    server_destroy(server);
}
END_TEST

START_TEST(every_way_to_leave_gives_back)
{
    static const char noise[2048];
    struct client client = come();

    grader_step("a client sends no more, and waits for the server to close");
    shutdown(client.own, SHUT_WR);
    expect_gone(client, 0);
    ssize_t n = recv(client.own, (char[1]){0}, 1, MSG_DONTWAIT);
    grader_expect(n == 0, CLOSED, "expected the client to see the end, got %zd", n);
    close(client.own);
    grader_step("a client sends and never reads, until the server cannot answer");
    client = come();
    for (int i = 0; i < 100000 && server_count(server) > 0; i++) {
        send(client.own, noise, sizeof noise, MSG_DONTWAIT | MSG_NOSIGNAL);
        server_turn(server);
    }
    expect_gone(client, 0);
    close(client.own);
    grader_step("a client leaves before it has read the answer");
    client = come();
    talk(client, ECHO);
    send(client.own, noise, sizeof noise, MSG_NOSIGNAL);
    close(client.own);
    expect_gone(client, 0);
    server_destroy(server);
}
END_TEST

START_TEST(its_memory_goes_too)
{
    /* Whoever keeps some channels for later may: as many as there can be clients. */
    size_t allowed = (size_t)MOST_CLIENTS * 8192;
    size_t before = mallinfo2().uordblks;

    grader_step("%d clients come and go", MANY);
    for (int i = 0; i < MANY; i++) {
        struct client client = come();
        close(client.own);
        expect_gone(client, 0);
    }
    size_t after = mallinfo2().uordblks;
    grader_expect(after <= before + allowed, MEMORY,
                  "expected about as much memory as before, %zu bytes, got %zu", before, after);
    server_destroy(server);
}
END_TEST

START_TEST(a_full_server_takes_nobody)
{
    struct client clients[MOST_CLIENTS];

    grader_step("%d clients come, then one more", MOST_CLIENTS);
    for (size_t i = 0; i < MOST_CLIENTS; i++) {
        clients[i] = come();
    }
    struct client late = connect_one();
    int result = server_add(server, late.theirs);
    grader_expect(result == -EMFILE, FULL, "expected %d (-EMFILE), got %d", -EMFILE, result);
    grader_expect(is_open(late.theirs), FULL, "expected its descriptor to stay open");
    grader_step("one leaves: there is room for it");
    close(clients[3].own);
    expect_gone(clients[3], MOST_CLIENTS - 1);
    result = server_add(server, late.theirs);
    grader_expect(result == 0, FULL, "expected 0, got %d", result);
    talk(late, OTHERS);
    clients[3] = late;
    grader_step("server_destroy with %d clients", MOST_CLIENTS);
    server_destroy(server);
    for (size_t i = 0; i < MOST_CLIENTS; i++) {
        grader_expect(!is_open(clients[i].theirs), DESTROY,
                      "expected descriptor %d to be closed, got it open", clients[i].theirs);
        close(clients[i].own);
    }
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
    grader_add(a_client_that_leaves_gives_its_descriptor_back);
    grader_add(the_others_stay);
    grader_add(a_descriptor_is_closed_once);
    grader_add(every_way_to_leave_gives_back);
    grader_add(its_memory_goes_too);
    grader_add(a_full_server_takes_nobody);
    return grader_run(argc, argv);
}
