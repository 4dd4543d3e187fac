/* --access-log in the real server: a line for every answer, wherever it ended and why. */
#include "access_log_file.h"
#include "client.h"
#include "configurations.h"
#include "http_client.h"
#include "integration.h"
#include "web_root.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { BUSY_CLIENTS = 16, ROUNDS = 20 };

#define GET(target) "GET " target " HTTP/1.1\r\nHost: x\r\n\r\n"

/* What one client each sends, and the line of the log, behind the time. */
static const struct {
    const char *request;
    const char *line;
} exchanges[] = {
    {GET("/hello"), "\"GET /hello HTTP/1.1\" 200 14 \"-\" \"-\""},
    {"HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n", "\"HEAD /hello HTTP/1.1\" 200 - \"-\" \"-\""},
    {"GET /hello?a=b HTTP/1.0\r\nReferer: http://here/\r\nUser-Agent: me/1.0 (it)\r\n\r\n",
     "\"GET /hello?a=b HTTP/1.0\" 200 14 \"http://here/\" \"me/1.0 (it)\""},
    {GET("/nothing"), "\"GET /nothing HTTP/1.1\" 404 14 \"-\" \"-\""},
    {"OPTIONS /hello HTTP/1.1\r\nHost: x\r\n\r\n", "\"OPTIONS /hello HTTP/1.1\" 204 - \"-\" \"-\""},
    {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
     "\"POST /echo HTTP/1.1\" 200 5 \"-\" \"-\""},
    {"POST /echo HTTP/1.1\r\nHost: x\r\nUser-Agent: me\r\nTransfer-Encoding: chunked\r\n\r\n"
     "5\r\nhello\r\n0\r\n\r\n",
     "\"POST /echo HTTP/1.1\" 200 5 \"-\" \"me\""},
    {GET("/stream?n=3"), "\"GET /stream?n=3 HTTP/1.1\" 200 21 \"-\" \"-\""},
    {GET("/stream?n=3&ms=1"), "\"GET /stream?n=3&ms=1 HTTP/1.1\" 200 21 \"-\" \"-\""},
    {"HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n", "\"HEAD /stream HTTP/1.1\" 200 - \"-\" \"-\""},
    {"GET /slow?ms=1 HTTP/1.1\r\nHost: x\r\nUser-Agent: patient\r\n\r\n",
     "\"GET /slow?ms=1 HTTP/1.1\" 200 19 \"-\" \"patient\""},
    {GET("/slow?ms=x"), "\"GET /slow?ms=x HTTP/1.1\" 400 16 \"-\" \"-\""},
    {GET("/big.bin"), "\"GET /big.bin HTTP/1.1\" 200 20971520 \"-\" \"-\""},
    {"HEAD /big.bin HTTP/1.1\r\nHost: x\r\n\r\n", "\"HEAD /big.bin HTTP/1.1\" 200 - \"-\" \"-\""},
    {"GET /hello HTTP/1.1\r\nHost: x\r\nUser-Agent: a\" 200 \"\\\t\xc3\xa9\r\n\r\n",
     "\"GET /hello HTTP/1.1\" 200 14 \"-\" \"a\\\" 200 \\\"\\\\\\x09\\xc3\\xa9\""},
};

enum { EXCHANGES = sizeof exchanges / sizeof exchanges[0] };

static struct access_log_lines lines;

/* With a new log. */
static struct server_process *start(int i, const char *more, const char *yet_more)
{
    const char *const further[] = {access_log_option(), more, yet_more, NULL};

    access_log_clear();
    return configuration_start(i, further);
}

/* Afterwards the log is complete. */
static void end(struct server_process *server)
{
    server_signal(server, SIGTERM);
    server_expect_exit(server, 0);
}

/* How many lines are this one; the loops hand theirs over in any order. */
static size_t count_of(const char *what)
{
    size_t count = 0;

    for (size_t i = 0; i < lines.count; i++) {
        count += strcmp(lines.lines[i], what) == 0;
    }
    return count;
}

static void expect_line(const char *what)
{
    ck_assert_msg(count_of(what) == 1,
                  "expected one line\n%s\nin %zu lines, of which the first is\n%s", what,
                  lines.count, lines.count > 0 ? lines.lines[0] : "missing");
}

