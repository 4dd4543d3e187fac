/* Answers that take their time: /slow on the workers, /stream line by line, and both in a row. */
#include "client.h"
#include "configurations.h"
#include "http_client.h"
#include "integration.h"
#include "proc_status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLOW_CLIENTS = 20,
    HELLOS = 50,
    MANY_LINES = 100000,
    READ_A_LITTLE = 300 * 1000,
    SMALL_BUFFERS = 16 * 1024,
    GROWTH_KIB = 4 * 1024,
};

#define GET(target) "GET " target " HTTP/1.1\r\nHost: x\r\n\r\n"

static const char hello[] = "Hello, world!\n";
static const char slow[] = "That took a while.\n";
/* Longer than any test: whoever asks for it is answered only because the server ends. */
static const char forever[] = GET("/slow?ms=60000");

static struct http_client clients[SLOW_CLIENTS];

static void connect_all(const struct server_process *server, const char *request)
{
    for (int i = 0; i < SLOW_CLIENTS; i++) {
        http_connect(&clients[i], server);
        http_send(&clients[i], request);
    }
}

/* A number of /status, by way of `watcher`. */
static unsigned long look_at(struct http_client *watcher, const char *name)
{
    struct http_answer answer;
    char key[64];

    http_ask(watcher, "GET", "/status");
    http_receive(watcher, &answer);
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *found = answer.body != NULL ? strstr(answer.body, key) : NULL;
    ck_assert_msg(found != NULL, "no %s in %s%s", key, answer.head, answer.body);
    unsigned long value = strtoul(found + strlen(key), NULL, 10);
    http_answer_release(&answer);
    return value;
}

START_TEST(more_slow_requests_than_workers_are_all_answered)
{
    static const char *const further[] = {"--workers=2", NULL};
    struct server_process *server = configuration_start(_i, further);

    connect_all(server, GET("/slow?ms=5"));
    for (int i = 0; i < SLOW_CLIENTS; i++) {
        http_expect_body(&clients[i], 200, slow);
        http_disconnect(&clients[i]);
    }
}
END_TEST

/* A loop that waited for one of them would answer nobody for a minute. */
START_TEST(slow_requests_do_not_delay_the_others_of_their_loop)
{
    static const char *const words[] = {"--threads=0", "--workers=2", "--drain-timeout=1", NULL};
    struct server_process *server = server_start(&(struct server_launch){.arguments = words});
    struct http_client quick;

    connect_all(server, forever);
    http_connect(&quick, server);
    await(look_at(&quick, "workers_busy") == SLOW_CLIENTS, "all are with the workers");
    for (int i = 0; i < HELLOS; i++) {
        http_ask(&quick, "GET", "/hello");
        http_expect_body(&quick, 200, hello);
    }
    for (int i = 0; i < SLOW_CLIENTS; i++) {
        ck_assert_msg(!client_readable(clients[i].fd), "slow request %d was answered", i);
    }
}
END_TEST

START_TEST(what_the_queue_does_not_take_is_503_at_once_and_the_connection_lives_on)
{
    static const char *const further[] = {"--workers=1", "--queue=3", "--drain-timeout=1", NULL};
    struct server_process *server = configuration_start(_i, further);
    struct http_client watcher;
    unsigned taken = 1;

    http_connect(&watcher, server);
    http_connect(&clients[0], server);
    http_send(&clients[0], forever);
    await(look_at(&watcher, "workers_busy") == 1, "the first one is with a worker or waits");
    for (int i = 1; i < SLOW_CLIENTS; i++) {
        http_connect(&clients[i], server);
        http_send(&clients[i], forever);
        await(client_readable(clients[i].fd) || look_at(&watcher, "workers_busy") == taken + 1,
              "a request is refused or waits");
        if (!client_readable(clients[i].fd)) {
            taken++;
        } else {
            http_expect_body(&clients[i], 503, "503 Service Unavailable\n");
            http_ask(&clients[i], "GET", "/hello");
            http_expect_body(&clients[i], 200, hello);
        }
    }
    /* One runs and three wait, however late the worker took the first. */
    ck_assert_uint_eq(taken, 1 + 3);
}
END_TEST

START_TEST(without_workers_slow_is_503)
{
    static const char *const further[] = {"--workers=0", NULL};
    struct server_process *server = configuration_start(_i, further);
    struct http_client client;

    http_connect(&client, server);
    http_send(&client, GET("/slow?ms=0") GET("/hello"));
    http_expect_body(&client, 503, "503 Service Unavailable\n");
    http_expect_body(&client, 200, hello);
    http_disconnect(&client);
}
END_TEST

