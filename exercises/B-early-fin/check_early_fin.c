/*
 * The grader of B-early-fin.
 *
 * The grader is the client, at the other end of a socketpair, and the event loop. check_socket.c
 * stands between the program and the kernel.
 */
#include "check_socket.h"
#include "diagnosis.h"
#include "grader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int answer_main(int argc, char **argv);

enum { LONG = 600000, MOST_CALLS = 2000 };

static const char ARRIVES[] =
    "what connection_send has taken arrives whole, in order (contract, 1)";
static const char THE_END[] = "the client sees the end behind the last byte, at once (contract, 2)";
static const char HALF_OPEN[] = "only the sending direction ends (contract, 2)";
static const char WANTS[] = "connection_wants_writable: is there something to send? (contract, 4)";
static const char NO_MORE[] = "after connection_finish nothing more is taken (contract, 5)";
static const char GONE[] = "a client that is gone is an error, and costs no more (contract, 6)";
static const char CLOSED[] = "connection_destroy closes the descriptor (contract, 7)";

static void connect_client(void)
{
    int ends[2];

    ck_assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    scene.client = ends[0];
    scene.server = ends[1];
    scene.in_flight = 0;
    scene.received = 0;
    scene.connection = connection_create(scene.server);
    ck_assert(scene.connection != NULL);
}

static void destroy_connection(void)
{
    scene.in_call = true;
    scene.in_vain = 0;
    connection_destroy(scene.connection);
    scene.in_call = false;
    grader_expect(fcntl(scene.server, F_GETFD) < 0, CLOSED, "expected descriptor %d to be closed",
                  scene.server);
}

static void disconnect_client(void)
{
    destroy_connection();
    close(scene.client);
}

static int call_send(const void *data, size_t size)
{
    scene.in_call = true;
    scene.in_vain = 0;
    int result = connection_send(scene.connection, data, size);
    scene.in_call = false;
    return result;
}

static int call_finish(void)
{
    scene.in_call = true;
    scene.in_vain = 0;
    int result = connection_finish(scene.connection);
    scene.in_call = false;
    return result;
}

static int call_on_writable(void)
{
    scene.in_call = true;
    scene.in_vain = 0;
    int result = connection_on_writable(scene.connection);
    scene.in_call = false;
    return result;
}

static void expect_wants(bool expected)
{
    grader_expect(connection_wants_writable(scene.connection) == expected, WANTS, "expected %s",
                  expected ? "true: not everything is out" : "false: nothing is left to send");
}

static void expect_zero(const char *function, int result)
{
    grader_expect(result == 0, ARRIVES, "expected 0 from %s, got %d (%s)", function, result,
                  strerror(-result));
}

/* Byte number i of all that is sent in a check. */
static char byte_at(size_t i)
{
    return (char)(i * 7 + i / 251);
}

/* A program's own copy, which it is free to forget the moment that connection_send returns. */
static int send_bytes(size_t from, size_t size)
{
    char *data = malloc(size);

    ck_assert(data != NULL);
    for (size_t i = 0; i < size; i++) {
        data[i] = byte_at(from + i);
    }
    int result = call_send(data, size);
    memset(data, '!', size);
    free(data);
    return result;
}

/* The client reads at most so much. Returns what recv says: 0 at the end, -1 if nothing is there. */
static ssize_t client_reads(size_t most)
{
    char data[ROOM];
    ssize_t count = recv(scene.client, data, most < ROOM ? most : ROOM, MSG_DONTWAIT);

    for (ssize_t i = 0; i < count; i++) {
        grader_expect(data[i] == byte_at(scene.received), ARRIVES,
                      "byte %zu is not the one that was sent", scene.received);
        scene.received++;
        scene.in_flight--;
    }
    return count;
}

static void expect_received(size_t expected)
{
    grader_expect(scene.received == expected, ARRIVES, "expected %zu bytes, the client got %zu",
                  expected, scene.received);
}