START_TEST(every_answer_is_a_line_whatever_it_was)
{
    struct server_process *server = start(_i, web_root_option(), NULL);
    struct http_client client;
    struct http_answer answer;

    for (int i = 0; i < EXCHANGES; i++) {
        http_connect(&client, server);
        http_send(&client, exchanges[i].request);
        http_receive_head(&client, &answer);
        client_finish_sending(client.fd);
        client_read_to_end(client.fd);
    }
    end(server);
    access_log_read("", &lines);
    ck_assert_uint_eq(lines.count, EXCHANGES);
    for (int i = 0; i < EXCHANGES; i++) {
        expect_line(exchanges[i].line);
    }
    access_log_release(&lines);
}
END_TEST

/* The request's bytes lay where another client's are by the time the line is written. */
START_TEST(an_answer_that_takes_longer_is_told_with_its_own_request)
{
    struct server_process *server = start(_i, NULL, NULL);
    struct http_client patient;
    struct http_client other;
    struct http_answer answer;
    char noise[1024];

    http_connect(&patient, server);
    http_connect(&other, server);
    http_send(&patient, "GET /stream?n=2&ms=200 HTTP/1.1\r\nHost: x\r\nUser-Agent: me\r\n\r\n");
    http_receive_head(&patient, &answer);
    snprintf(noise, sizeof noise, "GET /hello?%0900d HTTP/1.1\r\nHost: x\r\n\r\n", 0);
    http_send(&other, noise);
    http_expect(&other, 200);
    http_receive_body(&patient, &answer);
    http_answer_release(&answer);
    http_disconnect(&patient);
    http_disconnect(&other);
    end(server);
    access_log_read("", &lines);
    ck_assert_uint_eq(lines.count, 2);
    expect_line("\"GET /stream?n=2&ms=200 HTTP/1.1\" 200 14 \"-\" \"me\"");
    access_log_release(&lines);
}
END_TEST

START_TEST(pipelined_answers_are_lines_in_their_order)
{
    static const int places[] = {0, 10, 7, 3, 5, 8, 0};
    enum { PLACES = sizeof places / sizeof places[0] };
    struct server_process *server = start(_i, NULL, NULL);
    struct http_client client;
    char all[4096] = "";

    for (int i = 0; i < PLACES; i++) {
        strcat(all, exchanges[places[i]].request);
    }
    http_connect(&client, server);
    http_send(&client, all);
    client_finish_sending(client.fd);
    client_read_to_end(client.fd);
    end(server);
    access_log_read("", &lines);
    ck_assert_uint_eq(lines.count, PLACES);
    for (int i = 0; i < PLACES; i++) {
        ck_assert_str_eq(lines.lines[i], exchanges[places[i]].line);
    }
    access_log_release(&lines);
}
END_TEST

/* What was not understood is no request line; how much of it is told is not what counts here. */
START_TEST(what_is_no_request_is_one_line_all_the_same)
{
    static const char *const bad[] = {
        "BAD\r\n",
        "GET /hello HTTP/1.1\r\nHost: x\r\nUser-Agent: a\x01\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\n",
    };
    enum { BAD = sizeof bad / sizeof bad[0] };
    struct server_process *server = start(_i, NULL, NULL);
    struct http_client client;

    for (int i = 0; i < BAD; i++) {
        http_connect(&client, server);
        http_send(&client, bad[i]);
        http_expect(&client, 400);
        http_expect_end(&client);
    }
    end(server);
    access_log_read("", &lines);
    ck_assert_uint_eq(lines.count, BAD);
    for (size_t i = 0; i < lines.count; i++) {
        ck_assert_msg(strstr(lines.lines[i], "\" 400 16 \"") != NULL, "got %s", lines.lines[i]);
    }
    access_log_release(&lines);
}
END_TEST

START_TEST(a_request_that_does_not_come_to_its_end_is_a_line_with_408)
{
    struct server_process *server = start(_i, "--header-timeout=100", NULL);
    struct http_client client;

    http_connect(&client, server);
    http_send(&client, "GET /hel");
    http_expect(&client, 408);
    http_expect_end(&client);
    end(server);
    access_log_read("", &lines);
    ck_assert_uint_eq(lines.count, 1);
    expect_line("\"-\" 408 20 \"-\" \"-\"");
    access_log_release(&lines);
}
END_TEST