START_TEST(a_client_that_leaves_does_not_keep_its_worker)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct http_client watcher;

    http_connect(&watcher, server);
    connect_all(server, GET("/slow?ms=60000")); /* longer than this test may take */
    await(look_at(&watcher, "workers_busy") > 0, "the workers have something to do");
    for (int i = 0; i < SLOW_CLIENTS; i++) {
        http_disconnect(&clients[i]);
    }
    await(look_at(&watcher, "workers_busy") == 0, "the workers are free again");
    await(look_at(&watcher, "open_connections") == 1, "the connections are closed");
    http_send(&watcher, GET("/slow?ms=0"));
    http_expect_body(&watcher, 200, slow);
    http_disconnect(&watcher);
}
END_TEST

/* Appends "line 1\n" and so on, up to `last`. */
static char *lines_up_to(long last)
{
    char *text = malloc((size_t)last * sizeof "line 1000000000\n" + 1);
    char *to = text;

    ck_assert_ptr_nonnull(text);
    *to = '\0';
    for (long i = 1; i <= last; i++) {
        to += sprintf(to, "line %ld\n", i);
    }
    return text;
}

START_TEST(a_stream_has_each_line_in_a_chunk_of_its_own)
{
    static const long lengths[] = {0, 1, 511, 512, 513, MANY_LINES};
    struct server_process *server = configuration_start(_i, NULL);
    struct http_client client;
    struct http_answer answer;
    char path[64];

    http_connect(&client, server);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        char *expected = lines_up_to(lengths[i]);
        snprintf(path, sizeof path, "/stream?n=%ld", lengths[i]);
        http_ask(&client, "GET", path);
        http_receive(&client, &answer);
        ck_assert_uint_eq(answer.chunks, (size_t)lengths[i]);
        ck_assert_uint_eq(answer.body_length, strlen(expected));
        ck_assert_msg(strcmp(answer.body, expected) == 0, "%ld lines: not the right ones",
                      lengths[i]);
        http_answer_release(&answer);
        free(expected);
    }
    http_ask(&client, "GET", "/stream");
    http_expect_body(&client, 200,
                     "line 1\nline 2\nline 3\nline 4\nline 5\nline 6\nline 7\nline 8\nline 9\n"
                     "line 10\n");
    http_disconnect(&client);
}
END_TEST

START_TEST(http_1_0_gets_the_lines_as_they_are_up_to_the_end)
{
    struct server_process *server = configuration_start(_i, NULL);
    char *expected = lines_up_to(MANY_LINES);
    struct http_client client;
    struct http_answer answer;
    char value[64];

    http_connect(&client, server);
    http_send(&client, "GET /stream?n=100000 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    http_receive_until_end(&client, &answer);
    ck_assert_msg(answer.close, "%s", answer.head);
    ck_assert(!http_answer_field(&answer, "Transfer-Encoding", value, sizeof value));
    ck_assert(!http_answer_field(&answer, "Content-Length", value, sizeof value));
    ck_assert_uint_eq(answer.body_length, strlen(expected));
    ck_assert_str_eq(answer.body, expected);
    http_answer_release(&answer);
    free(expected);
}
END_TEST

START_TEST(a_stream_that_nobody_reads_costs_no_memory_and_ends_with_its_client)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct http_client watcher;
    char *bytes = malloc(READ_A_LITTLE);

    ck_assert_ptr_nonnull(bytes);
    http_connect(&watcher, server);
    ck_assert_uint_eq(look_at(&watcher, "open_connections"), 1);
    long before = proc_status_value(server->pid, "VmRSS");
    for (int i = 0; i < SLOW_CLIENTS; i++) {
        clients[i].fd = client_connect_with_buffers(server, SMALL_BUFFERS, 0);
        http_send(&clients[i], GET("/stream?n=1000000000"));
        client_receive_exactly(clients[i].fd, bytes, READ_A_LITTLE);
    }
    /* The loops have been round: whatever they would pile up is there. */
    for (int i = 0; i < HELLOS; i++) {
        http_ask(&watcher, "GET", "/hello");
        http_expect_body(&watcher, 200, hello);
    }
    long growth = proc_status_value(server->pid, "VmRSS") - before;
    ck_assert_msg(built_with_sanitizer() || growth < GROWTH_KIB, "%ld KiB for %d clients", growth,
                  SLOW_CLIENTS);
    for (int i = 0; i < SLOW_CLIENTS; i++) {
        http_disconnect(&clients[i]);
    }
    await(look_at(&watcher, "open_connections") == 1, "the connections are closed");
    http_disconnect(&watcher);
    free(bytes);
}
END_TEST

