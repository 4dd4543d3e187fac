/*
 * The grader of B-half-request.
 *
 * The grader is the client, at the other end of a socketpair. It stands between the program and the
 * kernel where the program reads or waits, so that one that reads in vain again and again is
 * noticed by its calls, not by the time that it takes.
 */
#include "diagnosis.h"
#include "grader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct connection;
struct connection *connection_create(int fd);
int connection_on_readable(struct connection *connection);
void connection_destroy(struct connection *connection);
int answer_main(int argc, char **argv);

enum { MOST_EMPTY_READS = 3, MOST_CALLS = 4000, LONGEST_REQUEST = 1024 };

static const char ANSWERED[] = "each complete request is answered, in order (contract, 1)";
static const char KEPT[] = "what is there of a request is kept until the rest comes (contract, 2)";
static const char NO_SPIN[] = "a call makes at most three reads that bring nothing (contract, 3)";
static const char NO_WAIT[] = "a call never waits (contract, 3)";
static const char RESULTS[] = "1: go on, 0: the client has ended, -errno: an error (contract, 4)";
static const char LIMITS[] = "a request has at most 1,024 bytes and begins with GET (contract, 5)";

static struct {
    int client;
    int server; /* belongs to the connection */
    struct connection *connection;
    bool in_call;
    int empty_reads;
} scene;

/* Called with the result of each read of the program. */
static ssize_t looked_at(ssize_t result)
{
    int error = errno;

    if (scene.in_call && result < 0) {
        scene.empty_reads++;
        grader_expect(scene.empty_reads <= MOST_EMPTY_READS, NO_SPIN,
                      "expected the call to return, but it has read in vain %d times",
                      scene.empty_reads);
    }
    errno = error;
    return result;
}

/* The socket does not block, so whether a flag says so as well makes no difference. */
ssize_t recvfrom(int fd, void *data, size_t size, int flags, struct sockaddr *from,
                 socklen_t *length)
{
    return looked_at(syscall(SYS_recvfrom, fd, data, size, flags, from, length));
}

ssize_t recv(int fd, void *data, size_t size, int flags)
{
    return recvfrom(fd, data, size, flags, NULL, NULL);
}

ssize_t read(int fd, void *data, size_t size)
{
    return looked_at(syscall(SYS_read, fd, data, size));
}

ssize_t readv(int fd, const struct iovec *parts, int count)
{
    return looked_at(syscall(SYS_readv, fd, parts, count));
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    return looked_at(syscall(SYS_recvmsg, fd, message, flags));
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    struct timespec timeout = {.tv_sec = timeout_ms / 1000,
                               .tv_nsec = timeout_ms % 1000 * 1000000L};
    struct timespec now = {0};

    int ready = (int)syscall(SYS_ppoll, fds, count, &now, NULL, 0);
    if (ready != 0 || timeout_ms == 0) {
        return ready;
    }
    grader_expect(!scene.in_call, NO_WAIT, "expected the call to return, but it waits in poll");
    return (int)syscall(SYS_ppoll, fds, count, timeout_ms < 0 ? NULL : &timeout, NULL, 0);
}

static void connect_client(void)
{
    int ends[2];

    ck_assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    scene.client = ends[0];
    scene.server = ends[1];
    scene.in_call = false;
    scene.connection = connection_create(scene.server);
    ck_assert(scene.connection != NULL);
}

static void disconnect_client(void)
{
    connection_destroy(scene.connection);
    close(scene.client);
}

static void send_bytes(const char *data, size_t size)
{
    ssize_t sent = send(scene.client, data, size, MSG_NOSIGNAL);
    ck_assert_msg(sent == (ssize_t)size, "the client could not send");
}

static int call_once(void)
{
    scene.empty_reads = 0;
    scene.in_call = true;
    int result = connection_on_readable(scene.connection);
    scene.in_call = false;
    return result;
}

static bool is_readable(void)
{
    struct pollfd server = {.fd = scene.server, .events = POLLIN};

    return poll(&server, 1, 0) == 1;
}

/* Calls the program as an event loop does: as long as there is something to read. */
static int serve(void)
{
    int result = 1;
    int calls = 0;

    while (result == 1 && is_readable()) {
        result = call_once();
        calls++;
        grader_expect(calls < MOST_CALLS, NO_SPIN,
                      "after %d calls the socket is still readable: nothing is read", calls);
    }
    return result;
}

