/* The modes http, echo and storm against a server that does as it should. */
#include "load_process.h"
#include "scripted_server.h"
#include "suite_runner.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define HEAD "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n"
#define ANSWER HEAD "\r\nhello\n"
#define LAST_ANSWER HEAD "Connection: close\r\n\r\nhello\n"

enum { TIMEOUT_S = 40 };

static struct load_process load;

/* In two pieces, so that the client sees a part of an answer now and then. */
static void play_hello(struct scripted_server *server, int fd)
{
    static const char answer[] = ANSWER;
    const size_t cut = 20;

    while (scripted_read_request(server, fd) && scripted_send(fd, answer, cut) &&
           scripted_send(fd, answer + cut, sizeof answer - 1 - cut)) {
    }
}

static void play_one_hello(struct scripted_server *server, int fd)
{
    if (scripted_read_request(server, fd)) {
        scripted_send(fd, LAST_ANSWER, sizeof LAST_ANSWER - 1);
    }
}

/* As servers do that bound the requests of a connection; what is pipelined behind goes unread. */
static void play_three_hellos(struct scripted_server *server, int fd)
{
    for (int i = 0; i < 2; i++) {
        if (!scripted_read_request(server, fd) || !scripted_send(fd, ANSWER, sizeof ANSWER - 1)) {
            return;
        }
    }
    play_one_hello(server, fd);
    shutdown(fd, SHUT_WR);
    scripted_await_end(fd);
}

static void play_echo(struct scripted_server *server, int fd)
{
    char bytes[65536];
    ssize_t n;

    (void)server;
    while ((n = recv(fd, bytes, sizeof bytes, 0)) > 0 && scripted_send(fd, bytes, (size_t)n)) {
    }
}

static void play_large_file(struct scripted_server *server, int fd)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n";
    static const char block[1048576];

    while (scripted_read_request(server, fd) && scripted_send(fd, head, sizeof head - 1)) {
        for (int i = 0; i < 10; i++) {
            scripted_send(fd, block, sizeof block);
        }
    }
}

static char seen[256];

/* A request as it came; it fits into one segment. */
static void play_seen(struct scripted_server *server, int fd)
{
    char request[sizeof seen] = "";

    /* Each connection has a thread of its own; what the first request was is told by one of them. */
    if (recv(fd, request, sizeof request - 1, 0) > 0 &&
        atomic_fetch_add(&server->requests, 1) == 0) {
        memcpy(seen, request, sizeof seen);
    }
    scripted_send(fd, LAST_ANSWER, sizeof LAST_ANSWER - 1);
}

static const struct {
    void (*play)(struct scripted_server *server, int fd);
    const char *words[LOAD_WORDS];
    size_t answer_length; /* 0: it varies */
} http_runs[] = {
    {play_hello, {"--connections=8", "--duration=200"}, sizeof ANSWER - 1},
    {play_hello, {"--connections=1", "--duration=200", "--pipeline=16"}, sizeof ANSWER - 1},
    {play_hello, {"--connections=8", "--duration=200", "--pipeline=7"}, sizeof ANSWER - 1},
    {play_hello, {"--connections=8", "--duration=200", "--rate=1000"}, sizeof ANSWER - 1},
    {play_hello, {"--connections=2", "--duration=200", "--rate=900000"}, sizeof ANSWER - 1},
    {play_one_hello, {"--connections=8", "--duration=200", "--close=on"}, sizeof LAST_ANSWER - 1},
    {play_one_hello,
     {"--connections=4", "--duration=200", "--close=on", "--rate=500"},
     sizeof LAST_ANSWER - 1},
    {play_three_hellos, {"--connections=4", "--duration=200"}, 0},
    {play_large_file, {"--connections=2", "--duration=200"}, 10485760 + 45},
};

