/* Servers that do not do as they should, servers that are not there, and command lines. */
#include "load_process.h"
#include "scripted_server.h"
#include "suite_runner.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n"

enum { TIMEOUT_S = 40 };

static struct load_process load;

static void play_text(struct scripted_server *server, int fd)
{
    while (scripted_read_request(server, fd) &&
           scripted_send(fd, server->text, strlen(server->text))) {
    }
}

static void play_text_and_end(struct scripted_server *server, int fd)
{
    if (scripted_read_request(server, fd)) {
        scripted_send(fd, server->text, strlen(server->text));
        shutdown(fd, SHUT_WR);
        scripted_await_end(fd);
    }
}

static void play_end(struct scripted_server *server, int fd)
{
    (void)server;
    shutdown(fd, SHUT_WR);
    scripted_await_end(fd);
}

static void play_silence(struct scripted_server *server, int fd)
{
    while (scripted_read_request(server, fd)) {
    }
}

static void play_reset(struct scripted_server *server, int fd)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};

    if (scripted_read_request(server, fd)) {
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    }
}

static void play_other_bytes(struct scripted_server *server, int fd)
{
    char bytes[64];

    if (recv(fd, bytes, sizeof bytes, MSG_WAITALL) == sizeof bytes) {
        atomic_fetch_add(&server->requests, 1);
        bytes[63]++;
        scripted_send(fd, bytes, sizeof bytes);
        scripted_await_end(fd);
    }
}

static void play_echo_and_more(struct scripted_server *server, int fd)
{
    char bytes[65] = {0};

    if (recv(fd, bytes, 64, MSG_WAITALL) == 64) {
        atomic_fetch_add(&server->requests, 1);
        scripted_send(fd, bytes, sizeof bytes);
        scripted_await_end(fd);
    }
}

/* Every request that the server has read is an error, none is answered. */
static const struct {
    const char *mode;
    void (*play)(struct scripted_server *server, int fd);
    const char *text;
    const char *named;
} faults[] = {
    {"http", play_text, "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", "status other"},
    {"http", play_text, "HTTP/1.1 204 No Content\r\n\r\n", "status other"},
    {"http", play_text, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     "chunked"},
    {"http", play_text, "HTTP/1.1 200 OK\r\n\r\n", "Content-Length"},
    {"http", play_text, "hello\n", "not the answer"},
    {"http", play_text_and_end, "", "closed before"},
    {"http", play_text_and_end, "HTTP/1.1 200 OK\r\n", "closed before"},
    {"http", play_text_and_end, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello",
     "closed before"},
    {"http", play_text_and_end,
     "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 6\r\n\r\nhello", "closed before"},
    {"http", play_reset, "", "closed before"},
    {"http", play_silence, "", "in time"},
    {"echo", play_other_bytes, "", "not the answer"},
    {"storm", play_other_bytes, "", "not the answer"},
};

START_TEST(a_request_without_its_answer_is_an_error_that_is_named)
{
    struct scripted_server server = {.play = faults[_i].play, .text = faults[_i].text};
    const char *const words[] = {"--connections=4", "--duration=150", "--grace=100", NULL};

    load_run_against(&load, &server, faults[_i].mode, words);
    ck_assert_uint_eq(load_number(&load, "requests"), 0);
    ck_assert_msg(load_number(&load, "errors") == (uint64_t)server.requests && server.requests >= 4,
                  "the server has read %d requests; %s", server.requests, load.out);
    ck_assert_msg(strstr(load.err, faults[_i].named) != NULL, "expected '%s' in: %s",
                  faults[_i].named, load.err);
    ck_assert_msg(strchr(load.err, '\n') == load.err + strlen(load.err) - 1, "not one line: %s",
                  load.err);
}
END_TEST

static const struct {
    const char *mode;
    void (*play)(struct scripted_server *server, int fd);
    const char *text;
    const char *words[LOAD_WORDS];
    const char *named;
} surplus[] = {
    {"http", play_text, OK OK, {"--connections=2", "--duration=50"}, "not the answer"},
    {"echo", play_echo_and_more, "", {"--connections=2", "--duration=50"}, "not the answer"},
    /* It says that it closes, and does not. */
    {"http",
     play_text,
     OK,
     {"--connections=2", "--duration=50", "--close=on", "--grace=100"},
     "no end of the connection"},
};

START_TEST(what_comes_after_the_answer_is_an_error_too)
{
    struct scripted_server server = {.play = surplus[_i].play, .text = surplus[_i].text};

    load_run_against(&load, &server, surplus[_i].mode, surplus[_i].words);
    ck_assert_uint_eq(load_number(&load, "requests"), (uint64_t)server.requests);
    ck_assert_uint_gt(load_number(&load, "errors"), 0);
    ck_assert_msg(strstr(load.err, surplus[_i].named) != NULL, "expected '%s' in: %s",
                  surplus[_i].named, load.err);
}
END_TEST

START_TEST(all_requests_of_a_broken_batch_are_errors)
{
    struct scripted_server server = {.play = play_text_and_end, .text = OK};
    const char *const words[] = {"--connections=4", "--duration=100", "--pipeline=16", NULL};

    load_run_against(&load, &server, "http", words);
    ck_assert_uint_gt(load_number(&load, "requests"), 0);
    ck_assert_uint_eq(load_number(&load, "errors"), 15 * load_number(&load, "requests"));
}
END_TEST

/* A timer is never early: in 350 ms, with a pause of 100 ms after each, there are at most four. */
START_TEST(a_server_that_only_hangs_up_is_not_called_again_at_once)
{
    struct scripted_server server = {.play = play_end};
    const char *const words[] = {"--connections=4", "--duration=350", NULL};

    load_run_against(&load, &server, "http", words);
    ck_assert_uint_eq(load_number(&load, "errors"), (uint64_t)server.connections);
    ck_assert_msg(server.connections > 4 && server.connections <= 16, "%d connections",
                  server.connections);
}
END_TEST

