/*
 * The grader of S3-reuseport: real sockets on the loopback address.
 */
#include "check_failures.h"
#include "grader.h"
#include "kernel_calls.h"
#include "listeners.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST = 5, UNTOUCHED = -77, CLIENTS = 64 };

static const char SAME[] = "all listen on the address that was given; where its port is 0, on the "
                           "port that the kernel chose for the first (contract, 2)";
static const char COUNT[] = "the count is 1 to 256, else it is -EINVAL and nothing is opened "
                            "(contract, 1)";
static const char OWN[] = "each is a socket of its own, with SO_REUSEPORT and a queue of its own "
                          "(contract, 3)";
static const char QUEUE[] = "each listens, with a backlog of at least 128 (contract, 4)";
static const char BORN[] = "each is born non-blocking and close-on-exec (contract, 5)";
static const char FIRST_BIND[] = "all are bound before the first one listens (contract, 6)";
static const char ERROR[] = "when a call fails, the result is its -errno (contract, 7)";
static const char NOTHING[] = "when a call fails, everything that was opened is closed "
                              "(contract, 7)";

static struct sockaddr_in loopback(in_port_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = port,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
}

static int call(const struct sockaddr_in *address, size_t count, int fds[])
{
    struct sockaddr_in before = *address;

    watch_begin();
    int result = listeners_open((const struct sockaddr *)address, sizeof *address, count, fds);
    watch_end();
    grader_expect(memcmp(&before, address, sizeof before) == 0, SAME,
                  "expected the caller's address to stay as it was, it has changed");
    return result;
}

/* Opens them, expects that it works. */
static void open_all(in_port_t port, size_t count, int fds[])
{
    struct sockaddr_in address = loopback(port);

    grader_step("open %zu listeners on 127.0.0.1, port %d", count, ntohs(port));
    int result = call(&address, count, fds);
    grader_expect(result == 0, SAME, "expected 0, got %d (%s)", result,
                  result < 0 ? strerror(-result) : "?");
}

static void close_all(const int fds[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        close(fds[i]);
    }
}

static struct sockaddr_in address_of(int fd)
{
    struct sockaddr_in address = {0};
    socklen_t length = sizeof address;

    getsockname(fd, (struct sockaddr *)&address, &length);
    return address;
}

static int option(int fd, int name)
{
    int value = -1;
    socklen_t length = sizeof value;

    getsockopt(fd, SOL_SOCKET, name, &value, &length);
    return value;
}

static void expect_same_port(const int fds[], size_t count, in_port_t port)
{
    for (size_t i = 0; i < count; i++) {
        struct sockaddr_in address = address_of(fds[i]);
        grader_expect(address.sin_family == AF_INET &&
                          address.sin_addr.s_addr == htonl(INADDR_LOOPBACK),
                      SAME, "socket %zu: expected it on 127.0.0.1, it is elsewhere", i);
        grader_expect(address.sin_port == port && port != 0, SAME,
                      "socket %zu: expected port %d, got port %d", i, ntohs(port),
                      ntohs(address.sin_port));
        grader_expect(option(fds[i], SO_ACCEPTCONN) == 1, QUEUE,
                      "socket %zu: expected it to listen, it does not", i);
    }
}

START_TEST(all_listen_on_the_port_that_was_found)
{
    static const size_t counts[] = {1, 2, MOST};

    for (size_t i = 0; i < 3; i++) {
        int fds[MOST];
        open_all(0, counts[i], fds);
        expect_same_port(fds, counts[i], address_of(fds[0]).sin_port);
        close_all(fds, counts[i]);
    }
}
END_TEST

START_TEST(a_given_port_is_taken)
{
    int first[2];
    int second[3];

    open_all(0, 2, first);
    in_port_t port = address_of(first[0]).sin_port;
    grader_step("once more, on that very port: SO_REUSEPORT allows it");
    open_all(port, 3, second);
    expect_same_port(second, 3, port);
    close_all(first, 2);
    close_all(second, 3);
}
END_TEST

START_TEST(each_is_a_socket_of_its_own)
{
    struct stat states[MOST];
    int fds[MOST];

    open_all(0, MOST, fds);
    for (int i = 0; i < MOST; i++) {
        fstat(fds[i], &states[i]);
        for (int k = 0; k < i; k++) {
            grader_expect(states[i].st_ino != states[k].st_ino, OWN,
                          "expected %d sockets, got one of them twice: descriptors %d and %d", MOST,
                          fds[k], fds[i]);
        }
        grader_expect(option(fds[i], SO_REUSEPORT) == 1, OWN,
                      "socket %d: expected SO_REUSEPORT to be on, it is off", i);
    }
    close_all(fds, MOST);
}
END_TEST

START_TEST(the_queue_has_room)
{
    int fds[2];

    open_all(0, 2, fds);
    grader_expect(watch_end()->smallest_backlog >= 128, QUEUE,
                  "expected a backlog of 128 or more, got %d", watch_end()->smallest_backlog);
    close_all(fds, 2);
}
END_TEST

/* Accepts the clients; counts[i] of them waited at socket i. */
static void accept_all(const int fds[3], int counts[3])
{
    for (int total = 0; total < CLIENTS;) {
        struct pollfd polled[] = {{fds[0], POLLIN, 0}, {fds[1], POLLIN, 0}, {fds[2], POLLIN, 0}};
        poll(polled, 3, -1);
        for (int i = 0; i < 3; i++) {
            int client = accept(fds[i], NULL, NULL);
            if (client >= 0) {
                close(client);
                counts[i]++;
                total++;
            }
        }
    }
}