static void expect_end(void)
{
    ssize_t count = client_reads(ROOM);
    grader_expect(count == 0, THE_END, "expected the client to read 0 (the end), it %s",
                  count < 0 ? "still waits" : "got more bytes");
}

/* The client reads 7,000 bytes at a time; the loop calls when the connection wants it. */
static void read_slowly(void)
{
    int calls = 0;

    while (client_reads(7000) > 0) {
        if (connection_wants_writable(scene.connection)) {
            expect_zero("connection_on_writable", call_on_writable());
        }
        calls++;
        grader_expect(calls < MOST_CALLS, ARRIVES, "the client gets more and more: %zu bytes",
                      scene.received);
    }
}

START_TEST(the_line_is_found)
{
    diagnosis_expect_line("    connection->finished = true;", "return shutdown(connection->fd");
}
END_TEST

START_TEST(the_kind_is_named)
{
    diagnosis_expect_bug(BUG_ENDS_TOO_EARLY);
}
END_TEST

START_TEST(the_tool_shows_it)
{
    /* gdb: connection_on_writable returns -EPIPE, and the client is there. */
    diagnosis_expect_tool(1U << TOOL_NETWORK | 1U << TOOL_STRACE | 1U << TOOL_GDB);
}
END_TEST

START_TEST(a_slow_client_gets_everything)
{
    grader_step("600,000 bytes are sent in two parts; the socket has room for 50,000");
    expect_zero("connection_send", send_bytes(0, LONG / 3));
    expect_zero("connection_send", send_bytes(LONG / 3, LONG - LONG / 3));
    expect_wants(true);
    grader_step("connection_finish");
    expect_zero("connection_finish", call_finish());
    expect_wants(true);
    grader_step("the event loop calls, but the client has not read yet");
    expect_zero("connection_on_writable", call_on_writable());
    grader_step("the client reads 7,000 bytes at a time, up to the end");
    read_slowly();
    expect_received(LONG);
    expect_wants(false);
}
END_TEST

START_TEST(the_end_comes_behind_the_last_byte)
{
    grader_step("60,000 bytes are sent, the socket takes 50,000; connection_finish");
    expect_zero("connection_send", send_bytes(0, 60000));
    expect_zero("connection_finish", call_finish());
    grader_step("the client reads 50,000 bytes");
    client_reads(50000);
    expect_received(50000);
    grader_expect(client_reads(1) < 0, THE_END, "expected no end yet: 10,000 bytes are missing");
    grader_step("the event loop calls connection_on_writable until all is out, and nothing else");
    for (int i = 0; i < MOST_CALLS && scene.received < 60000; i++) {
        expect_zero("connection_on_writable", call_on_writable());
        client_reads(ROOM);
    }
    expect_received(60000);
    expect_end();
    expect_wants(false);
}
END_TEST

START_TEST(without_output_the_end_comes_at_once)
{
    grader_step("100 bytes are sent, the socket takes them");
    expect_zero("connection_send", send_bytes(0, 100));
    expect_wants(false);
    client_reads(ROOM);
    expect_received(100);
    grader_expect(client_reads(1) < 0, THE_END, "expected no end before connection_finish");
    grader_step("connection_finish");
    expect_zero("connection_finish", call_finish());
    expect_wants(false);
    expect_end();
    grader_step("connection_finish once more");
    expect_zero("connection_finish", call_finish());
    grader_step("another connection sends nothing at all; connection_finish");
    disconnect_client();
    connect_client();
    expect_zero("connection_finish", call_finish());
    expect_end();
}
END_TEST

START_TEST(output_without_finish_has_no_end)
{
    grader_step("60,000 bytes are sent and read; connection_finish is not called");
    expect_zero("connection_send", send_bytes(0, 60000));
    read_slowly();
    expect_received(60000);
    expect_wants(false);
    grader_step("100 bytes more");
    expect_zero("connection_send", send_bytes(60000, 100));
    client_reads(ROOM);
    expect_received(60100);
    grader_expect(client_reads(1) < 0, THE_END, "expected no end before connection_finish");
}
END_TEST