/* Serves what the client has sent, which is to end with this result. */
static void serve_expecting(int expected)
{
    int result = serve();
    grader_expect(result == expected, RESULTS,
                  "expected connection_on_readable to return %d, got %d", expected, result);
}

static void expect_answers(const char *rule, const char *expected)
{
    char got[8192];
    ssize_t size = recv(scene.client, got, sizeof got - 1, MSG_DONTWAIT);

    got[size < 0 ? 0 : size] = '\0';
    grader_expect(strcmp(got, expected) == 0, rule, "the client expected '%s', got '%s'", expected,
                  got);
}

START_TEST(the_line_is_found)
{
    diagnosis_expect_line("    do {", "} while (connection->length > 0);");
}
END_TEST

START_TEST(the_kind_is_named)
{
    diagnosis_expect_bug(BUG_SPIN);
}
END_TEST

START_TEST(the_tool_shows_it)
{
    diagnosis_expect_tool(1U << TOOL_TOP | 1U << TOOL_STRACE | 1U << TOOL_GDB);
}
END_TEST

START_TEST(a_whole_request_is_answered)
{
    grader_step("the client sends one request");
    send_bytes("GET /index HTTP/1.1\r\nHost: a\r\n\r\n", 32);
    serve_expecting(1);
    expect_answers(ANSWERED, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n/index");
    grader_step("the event loop calls, and nothing is there");
    int result = call_once();
    grader_expect(result == 1, RESULTS, "expected 1, got %d", result);
}
END_TEST

START_TEST(half_a_request_waits)
{
    grader_step("the client sends 'GET /ind', half a request");
    send_bytes("GET /ind", 8);
    serve_expecting(1);
    expect_answers(KEPT, "");
    grader_step("the event loop calls once more, and nothing is there");
    int result = call_once();
    grader_expect(result == 1, RESULTS, "expected 1, got %d", result);
    expect_answers(KEPT, "");
}
END_TEST

START_TEST(the_rest_completes_it)
{
    static const char request[] = "GET /a/b HTTP/1.1\r\nHost: a\r\n\r\n";
    size_t size = strlen(request);

    for (size_t cut = 1; cut < size; cut++) {
        grader_step("a request comes in two pieces, of %zu and %zu bytes", cut, size - cut);
        send_bytes(request, cut);
        serve_expecting(1);
        expect_answers(KEPT, "");
        send_bytes(request + cut, size - cut);
        serve_expecting(1);
        expect_answers(KEPT, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n/a/b");
    }
    grader_step("a request comes byte by byte");
    for (size_t i = 0; i < size; i++) {
        send_bytes(request + i, 1);
        serve_expecting(1);
    }
    expect_answers(KEPT, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n/a/b");
}
END_TEST

START_TEST(requests_that_come_together_are_all_answered)
{
    static const char three_and_a_half[] =
        "GET /1 HTTP/1.1\r\n\r\nGET /22 HTTP/1.1\r\n\r\nGET /4 HTTP/1.1\r\n\r\nGET /3";

    grader_step("three requests and a half come together");
    send_bytes(three_and_a_half, strlen(three_and_a_half));
    serve_expecting(1);
    expect_answers(ANSWERED, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n/1"
                             "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n/22"
                             "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n/4");
    grader_step("the rest of the fourth comes");
    send_bytes("3 HTTP/1.1\r\n\r\n", 14);
    serve_expecting(1);
    expect_answers(KEPT, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n/33");
}
END_TEST

/* Fills size bytes with one request; the header in it has no meaning. */
static void make_request(char *request, size_t size)
{
    memset(request, 'x', size);
    memcpy(request, "GET /long HTTP/1.1\r\nX: ", 23);
    memcpy(request + size - 4, "\r\n\r\n", 4);
}

START_TEST(more_than_the_input_holds_is_answered)
{
    char three[3 * 700];

    grader_step("three requests of 700 bytes come together: more than the 1,024 of the input");
    for (size_t i = 0; i < 3; i++) {
        make_request(three + i * 700, 700);
    }
    send_bytes(three, sizeof three);
    serve_expecting(1);
    expect_answers(ANSWERED, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n/long"
                             "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n/long"
                             "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n/long");
}
END_TEST

START_TEST(the_end_of_the_client_is_noticed)
{
    grader_step("the client sends a request and ends");
    send_bytes("GET /a HTTP/1.1\r\n\r\n", 19);
    shutdown(scene.client, SHUT_WR);
    serve_expecting(0);
    expect_answers(ANSWERED, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n/a");
    disconnect_client();
    connect_client();
    grader_step("another one sends half a request and ends");
    send_bytes("GET /a HT", 9);
    shutdown(scene.client, SHUT_WR);
    serve_expecting(0);
    expect_answers(KEPT, "");
}
END_TEST

START_TEST(connections_have_nothing_in_common)
{
    grader_step("a client sends half a request; another one comes, and sends a whole one");
    send_bytes("GET /on", 7);
    serve_expecting(1);
    int first_client = scene.client;
    int first_server = scene.server;
    struct connection *first = scene.connection;
    connect_client();
    send_bytes("GET /two HTTP/1.1\r\n\r\n", 21);
    serve_expecting(1);
    expect_answers(KEPT, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n/two");
    disconnect_client();
    grader_step("the other one is gone: connection_destroy");
    grader_expect(fcntl(scene.server, F_GETFD) < 0, "connection_destroy closes fd (contract)",
                  "expected descriptor %d to be closed, got it open", scene.server);
    grader_step("the rest of the first one's request comes");
    scene.client = first_client;
    scene.server = first_server;
    scene.connection = first;
    send_bytes("e HTTP/1.1\r\n\r\n", 14);
    serve_expecting(1);
    expect_answers(KEPT, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n/one");
}
END_TEST

START_TEST(a_client_that_is_gone_is_an_error)
{
    grader_step("the client sends a request and closes: nobody is there to be answered");
    send_bytes("GET /a HTTP/1.1\r\n\r\n", 19);
    close(scene.client);
    int result = serve();
    grader_expect(result < 0, RESULTS, "expected connection_on_readable to return -errno, got %d",
                  result);
    scene.client = -1;
}
END_TEST

START_TEST(what_is_no_request_is_an_error)
{
    char request[LONGEST_REQUEST];

    grader_step("the client sends a complete request that is not GET");
    send_bytes("PUT /a HTTP/1.1\r\n\r\n", 19);
    serve_expecting(-EBADMSG);
    disconnect_client();
    connect_client();
    grader_step("another one sends a request without a space behind its path, and one with it");
    send_bytes("GET /a\r\n\r\nGET /b HTTP/1.1\r\n\r\n", 29);
    serve_expecting(-EBADMSG);
    disconnect_client();
    connect_client();
    grader_step("another one sends 1,023 bytes of a request, then the last one");
    make_request(request, sizeof request);
    send_bytes(request, sizeof request - 1);
    serve_expecting(1);
    send_bytes(request + sizeof request - 1, 1);
    serve_expecting(1);
    expect_answers(LIMITS, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n/long");
    grader_step("then 1,024 bytes without an end");
    memset(request, 'x', sizeof request);
    send_bytes(request, sizeof request);
    serve_expecting(-EMSGSIZE);
}
END_TEST

START_TEST(main_ends_with_status_0)
{
    static char name[] = "program";
    char *argv[] = {name, NULL};

    grader_step("the program is started without arguments");
    int status = answer_main(1, argv);
    grader_expect(status == 0, "main ends by itself with status 0 (contract, 6)",
                  "expected status 0, got %d", status);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("diagnosis", NULL, NULL);
    grader_add(the_line_is_found);
    grader_add(the_kind_is_named);
    grader_add(the_tool_shows_it);
    grader_group("repair", connect_client, disconnect_client);
    grader_add(a_whole_request_is_answered);
    grader_add(half_a_request_waits);
    grader_add(the_rest_completes_it);
    grader_add(requests_that_come_together_are_all_answered);
    grader_add(more_than_the_input_holds_is_answered);
    grader_add(the_end_of_the_client_is_noticed);
    grader_add(what_is_no_request_is_an_error);
    grader_add(connections_have_nothing_in_common);
    grader_add(a_client_that_is_gone_is_an_error);
    grader_group("the program", NULL, NULL);
    grader_add(main_ends_with_status_0);
    return grader_run(argc, argv);
}
