/* The end of a server that is told early, has workers, and streams: nobody is left without a word. */
#include "client.h"
#include "configurations.h"
#include "http_client.h"
#include "integration.h"

#include <netinet/in.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SLOW_CLIENTS = 6, WORKERS = 2, DELAY_MS = 600 };

#define GET(target) "GET " target " HTTP/1.1\r\nHost: x\r\n\r\n"

/* Longer than any test: whoever asks for it is answered only because the server ends. */
static const char forever[] = GET("/slow?ms=60000");

static struct http_client clients[SLOW_CLIENTS];

static void await_ending(const struct server_process *server)
{
    await(server_log_count(server, "ending") == 1, "the server says that it is ending");
}

/* By way of a connection of its own, so that the server has been round. */
static void await_busy(const struct server_process *server, const char *count)
{
    struct http_answer answer;
    char expected[64] = "\"workers_busy\":";
    bool busy = false;

    strcat(strcat(expected, count), ",");
    int64_t deadline = now_ms() + patience_ms();
    while (!busy) {
        await_step(deadline, "the workers are busy");
        http_get(server, "/status", &answer);
        busy = strstr(answer.body, expected) != NULL;
        http_answer_release(&answer);
    }
}

static void expect_closing(struct http_client *client, const char *path, int status)
{
    struct http_answer answer;

    http_ask(client, "GET", path);
    http_receive(client, &answer);
    ck_assert_msg(answer.status == status && answer.close, "%s: expected %d and close, got: %s",
                  path, status, answer.head);
    http_answer_release(&answer);
    client_finish_sending(client->fd);
    http_expect_end(client);
}

/* The delay is endless, so nothing here can come too late; the second signal ends it. */
START_TEST(during_the_delay_everybody_is_served_and_told_to_close)
{
    static const char *const further[] = {"--drain-delay=3600000", NULL};
    struct server_process *server = configuration_start(_i, further);
    struct http_client idle[3];
    struct http_client fresh;

    for (int i = 0; i < 3; i++) {
        http_connect(&idle[i], server);
        http_ask(&idle[i], "GET", "/healthz");
        http_expect_body(&idle[i], 200, "ok\n");
    }
    server_signal(server, SIGTERM);
    await_ending(server);
    expect_closing(&idle[0], "/healthz", 503);
    expect_closing(&idle[1], "/hello", 200);
    for (int i = 0; i < 3; i++) {
        http_connect(&fresh, server);
        expect_closing(&fresh,
                       i == 0   ? "/healthz"
                       : i == 1 ? "/slow?ms=1"
                                : "/nothing",
                       i == 0   ? 503
                       : i == 1 ? 200
                                : 404);
    }
    server_signal(server, SIGHUP); /* is no second signal */
    http_connect(&fresh, server);
    expect_closing(&fresh, "/stream?n=1", 200);
    ck_assert_msg(!client_readable(idle[2].fd), "an idle connection was closed during the delay");
    server_signal(server, SIGTERM);
    server_expect_exit(server, 128 + SIGTERM);
    http_disconnect(&idle[2]);
}
END_TEST