START_TEST(http_counts_the_requests_that_the_server_has_answered)
{
    struct scripted_server server = {.play = http_runs[_i].play};

    load_run_against(&load, &server, "http", http_runs[_i].words);
    load_expect_no_error(&load);
    ck_assert_uint_gt(load_number(&load, "requests"), 0);
    ck_assert_uint_eq(load_number(&load, "requests"), (uint64_t)server.requests);
    if (http_runs[_i].answer_length > 0) {
        ck_assert_uint_eq(load_number(&load, "bytes"),
                          load_number(&load, "requests") * http_runs[_i].answer_length);
    }
}
END_TEST

/* The server has seen more: what it left unanswered behind its close was asked again. */
START_TEST(what_a_server_leaves_unanswered_when_it_closes_in_order_is_asked_again)
{
    struct scripted_server server = {.play = play_three_hellos};
    const char *const words[] = {"--connections=2", "--duration=200", "--pipeline=16", NULL};

    load_run_against(&load, &server, "http", words);
    load_expect_no_error(&load);
    ck_assert_uint_eq(load_number(&load, "requests"), (uint64_t)server.requests);
    ck_assert_uint_eq(load_number(&load, "requests") % 16, 0);
    /* Sixteen answers take six connections, three each but for the last. */
    ck_assert_int_ge(server.connections * 3, server.requests);
}
END_TEST

START_TEST(a_close_run_takes_a_connection_a_request)
{
    struct scripted_server server = {.play = play_one_hello};
    const char *const words[] = {"--connections=4", "--duration=200", "--close=on", NULL};

    load_run_against(&load, &server, "http", words);
    ck_assert_int_eq(server.connections, server.requests);
}
END_TEST

START_TEST(a_keep_alive_run_keeps_its_connections)
{
    struct scripted_server server = {.play = play_hello};
    const char *const words[] = {"--connections=5", "--duration=200", NULL};

    load_run_against(&load, &server, "http", words);
    ck_assert_int_eq(server.connections, 5);
}
END_TEST

static const struct {
    const char *words[LOAD_WORDS];
    const char *before_port;
    const char *behind;
} requests[] = {
    {{"--connections=1", "--duration=1"}, "GET /hello HTTP/1.1\r\nHost: 127.0.0.1:", "\r\n\r\n"},
    {{"--connections=1", "--duration=1", "--path=/a?b=c", "--host=localhost"},
     "GET /a?b=c HTTP/1.1\r\nHost: localhost:",
     "\r\n\r\n"},
    {{"--connections=1", "--duration=1", "--close=on"},
     "GET /hello HTTP/1.1\r\nHost: 127.0.0.1:",
     "\r\nConnection: close\r\n\r\n"},
};

START_TEST(a_request_is_what_the_options_say)
{
    struct scripted_server server = {.play = play_seen};
    char expected[sizeof seen];

    load_run_against(&load, &server, "http", requests[_i].words);
    snprintf(expected, sizeof expected, "%s%u%s", requests[_i].before_port, server.port,
             requests[_i].behind);
    ck_assert_str_eq(seen, expected);
}
END_TEST

static const struct {
    void (*play)(struct scripted_server *server, int fd);
    const char *words[LOAD_WORDS];
    uint64_t size;
} echo_runs[] = {
    {play_echo, {"--connections=8", "--duration=200"}, 64},
    {play_echo, {"--connections=8", "--duration=200", "--size=1"}, 1},
    {play_echo, {"--connections=4", "--duration=200", "--size=1000000"}, 1000000},
    {play_echo, {"--connections=8", "--duration=200", "--size=100", "--rate=1000"}, 100},
};

START_TEST(echo_counts_whole_messages)
{
    struct scripted_server server = {.play = echo_runs[_i].play};

    load_run_against(&load, &server, "echo", echo_runs[_i].words);
    load_expect_no_error(&load);
    ck_assert_uint_gt(load_number(&load, "requests"), 0);
    ck_assert_uint_eq(load_number(&load, "bytes"),
                      load_number(&load, "requests") * echo_runs[_i].size);
}
END_TEST

