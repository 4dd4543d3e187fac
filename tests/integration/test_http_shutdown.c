/* SIGTERM to an HTTP server at work: every request that it has taken is answered. */
#include "client.h"
#include "configurations.h"
#include "http_client.h"
#include "integration.h"
#include "web_root.h"

#include <signal.h>
#include <stdlib.h>

enum {
    BUSY_CLIENTS = 64,
    ROUNDS = 50,
    NEW_CLIENTS = 200,
    SMALL_BUFFERS = 16 * 1024,
    DRAIN_STEPS = 3
};

static struct http_client clients[NEW_CLIENTS];

/* A server that waits for its clients longer than any test: that it ends proves they are done. */
static struct server_process *start(int i)
{
    const char *const further[] = {"--drain-timeout=600000", web_root_option(), NULL};

    return configuration_start(i, further);
}

static void connect_all(const struct server_process *server, int count)
{
    for (int i = 0; i < count; i++) {
        http_connect(&clients[i], server);
    }
}

static void ask_all(int count)
{
    for (int i = 0; i < count; i++) {
        http_ask(&clients[i], "GET", "/hello");
    }
}

static void await_ending(const struct server_process *server)
{
    await(server_log_count(server, "ending") == 1, "the server says that it is ending");
}

START_TEST(an_idle_connection_is_not_waited_for)
{
    struct server_process *server = start(_i);

    connect_all(server, 2);
    http_ask(&clients[0], "GET", "/hello");
    http_expect(&clients[0], 200);
    server_signal(server, _i % 2 == 0 ? SIGTERM : SIGINT);
    http_expect_end(&clients[0]);
    http_expect_end(&clients[1]);
    server_expect_exit(server, 0);
}
END_TEST

START_TEST(sigterm_under_load_leaves_no_request_unanswered)
{
    struct server_process *server = start(_i);

    connect_all(server, BUSY_CLIENTS);
    for (int round = 0; round < ROUNDS; round++) {
        ask_all(BUSY_CLIENTS);
        if (round == ROUNDS - 1) {
            server_signal(server, SIGTERM);
        }
        for (int i = 0; i < BUSY_CLIENTS; i++) {
            http_expect(&clients[i], 200);
        }
    }
    for (int i = 0; i < BUSY_CLIENTS; i++) {
        http_expect_end(&clients[i]);
    }
    server_expect_exit(server, 0);
}
END_TEST

/* The server stands still, so that connections, requests and the signal are there when it looks. */
START_TEST(connections_that_wait_to_be_accepted_are_answered_too)
{
    struct server_process *server = start(_i);
    struct http_answer answer;

    server_freeze(server);
    connect_all(server, NEW_CLIENTS);
    ask_all(NEW_CLIENTS);
    server_signal(server, SIGTERM);
    server_thaw(server);
    for (int i = 0; i < NEW_CLIENTS; i++) {
        http_receive(&clients[i], &answer);
        ck_assert_int_eq(answer.status, 200);
        http_answer_release(&answer);
        http_expect_end(&clients[i]);
    }
    server_expect_exit(server, 0);
}
END_TEST

START_TEST(a_request_that_is_half_there_may_be_completed)
{
    struct server_process *server = start(_i);
    struct http_answer answer;

    connect_all(server, 2);
    http_send(&clients[0], "GET /hello HTTP/1.1\r\nHost: ");
    /* Its answer shows that the loops have been round since. */
    http_ask(&clients[1], "GET", "/hello");
    http_expect(&clients[1], 200);
    server_signal(server, SIGTERM);
    http_expect_end(&clients[1]);
    http_send(&clients[0], "localhost\r\n\r\n");
    http_receive(&clients[0], &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert_msg(answer.close, "it does not say that it closes: %s", answer.head);
    http_answer_release(&answer);
    client_finish_sending(clients[0].fd);
    http_expect_end(&clients[0]);
    server_expect_exit(server, 0);
}
END_TEST

START_TEST(a_file_on_its_way_arrives_whole)
{
    struct server_process *server = start(_i);
    struct http_client slow = {
        .fd = client_connect_with_buffers(server, SMALL_BUFFERS, SMALL_BUFFERS)};
    struct http_answer answer;

    http_ask(&slow, "GET", "/big.bin");
    client_await(slow.fd, POLLIN, "the first bytes of the file");
    server_signal(server, SIGTERM);
    await_ending(server);
    int64_t later = now_ms() + DRAIN_STEPS * 100;
    await(now_ms() > later, "several steps of the drain pass");
    http_receive(&slow, &answer);
    ck_assert_uint_eq(answer.body_length, WEB_ROOT_BIG);
    ck_assert(web_root_same(answer.body, 0, answer.body_length));
    http_answer_release(&answer);
    http_expect_end(&slow);
    server_expect_exit(server, 0);
}
END_TEST

START_TEST(a_second_signal_ends_it_at_once)
{
    struct server_process *server = start(_i);
    struct http_client slow = {
        .fd = client_connect_with_buffers(server, SMALL_BUFFERS, SMALL_BUFFERS)};

    http_ask(&slow, "GET", "/big.bin");
    client_await(slow.fd, POLLIN, "the first bytes of the file");
    server_signal(server, SIGTERM);
    await_ending(server);
    server_signal(server, SIGINT);
    server_expect_exit(server, 128 + SIGINT);
    http_disconnect(&slow);
}
END_TEST

int main(int argc, char **argv)
{
    integration_init(argc, argv);
    web_root_create();

    Suite *suite = integration_suite("HTTP shutdown");
    int count = configuration_count();

    integration_add(suite, an_idle_connection_is_not_waited_for, count);
    integration_add(suite, sigterm_under_load_leaves_no_request_unanswered, count);
    integration_add(suite, connections_that_wait_to_be_accepted_are_answered_too, count);
    integration_add(suite, a_request_that_is_half_there_may_be_completed, count);
    integration_add(suite, a_file_on_its_way_arrives_whole, count);
    integration_add(suite, a_second_signal_ends_it_at_once, count);
    int status = integration_run(suite);
    web_root_remove();
    return status;
}