START_TEST(clients_reach_every_socket)
{
    int fds[3];
    int clients[CLIENTS];
    int counts[3] = {0};

    open_all(0, 3, fds);
    struct sockaddr_in address = address_of(fds[0]);
    for (int i = 0; i < 3; i++) {
        grader_expect((fcntl(fds[i], F_GETFL) & O_NONBLOCK) != 0, BORN,
                      "socket %d: expected O_NONBLOCK, it blocks", i);
    }
    grader_step("%d clients connect; all are accepted", CLIENTS);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int result = connect(clients[i], (struct sockaddr *)&address, sizeof address);
        grader_expect(result == 0, QUEUE, "client %d: expected to connect, got '%s'", i,
                      strerror(errno));
    }
    accept_all(fds, counts);
    for (int i = 0; i < 3; i++) {
        grader_expect(counts[i] > 0, OWN, "socket %d: expected some of %d clients, got none", i,
                      CLIENTS);
    }
    close_all(clients, CLIENTS);
    close_all(fds, 3);
}
END_TEST

START_TEST(they_are_born_non_blocking_and_close_on_exec)
{
    int fds[MOST];

    open_all(0, MOST, fds);
    grader_expect(!watch_end()->born_bare, BORN,
                  "expected socket(…, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, …), got a call "
                  "without the two");
    for (int i = 0; i < MOST; i++) {
        grader_expect((fcntl(fds[i], F_GETFD) & FD_CLOEXEC) != 0, BORN,
                      "socket %d: expected FD_CLOEXEC, it is not set", i);
    }
    close_all(fds, MOST);
}
END_TEST

START_TEST(none_listens_before_all_are_bound)
{
    int fds[MOST];
    bool listening = false;

    open_all(0, MOST, fds);
    const struct seen *seen = watch_end();
    for (size_t i = 0; i < seen->total; i++) {
        listening = listening || seen->calls[i] == CALL_LISTEN;
        grader_expect(!listening || seen->calls[i] != CALL_BIND, FIRST_BIND,
                      "expected %d times bind and then %d times listen, got a listen before a bind",
                      MOST, MOST);
    }
    close_all(fds, MOST);
}
END_TEST

START_TEST(the_address_may_be_ipv6)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_in6 found[3];
    int fds[3];

    grader_step("open 3 listeners on ::1, port 0 (the grader answers instead of the kernel)");
    pretend_ipv6();
    watch_begin();
    int result = listeners_open((struct sockaddr *)&address, sizeof address, 3, fds);
    watch_end();
    grader_expect(result == 0, SAME, "expected 0, got %d (%s)", result,
                  result < 0 ? strerror(-result) : "?");
    for (int i = 0; i < 3; i++) {
        socklen_t length = sizeof found[i];
        memset(&found[i], 0, sizeof found[i]);
        getsockname(fds[i], (struct sockaddr *)&found[i], &length);
        grader_expect(
            found[i].sin6_family == AF_INET6 &&
                memcmp(&found[i].sin6_addr, &address.sin6_addr, sizeof address.sin6_addr) == 0,
            SAME, "socket %d: expected it on ::1, it is elsewhere", i);
        grader_expect(found[i].sin6_port == found[0].sin6_port, SAME,
                      "socket %d: expected port %d, got port %d", i, ntohs(found[0].sin6_port),
                      ntohs(found[i].sin6_port));
    }
}
END_TEST

START_TEST(a_count_out_of_range_is_refused)
{
    static const size_t counts[] = {0, LISTENERS_MOST + 1, (size_t)-1};
    static int fds[LISTENERS_MOST + 1];
    struct sockaddr_in address = loopback(0);

    for (size_t i = 0; i < 3; i++) {
        grader_step("open %zu listeners", counts[i]);
        int result = call(&address, counts[i], fds);
        grader_expect(result == -EINVAL, COUNT, "expected -EINVAL (%d), got %d", -EINVAL, result);
        grader_expect(watch_end()->counts[CALL_SOCKET] == 0, COUNT,
                      "expected no call of socket, got %zu", watch_end()->counts[CALL_SOCKET]);
    }
    open_all(0, LISTENERS_MOST, fds);
    expect_same_port(fds, LISTENERS_MOST, address_of(fds[0]).sin_port);
    close_all(fds, LISTENERS_MOST);
}
END_TEST

START_TEST(a_port_that_is_taken_is_refused)
{
    struct sockaddr_in address = loopback(0);
    int fds[2] = {UNTOUCHED, UNTOUCHED};
    int other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    bind(other, (struct sockaddr *)&address, sizeof address);
    listen(other, 1);
    address = address_of(other);
    size_t before = count_open();
    grader_step("somebody listens on port %d, without SO_REUSEPORT", ntohs(address.sin_port));
    int result = call(&address, 2, fds);
    grader_expect(result == -EADDRINUSE, ERROR, "expected -EADDRINUSE (%d), got %d", -EADDRINUSE,
                  result);
    grader_expect(count_open() == before, NOTHING, "expected %zu open descriptors, got %zu", before,
                  count_open());
    close(other);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("real sockets", NULL, NULL);
    grader_add(all_listen_on_the_port_that_was_found);
    grader_add(a_given_port_is_taken);
    grader_add(each_is_a_socket_of_its_own);
    grader_add(the_queue_has_room);
    grader_add(clients_reach_every_socket);
    grader_add(they_are_born_non_blocking_and_close_on_exec);
    grader_add(none_listens_before_all_are_bound);
    grader_add(the_address_may_be_ipv6);
    grader_add(a_count_out_of_range_is_refused);
    add_failure_checks();
    grader_group("a port that somebody has", NULL, NULL);
    grader_add(a_port_that_is_taken_is_refused);
    return grader_run(argc, argv);
}