START_TEST(a_connection_too_many_is_a_line_with_503)
{
    struct server_process *server = start(_i, "--max-connections=1", "--workers=0");
    struct http_client first;
    struct http_client second;

    http_connect(&first, server);
    http_send(&first, GET("/slow"));
    http_expect(&first, 503);
    http_connect(&second, server);
    http_expect(&second, 503);
    http_expect_end(&second);
    http_disconnect(&first);
    end(server);
    access_log_read("", &lines);
    ck_assert_uint_eq(lines.count, 2);
    expect_line("\"GET /slow HTTP/1.1\" 503 24 \"-\" \"-\"");
    expect_line("\"-\" 503 24 \"-\" \"-\"");
    access_log_release(&lines);
}
END_TEST

/* Cut off in the middle, but answered: with the bytes that went out. */
START_TEST(a_stream_whose_client_leaves_is_a_line_too)
{
    struct server_process *server = start(_i, NULL, NULL);
    struct http_client client;
    struct http_answer answer;

    http_connect(&client, server);
    http_send(&client, GET("/stream?n=1000000000"));
    http_receive_head(&client, &answer);
    http_disconnect(&client);
    end(server);
    access_log_read("", &lines);
    ck_assert_uint_eq(lines.count, 1);
    unsigned long bytes = 0;
    int matched =
        sscanf(lines.lines[0], "\"GET /stream?n=1000000000 HTTP/1.1\" 200 %lu \"-\" \"-\"", &bytes);
    ck_assert_msg(matched == 1 && bytes > 0, "got %s", lines.lines[0]);
    access_log_release(&lines);
}
END_TEST

static struct http_client clients[BUSY_CLIENTS];

static void connect_all(const struct server_process *server)
{
    for (int i = 0; i < BUSY_CLIENTS; i++) {
        http_connect(&clients[i], server);
    }
}

/* Requests that say who and when: "GET /hello?CLIENT-ROUND". */
static void ask_all(int round)
{
    char path[64];

    for (int i = 0; i < BUSY_CLIENTS; i++) {
        snprintf(path, sizeof path, "/hello?%d-%d", i, round);
        http_ask(&clients[i], "GET", path);
    }
    for (int i = 0; i < BUSY_CLIENTS; i++) {
        http_expect(&clients[i], 200);
    }
}

static const char *line_of(int i, int round)
{
    static char what[128];

    snprintf(what, sizeof what, "\"GET /hello?%d-%d HTTP/1.1\" 200 14 \"-\" \"-\"", i, round);
    return what;
}

START_TEST(after_sigterm_under_load_every_line_is_there_and_whole)
{
    struct server_process *server = start(_i, NULL, NULL);

    connect_all(server);
    for (int round = 0; round < ROUNDS; round++) {
        ask_all(round);
    }
    end(server);
    access_log_read("", &lines);
    ck_assert_uint_eq(lines.count, ROUNDS * BUSY_CLIENTS);
    for (int i = 0; i < ROUNDS * BUSY_CLIENTS; i++) {
        expect_line(line_of(i % BUSY_CLIENTS, i / BUSY_CLIENTS));
    }
    access_log_release(&lines);
}
END_TEST

/* How many lines of the file are this one. */
static size_t count_in_file(const char *suffix, const char *what)
{
    access_log_read(suffix, &lines);
    size_t count = count_of(what);
    access_log_release(&lines);
    return count;
}

START_TEST(sighup_after_a_rename_goes_on_in_a_new_file_and_loses_nothing)
{
    struct server_process *server = start(_i, NULL, NULL);
    char old_path[ACCESS_LOG_PATH];

    connect_all(server);
    ask_all(0);
    snprintf(old_path, sizeof old_path, "%s", access_log_path(""));
    ck_assert_int_eq(rename(old_path, access_log_path(".1")), 0);
    server_signal(server, SIGHUP);
    ask_all(1); /* while it is opened */
    await(access_log_exists(""), "a new file is there");
    ask_all(2);
    end(server);
    for (int i = 0; i < 3 * BUSY_CLIENTS; i++) {
        int round = i / BUSY_CLIENTS;
        const char *what = line_of(i % BUSY_CLIENTS, round);
        size_t in_old = count_in_file(".1", what);
        size_t in_new = count_in_file("", what);
        ck_assert_msg(in_old + in_new == 1 && (round < 2 || in_new == 1),
                      "%s: %zu times in the old file, %zu times in the new one", what, in_old,
                      in_new);
    }
}
END_TEST