/* A minute between two lines: only the first one comes, and what is behind it waits. */
START_TEST(a_stream_pauses_between_its_lines)
{
    static const char *const further[] = {"--drain-timeout=1", NULL};
    static const char first[] = "\r\n\r\n7\r\nline 1\n\r\n";
    struct server_process *server = configuration_start(_i, further);
    struct http_client other;
    char got[2048];
    size_t used = 0;
    int fd = client_connect(server);

    client_send_all(fd, GET("/stream?n=2&ms=60000") GET("/hello"),
                    sizeof GET("/stream?n=2&ms=60000") GET("/hello") - 1);
    do {
        client_receive_exactly(fd, got + used++, 1);
        ck_assert_uint_lt(used, sizeof got);
    } while (used < sizeof first ||
             memcmp(got + used - sizeof first + 1, first, sizeof first - 1) != 0);
    http_connect(&other, server);
    http_send(&other, GET("/stream?n=5&ms=1") GET("/hello"));
    http_expect_body(&other, 200, "line 1\nline 2\nline 3\nline 4\nline 5\n");
    http_expect_body(&other, 200, hello);
    ck_assert_msg(!client_readable(fd), "more came than the first line");
    client_reset(fd);
    http_disconnect(&other);
}
END_TEST

/* Its pause would end in the middle of that of the next one. */
START_TEST(the_pause_of_a_stream_ends_with_its_client)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct http_client leaver;
    struct http_client watcher;
    struct http_answer answer;

    http_connect(&watcher, server);
    http_connect(&leaver, server);
    http_send(&leaver, GET("/stream?n=1000&ms=150"));
    http_receive_head(&leaver, &answer);
    http_disconnect(&leaver);
    await(look_at(&watcher, "open_connections") == 1, "the connection is closed");
    http_send(&watcher, GET("/stream?n=3&ms=150"));
    http_expect_body(&watcher, 200, "line 1\nline 2\nline 3\n");
    http_disconnect(&watcher);
}
END_TEST

START_TEST(answers_of_all_kinds_come_in_the_order_of_their_requests)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct http_client client;

    http_connect(&client, server);
    for (int round = 0; round < 2; round++) {
        http_send(&client,
                  GET("/hello") GET("/slow?ms=20") GET("/stream?n=3&ms=1")
                      GET("/nothing") "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: "
                                      "3\r\n\r\none" GET("/slow?ms=0") GET("/slow?ms=x") GET(
                                          "/stream?n=1") "POST /echo HTTP/1.1\r\nHost: "
                                                         "x\r\nTransfer-Encoding: chunked\r\n\r\n"
                                                         "3\r\ntwo\r\n0\r\n\r\n" GET("/stream?n=0")
                                                             GET("/hello"));
        http_expect_body(&client, 200, hello);
        http_expect_body(&client, 200, slow);
        http_expect_body(&client, 200, "line 1\nline 2\nline 3\n");
        http_expect_body(&client, 404, "404 Not Found\n");
        http_expect_body(&client, 200, "one");
        http_expect_body(&client, 200, slow);
        http_expect_body(&client, 400, "400 Bad Request\n");
        http_expect_body(&client, 200, "line 1\n");
        http_expect_body(&client, 200, "two");
        http_expect_body(&client, 200, "");
        http_expect_body(&client, 200, hello);
    }
    http_disconnect(&client);
}
END_TEST

/* What a client says before it shuts its side down is answered to the last. */
START_TEST(a_half_close_behind_slow_answers_loses_none)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct http_client client;

    http_connect(&client, server);
    http_send(&client, GET("/slow?ms=20") GET("/stream?n=2&ms=1") GET("/slow?ms=1") GET("/hello"));
    client_finish_sending(client.fd);
    http_expect_body(&client, 200, slow);
    http_expect_body(&client, 200, "line 1\nline 2\n");
    http_expect_body(&client, 200, slow);
    http_expect_body(&client, 200, hello);
    http_expect_end(&client);
}
END_TEST

int main(int argc, char **argv)
{
    integration_init(argc, argv);

    Suite *suite = integration_suite("HTTP slow");
    int count = configuration_count();

    integration_add(suite, more_slow_requests_than_workers_are_all_answered, count);
    integration_add(suite, slow_requests_do_not_delay_the_others_of_their_loop, 1);
    integration_add(suite, what_the_queue_does_not_take_is_503_at_once_and_the_connection_lives_on,
                    count);
    integration_add(suite, without_workers_slow_is_503, count);
    integration_add(suite, a_client_that_leaves_does_not_keep_its_worker, count);
    integration_add(suite, a_stream_has_each_line_in_a_chunk_of_its_own, count);
    integration_add(suite, http_1_0_gets_the_lines_as_they_are_up_to_the_end, count);
    integration_add(suite, a_stream_that_nobody_reads_costs_no_memory_and_ends_with_its_client,
                    count);
    integration_add(suite, a_stream_pauses_between_its_lines, count);
    integration_add(suite, the_pause_of_a_stream_ends_with_its_client, count);
    integration_add(suite, answers_of_all_kinds_come_in_the_order_of_their_requests, count);
    integration_add(suite, a_half_close_behind_slow_answers_loses_none, count);
    return integration_run(suite);
}