START_TEST(the_other_direction_stays_open)
{
    char data[10];

    grader_step("60,000 bytes, connection_finish, and the client reads up to the end");
    expect_zero("connection_send", send_bytes(0, 60000));
    expect_zero("connection_finish", call_finish());
    read_slowly();
    expect_received(60000);
    grader_step("the client still sends 5 bytes");
    ssize_t sent = send(scene.client, "hello", 5, MSG_NOSIGNAL);
    grader_expect(sent == 5, HALF_OPEN, "expected the client to be able to send");
    ssize_t count = recv(scene.server, data, sizeof data, MSG_DONTWAIT);
    grader_expect(count == 5, HALF_OPEN, "expected 5 bytes for the server to read, got %zd", count);
}
END_TEST

START_TEST(after_finish_nothing_is_taken)
{
    grader_step("60,000 bytes, connection_finish, and 100 bytes more while 10,000 are kept");
    expect_zero("connection_send", send_bytes(0, 60000));
    expect_zero("connection_finish", call_finish());
    int result = send_bytes(60000, 100);
    grader_expect(result == -EPIPE, NO_MORE, "expected -EPIPE from connection_send, got %d",
                  result);
    expect_zero("connection_finish", call_finish());
    read_slowly();
    expect_received(60000);
    grader_step("100 bytes more when all is out");
    result = send_bytes(60000, 100);
    grader_expect(result == -EPIPE, NO_MORE, "expected -EPIPE from connection_send, got %d",
                  result);
    expect_wants(false);
    expect_end();
}
END_TEST

START_TEST(connections_have_nothing_in_common)
{
    grader_step("60,000 bytes, connection_finish; 10,000 are kept");
    expect_zero("connection_send", send_bytes(0, 60000));
    expect_zero("connection_finish", call_finish());
    struct scene first = scene;
    grader_step("another connection comes, sends 100 bytes, and goes without connection_finish");
    connect_client();
    expect_zero("connection_send", send_bytes(0, 100));
    client_reads(ROOM);
    expect_received(100);
    grader_expect(client_reads(1) < 0, THE_END, "expected no end before connection_finish");
    disconnect_client();
    grader_step("the first client reads up to the end");
    scene = first;
    read_slowly();
    expect_received(60000);
    int result = send_bytes(60000, 100);
    grader_expect(result == -EPIPE, NO_MORE, "expected -EPIPE from connection_send, got %d",
                  result);
    expect_end();
}
END_TEST

START_TEST(a_client_that_is_gone_is_an_error)
{
    for (int finished = 0; finished < 2; finished++) {
        grader_step("60,000 bytes%s; the client closes", finished ? ", connection_finish" : "");
        expect_zero("connection_send", send_bytes(0, 60000));
        if (finished) {
            expect_zero("connection_finish", call_finish());
        }
        close(scene.client);
        scene.in_flight = 0;
        int result = call_on_writable();
        grader_expect(result < 0, GONE, "expected an error from connection_on_writable, got %d",
                      result);
        grader_expect(!connection_wants_writable(scene.connection), GONE,
                      "expected connection_wants_writable to be false: nobody will take it");
        destroy_connection();
        connect_client();
    }
}
END_TEST

START_TEST(main_ends_with_status_0)
{
    static char name[] = "program";
    char *argv[] = {name, NULL};

    grader_step("the program is started without arguments");
    int status = answer_main(1, argv);
    grader_expect(status == 0, "main ends by itself with status 0 (contract, 8)",
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
    grader_add(a_slow_client_gets_everything);
    grader_add(the_end_comes_behind_the_last_byte);
    grader_add(without_output_the_end_comes_at_once);
    grader_add(output_without_finish_has_no_end);
    grader_add(the_other_direction_stays_open);
    grader_add(after_finish_nothing_is_taken);
    grader_add(connections_have_nothing_in_common);
    grader_add(a_client_that_is_gone_is_an_error);
    grader_group("the program", NULL, NULL);
    grader_add(main_ends_with_status_0);
    return grader_run(argc, argv);
}