START_TEST(a_storm_counts_the_connections_that_the_server_has_seen)
{
    struct scripted_server server = {.play = play_echo};
    const char *const words[] = {"--connections=4", "--duration=200", "--size=10", NULL};

    load_run_against(&load, &server, "storm", words);
    load_expect_no_error(&load);
    ck_assert_uint_gt(load_number(&load, "requests"), 0);
    ck_assert_uint_eq(load_number(&load, "requests"), (uint64_t)server.connections);
    ck_assert_uint_eq(load_number(&load, "bytes"), (uint64_t)server.connections * 10);
}
END_TEST

START_TEST(the_result_is_one_line_of_json_in_a_fixed_order)
{
    struct scripted_server server = {.play = play_hello};
    const char *const words[] = {"--connections=3", "--duration=100", NULL};
    uint64_t n[9];
    int end = 0;

    load_run_against(&load, &server, "http", words);
    sscanf(load.out,
           "{\"mode\":\"http\",\"connections\":3,\"requests\":%" SCNu64 ",\"bytes\":%" SCNu64
           ",\"errors\":%" SCNu64 ",\"elapsed_ns\":%" SCNu64 ",\"latency_ns\":{\"p50\":%" SCNu64
           ",\"p90\":%" SCNu64 ",\"p99\":%" SCNu64 ",\"p99.9\":%" SCNu64 ",\"max\":%" SCNu64
           "}}\n%n",
           &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6], &n[7], &n[8], &end);
    ck_assert_msg(end > 0 && load.out[end] == '\0', "not that line: %s", load.out);
    ck_assert_uint_ge(n[3], 100 * 1000000);
    for (int i = 5; i < 9; i++) {
        ck_assert_uint_le(n[i - 1], n[i]);
    }
}
END_TEST

START_TEST(an_interrupt_ends_a_run_early_and_the_result_is_printed)
{
    struct scripted_server server = {.play = play_hello};
    const char *const words[] = {"--connections=4", "--duration=600000", NULL};

    scripted_server_start(&server);
    load_start(&load, "http", server.port, words);
    while (atomic_load(&server.requests) < 100) {
        poll(NULL, 0, 1);
    }
    ck_assert_int_eq(kill(load.pid, SIGINT), 0);
    load_wait(&load);
    scripted_server_stop(&server);
    ck_assert_int_eq(load.status, 0);
    load_expect_no_error(&load);
    ck_assert_uint_eq(load_number(&load, "requests"), (uint64_t)server.requests);
}
END_TEST

int main(int argc, char **argv)
{
    load_process_init(argc, argv);

    Suite *suite = suite_create("load traffic");

    TCase *http = tcase_create("http");
    tcase_set_timeout(http, TIMEOUT_S);
    tcase_add_loop_test(http, http_counts_the_requests_that_the_server_has_answered, 0,
                        (int)(sizeof http_runs / sizeof *http_runs));
    tcase_add_loop_test(http, a_request_is_what_the_options_say, 0,
                        (int)(sizeof requests / sizeof *requests));
    tcase_add_test(http, what_a_server_leaves_unanswered_when_it_closes_in_order_is_asked_again);
    tcase_add_test(http, a_close_run_takes_a_connection_a_request);
    tcase_add_test(http, a_keep_alive_run_keeps_its_connections);
    suite_add_tcase(suite, http);

    TCase *echo = tcase_create("echo and storm");
    tcase_set_timeout(echo, TIMEOUT_S);
    tcase_add_loop_test(echo, echo_counts_whole_messages, 0,
                        (int)(sizeof echo_runs / sizeof *echo_runs));
    tcase_add_test(echo, a_storm_counts_the_connections_that_the_server_has_seen);
    suite_add_tcase(suite, echo);

    TCase *ending = tcase_create("result and end");
    tcase_set_timeout(ending, TIMEOUT_S);
    tcase_add_test(ending, the_result_is_one_line_of_json_in_a_fixed_order);
    tcase_add_test(ending, an_interrupt_ends_a_run_early_and_the_result_is_printed);
    suite_add_tcase(suite, ending);
    return run_suite(suite);
}