/* All that is left to do is to wait for the grace to end; a loop that spins burns most of it. */
START_TEST(a_run_that_only_waits_does_not_spin)
{
    struct scripted_server server = {.play = play_silence};
    const char *const words[] = {"--connections=10", "--rate=50", "--duration=100", "--grace=1000",
                                 NULL};
    struct rusage used;

    load_run_against(&load, &server, "http", words);
    ck_assert_uint_eq(load_number(&load, "errors"), 5);
    ck_assert_int_eq(getrusage(RUSAGE_CHILDREN, &used), 0);
    long us = (long)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) +
              1000000 * (long)(used.ru_utime.tv_sec + used.ru_stime.tv_sec);
    ck_assert_msg(us < 250000, "%ld us of CPU time in a second of waiting", us);
}
END_TEST

static const char *const modes[] = {"http", "echo", "idle", "storm"};

START_TEST(a_server_that_is_not_there_is_status_1_and_one_line)
{
    struct scripted_server server = {.play = play_end};
    const char *const words[] = {"--connections=2", NULL};

    /* A port on which nobody listens any more. */
    scripted_server_start(&server);
    scripted_server_stop(&server);
    load_run_to_end(&load, modes[_i], server.port, words);
    ck_assert_int_eq(load.status, 1);
    ck_assert_str_eq(load.out, "");
    ck_assert_msg(strncmp(load.err, "load: cannot connect to 127.0.0.1:", 34) == 0 &&
                      strstr(load.err, "Connection refused\n") != NULL &&
                      strchr(load.err, '\n') == load.err + strlen(load.err) - 1,
                  "not the line that was expected: %s", load.err);
}
END_TEST

static const struct {
    const char *mode;
    unsigned port; /* 0: no --port */
    const char *words[LOAD_WORDS];
    const char *named;
} bad[] = {
    {"nonsense", 80, {NULL}, "usage: load"},
    {"--port=80", 0, {NULL}, "usage: load"},
    {"http", 0, {NULL}, "--port"},
    {"http", 80, {"--port=65536"}, "--port"},
    {"http", 80, {"--port=0"}, "--port"},
    {"http", 80, {"--connections=0"}, "--connections"},
    {"http", 80, {"--duration=0"}, "--duration"},
    {"http", 80, {"--duration=600001"}, "--duration"},
    {"http", 80, {"--pipeline=0"}, "--pipeline"},
    {"http", 80, {"--pipeline=2", "--close=on"}, "--pipeline"},
    {"http", 80, {"--rate=0"}, "--rate"},
    {"http", 80, {"--path=hello"}, "--path"},
    {"http", 80, {"--path=/a b"}, "--path"},
    {"http", 80, {"--size=1"}, "--size"},
    {"http", 80, {"--nonsense"}, "--nonsense"},
    {"echo", 80, {"--size=0"}, "--size"},
    {"echo", 80, {"--path=/"}, "--path"},
    {"idle", 80, {"--duration=1"}, "--duration"},
    {"storm", 80, {"--rate=1"}, "--rate"},
};

START_TEST(a_bad_command_line_is_status_2_and_one_line_that_names_the_option)
{
    load_run_to_end(&load, bad[_i].mode, bad[_i].port, bad[_i].words);
    ck_assert_msg(load.status == 2, "expected status 2, got %d: %s%s", load.status, load.out,
                  load.err);
    ck_assert_str_eq(load.out, "");
    ck_assert_msg(strstr(load.err, bad[_i].named) != NULL, "expected '%s' in: %s", bad[_i].named,
                  load.err);
    ck_assert_msg(strchr(load.err, '\n') == load.err + strlen(load.err) - 1, "not one line: %s",
                  load.err);
}
END_TEST

START_TEST(an_unknown_host_is_status_1_and_one_line)
{
    const char *const words[] = {"--host=no.such.host.invalid", NULL};

    load_run_to_end(&load, "http", 80, words);
    ck_assert_int_eq(load.status, 1);
    ck_assert_str_eq(load.err, "load: cannot connect to no.such.host.invalid:80: unknown host\n");
}
END_TEST

int main(int argc, char **argv)
{
    load_process_init(argc, argv);

    Suite *suite = suite_create("load faults");

    TCase *answers = tcase_create("answers");
    tcase_set_timeout(answers, TIMEOUT_S);
    tcase_add_loop_test(answers, a_request_without_its_answer_is_an_error_that_is_named, 0,
                        (int)(sizeof faults / sizeof *faults));
    tcase_add_loop_test(answers, what_comes_after_the_answer_is_an_error_too, 0,
                        (int)(sizeof surplus / sizeof *surplus));
    tcase_add_test(answers, all_requests_of_a_broken_batch_are_errors);
    tcase_add_test(answers, a_server_that_only_hangs_up_is_not_called_again_at_once);
    tcase_add_test(answers, a_run_that_only_waits_does_not_spin);
    suite_add_tcase(suite, answers);

    TCase *start = tcase_create("start");
    tcase_set_timeout(start, TIMEOUT_S);
    tcase_add_loop_test(start, a_server_that_is_not_there_is_status_1_and_one_line, 0,
                        (int)(sizeof modes / sizeof *modes));
    tcase_add_loop_test(start, a_bad_command_line_is_status_2_and_one_line_that_names_the_option, 0,
                        (int)(sizeof bad / sizeof *bad));
    tcase_add_test(start, an_unknown_host_is_status_1_and_one_line);
    suite_add_tcase(suite, start);
    return run_suite(suite);
}