static bool port_is_closed(const struct server_process *server)
{
    int fd = socket(server->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(fd, 0);
    int result = connect(fd, (const struct sockaddr *)&server->address, server->address_length);
    client_reset(fd);
    return result < 0;
}

START_TEST(after_the_delay_the_port_is_closed_and_the_server_drains)
{
    static const char *const further[] = {"--drain-delay=600", "--drain-timeout=600000", NULL};
    struct server_process *server = configuration_start(_i, further);
    struct http_client idle;
    struct http_client half;

    http_connect(&idle, server);
    http_ask(&idle, "GET", "/hello");
    http_expect(&idle, 200);
    http_connect(&half, server);
    http_send(&half, "GET /hello HTTP/1.1\r\nHo");
    int64_t start = now_ms();
    server_signal(server, SIGTERM);
    await(port_is_closed(server), "the port is closed");
    ck_assert_msg(now_ms() - start >= DELAY_MS, "the port was closed after %lld ms",
                  (long long)(now_ms() - start));
    http_expect_end(&idle);
    http_send(&half, "st: x\r\n\r\n");
    http_expect_body(&half, 200, "Hello, world!\n");
    client_finish_sending(half.fd);
    http_expect_end(&half);
    server_expect_exit(server, 0);
}
END_TEST

/* Some run, some wait; each is told, with a whole answer and an orderly end. */
START_TEST(when_the_drain_time_is_over_slow_requests_are_answered_503)
{
    static const char *const further[] = {"--workers=2", "--drain-timeout=300", NULL};
    struct server_process *server = configuration_start(_i, further);
    struct http_answer answer;

    for (int i = 0; i < SLOW_CLIENTS; i++) {
        http_connect(&clients[i], server);
        http_send(&clients[i], forever);
    }
    await_busy(server, "6");
    server_signal(server, SIGTERM);
    for (int i = 0; i < SLOW_CLIENTS; i++) {
        http_receive(&clients[i], &answer);
        ck_assert_msg(answer.status == 503 && answer.close, "client %d got: %s", i, answer.head);
        ck_assert_str_eq(answer.body, "503 Service Unavailable\n");
        http_answer_release(&answer);
        http_expect_end(&clients[i]);
    }
    server_expect_exit(server, 0);
}
END_TEST

START_TEST(a_slow_request_that_ends_in_time_is_answered_200)
{
    static const char *const further[] = {"--drain-timeout=600000", NULL};
    struct server_process *server = configuration_start(_i, further);
    struct http_client client;
    struct http_answer answer;

    http_connect(&client, server);
    http_send(&client, GET("/slow?ms=400"));
    await_busy(server, "1");
    server_signal(server, SIGTERM);
    http_receive(&client, &answer);
    ck_assert_msg(answer.status == 200 && answer.close, "got: %s", answer.head);
    http_answer_release(&answer);
    http_expect_end(&client);
    server_expect_exit(server, 0);
}
END_TEST

/* Nobody waits for the answer any more: the server does not, either. */
START_TEST(a_slow_request_whose_client_is_gone_does_not_hold_up_the_end)
{
    static const char *const further[] = {"--drain-timeout=600000", NULL};
    struct server_process *server = configuration_start(_i, further);
    struct http_client client;

    http_connect(&client, server);
    http_send(&client, forever);
    await_busy(server, "1");
    http_disconnect(&client);
    server_signal(server, SIGTERM);
    server_expect_exit(server, 0);
}
END_TEST

static const struct {
    int first;
    int second;
    const char *delay;
} signal_pairs[] = {
    {SIGTERM, SIGTERM, "--drain-delay=0"},       {SIGINT, SIGTERM, "--drain-delay=0"},
    {SIGTERM, SIGINT, "--drain-delay=0"},        {SIGINT, SIGINT, "--drain-delay=0"},
    {SIGTERM, SIGTERM, "--drain-delay=3600000"}, {SIGINT, SIGTERM, "--drain-delay=3600000"},
};

enum { SIGNAL_PAIRS = sizeof signal_pairs / sizeof signal_pairs[0] };

START_TEST(a_second_signal_ends_it_at_once_whatever_is_going_on)
{
    const char *const further[] = {signal_pairs[_i].delay, "--drain-timeout=600000", NULL};
    struct server_process *server = configuration_start(_i % configuration_count(), further);
    struct http_client client;

    http_connect(&client, server);
    http_send(&client, forever);
    await_busy(server, "1");
    server_signal(server, signal_pairs[_i].first);
    await_ending(server);
    server_signal(server, signal_pairs[_i].second);
    server_expect_exit(server, 128 + signal_pairs[_i].second);
    http_disconnect(&client);
}
END_TEST

START_TEST(a_stream_that_ends_in_time_is_completed)
{
    static const char *const further[] = {"--drain-timeout=600000", NULL};
    struct server_process *server = configuration_start(_i, further);
    struct http_client client;
    struct http_answer answer;

    http_connect(&client, server);
    http_send(&client, GET("/stream?n=4&ms=150"));
    http_receive_head(&client, &answer);
    server_signal(server, SIGTERM);
    await_ending(server);
    http_receive_body(&client, &answer);
    ck_assert_uint_eq(answer.chunks, 4);
    ck_assert_str_eq(answer.body, "line 1\nline 2\nline 3\nline 4\n");
    http_answer_release(&answer);
    client_finish_sending(client.fd);
    http_expect_end(&client);
    server_expect_exit(server, 0);
}
END_TEST

/* The answer promised more than there is time for: it breaks off, and must not look complete. */
START_TEST(a_stream_that_does_not_end_is_cut_off)
{
    static const char *const further[] = {"--drain-timeout=200", NULL};
    struct server_process *server = configuration_start(_i, further);
    struct http_client client;
    struct http_answer answer;
    char bytes[4096];
    char last[5] = "";
    ssize_t n;

    http_connect(&client, server);
    http_send(&client, GET("/stream?n=1000000000&ms=100"));
    http_receive_head(&client, &answer);
    server_signal(server, SIGTERM);
    do {
        client_await(client.fd, POLLIN, "the stream goes on, or ends");
        n = recv(client.fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (n >= (ssize_t)sizeof last) {
            memcpy(last, bytes + n - sizeof last, sizeof last);
        }
    } while (n > 0);
    ck_assert_msg(memcmp(last, "0\r\n\r\n", sizeof last) != 0, "the stream has a last chunk");
    close(client.fd);
    server_expect_exit(server, 0);
    ck_assert_uint_eq(server_log_count(server, "cut off"), 1);
}
END_TEST

/* In HTTP/1.0 the end of the connection is the end of such a body: half of one must not look whole. */
START_TEST(half_a_body_that_has_no_length_ends_with_a_reset)
{
    static const char *const further[] = {"--drain-timeout=200", NULL};
    struct server_process *server = configuration_start(_i, further);
    struct http_client client;
    struct http_answer answer;
    char bytes[4096];
    ssize_t n;

    http_connect(&client, server);
    http_send(&client, "GET /stream?n=1000000000&ms=100 HTTP/1.0\r\n\r\n");
    http_receive_head(&client, &answer);
    server_signal(server, SIGTERM);
    do {
        client_await(client.fd, POLLIN, "the stream goes on, or ends");
        n = recv(client.fd, bytes, sizeof bytes, MSG_DONTWAIT);
    } while (n > 0);
    ck_assert_msg(n < 0 && errno == ECONNRESET, "it ended like a whole body");
    close(client.fd);
    server_expect_exit(server, 0);
}
END_TEST

START_TEST(sighup_without_a_log_changes_nothing)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct http_client client;

    http_connect(&client, server);
    for (int i = 0; i < 3; i++) {
        server_signal(server, SIGHUP);
        http_ask(&client, "GET", "/healthz");
        http_expect_body(&client, 200, "ok\n");
    }
    http_disconnect(&client);
    char *log = server_read_log(server);
    ck_assert_msg(strcmp(log, "") == 0 || strncmp(log, "---", 3) == 0, "it said: %s", log);
    ck_assert_uint_eq(server_log_count(server, "ending"), 0);
    free(log);
}
END_TEST

/* What is pipelined behind the last answer is read and thrown away: no reset, no waiting. */
START_TEST(requests_behind_the_last_answer_do_not_hold_up_the_end)
{
    enum { BEHIND = 4 * 1024 * 1024 };
    static const char *const further[] = {"--drain-timeout=600000", NULL};
    struct server_process *server = configuration_start(_i, further);
    struct http_client client;
    struct http_answer answer;
    char *behind = malloc(BEHIND);

    ck_assert_ptr_nonnull(behind);
    memset(behind, 'x', BEHIND);
    http_connect(&client, server);
    http_send(&client, GET("/slow?ms=300"));
    await_busy(server, "1");
    server_signal(server, SIGTERM);
    await_ending(server);
    /* A client that reads nothing before it has sent all it has. */
    client_send_all(client.fd, behind, BEHIND);
    http_receive(&client, &answer);
    ck_assert_msg(answer.status == 200 && answer.close, "got: %s", answer.head);
    http_answer_release(&answer);
    http_expect_end(&client);
    server_expect_exit(server, 0);
    free(behind);
}
END_TEST

int main(int argc, char **argv)
{
    integration_init(argc, argv);

    Suite *suite = integration_suite("HTTP ending");
    int count = configuration_count();

    integration_add(suite, during_the_delay_everybody_is_served_and_told_to_close, count);
    integration_add(suite, after_the_delay_the_port_is_closed_and_the_server_drains, count);
    integration_add(suite, when_the_drain_time_is_over_slow_requests_are_answered_503, count);
    integration_add(suite, a_slow_request_that_ends_in_time_is_answered_200, count);
    integration_add(suite, a_slow_request_whose_client_is_gone_does_not_hold_up_the_end, count);
    integration_add(suite, a_second_signal_ends_it_at_once_whatever_is_going_on, SIGNAL_PAIRS);
    integration_add(suite, a_stream_that_ends_in_time_is_completed, count);
    integration_add(suite, a_stream_that_does_not_end_is_cut_off, count);
    integration_add(suite, half_a_body_that_has_no_length_ends_with_a_reset, count);
    integration_add(suite, sighup_without_a_log_changes_nothing, count);
    integration_add(suite, requests_behind_the_last_answer_do_not_hold_up_the_end, count);
    return integration_run(suite);
}