START_TEST(a_dash_is_standard_output)
{
    static const char *const further[] = {"--access-log=-", NULL};
    struct server_process *server = configuration_start(_i, further);
    struct http_client client;

    http_connect(&client, server);
    http_ask(&client, "GET", "/hello");
    http_expect(&client, 200);
    server_signal(server, SIGHUP); /* there is nothing to open anew */
    http_ask(&client, "GET", "/nothing");
    http_expect(&client, 404);
    http_disconnect(&client);
    end(server);
    access_log_split(server_read_output(server), &lines);
    ck_assert_uint_eq(lines.count, 2);
    expect_line("\"GET /hello HTTP/1.1\" 200 14 \"-\" \"-\"");
    expect_line("\"GET /nothing HTTP/1.1\" 404 14 \"-\" \"-\"");
    access_log_release(&lines);
}
END_TEST

START_TEST(a_file_that_cannot_be_written_is_one_line_and_status_1)
{
    static const char *const files[] = {"--access-log=/nowhere/at/all", "--access-log=/"};
    const char *const words[] = {"--port=0", files[_i], NULL};
    struct server_process *server = server_spawn(&(struct server_launch){.arguments = words});

    server_expect_exit(server, 1);
    char *log = server_read_log(server);
    const char *wanted = _i == 0 ? "cannot open '/nowhere/at/all': No such file or directory\n"
                                 : "cannot open '/': Is a directory\n";
    ck_assert_msg(strstr(log, wanted) != NULL, "expected '%s', got '%s'", wanted, log);
    ck_assert_uint_eq(server_log_count(server, "stage4-http: "), 1);
    free(log);
}
END_TEST

/* A program that starts the server without a standard error. Returns its path. */
static const char *without_standard_error(void)
{
    const char *path = access_log_path(".1");
    FILE *script = fopen(path, "w");

    ck_assert_ptr_nonnull(script);
    fprintf(script, "#!/bin/sh\nexec '%s' \"$@\" 2>&-\n", integration_server());
    fclose(script);
    ck_assert_int_eq(chmod(path, 0700), 0);
    return path;
}

/* The lowest free number is the next one given out: it must not be where messages go. */
START_TEST(with_standard_error_closed_the_log_holds_nothing_but_its_lines)
{
    const char *const words[] = {access_log_option(), NULL};
    struct http_client client;

    access_log_clear();
    struct server_process *server = server_start(
        &(struct server_launch){.program = without_standard_error(), .arguments = words});
    http_connect(&client, server);
    http_send(&client, GET("/hello"));
    http_expect(&client, 200);
    http_disconnect(&client);
    end(server);
    access_log_read("", &lines);
    ck_assert_uint_eq(lines.count, 1);
    access_log_release(&lines);
}
END_TEST

int main(int argc, char **argv)
{
    integration_init(argc, argv);
    web_root_create();
    access_log_folder_create();

    Suite *suite = integration_suite("HTTP access log");
    int count = configuration_count();

    integration_add(suite, every_answer_is_a_line_whatever_it_was, count);
    integration_add(suite, an_answer_that_takes_longer_is_told_with_its_own_request, 1);
    integration_add(suite, pipelined_answers_are_lines_in_their_order, 1);
    integration_add(suite, what_is_no_request_is_one_line_all_the_same, 1);
    integration_add(suite, a_request_that_does_not_come_to_its_end_is_a_line_with_408, 1);
    integration_add(suite, a_connection_too_many_is_a_line_with_503, 1);
    integration_add(suite, a_stream_whose_client_leaves_is_a_line_too, count);
    integration_add(suite, after_sigterm_under_load_every_line_is_there_and_whole, count);
    integration_add(suite, sighup_after_a_rename_goes_on_in_a_new_file_and_loses_nothing, count);
    integration_add(suite, a_dash_is_standard_output, 1);
    integration_add(suite, a_file_that_cannot_be_written_is_one_line_and_status_1, 2);
    integration_add(suite, with_standard_error_closed_the_log_holds_nothing_but_its_lines, 1);
    int status = integration_run(suite);
    access_log_folder_remove();
    web_root_remove();
    return status;
}
