/* Limits of number: requests on a connection, connections on the server. */
#include "client.h"
#include "configurations.h"
#include "http_client.h"
#include "integration.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REQUESTS = 5, CONNECTIONS = 4 };

static struct server_process *start(int i, const char *limit)
{
    const char *const words[] = {limit, NULL};

    return configuration_start(i, words);
}

static void expect_answer(struct http_client *client, int status, bool close)
{
    struct http_answer answer;

    http_receive(client, &answer);
    ck_assert_msg(answer.status == status && answer.close == close,
                  "expected %d with%s 'Connection: close', got: %s%s", status, close ? "" : "out",
                  answer.head, answer.body);
    http_answer_release(&answer);
}

START_TEST(the_last_request_that_is_allowed_says_close)
{
    struct http_client client;

    http_connect(&client, start(_i, "--max-requests=5"));
    for (int i = 1; i <= REQUESTS; i++) {
        http_ask(&client, "GET", "/hello");
        expect_answer(&client, 200, i == REQUESTS);
    }
    http_expect_end(&client);
}
END_TEST

START_TEST(of_many_pipelined_requests_so_many_are_answered)
{
    struct http_client client;

    http_connect(&client, start(_i, "--max-requests=5"));
    for (int i = 0; i < 4 * REQUESTS; i++) {
        http_ask(&client, "GET", "/hello");
    }
    for (int i = 1; i <= REQUESTS; i++) {
        expect_answer(&client, 200, i == REQUESTS);
    }
    http_expect_end(&client);
}
END_TEST

static unsigned long open_connections(struct http_client *watcher)
{
    return http_status_value(watcher, "open_connections");
}

/* Fills the server with clients that have been answered: they count for certain. */
static void fill_up(const struct server_process *server, struct http_client *clients, int count)
{
    for (int i = 0; i < count; i++) {
        http_connect(&clients[i], server);
        http_ask(&clients[i], "GET", "/hello");
        expect_answer(&clients[i], 200, false);
    }
}

static void leave_all(struct http_client *clients, int count)
{
    for (int i = 0; i < count; i++) {
        http_disconnect(&clients[i]);
    }
}

START_TEST(one_too_many_is_told_503_whether_it_has_asked_or_not)
{
    struct server_process *server = start(_i, "--max-connections=4");
    struct http_client served[CONNECTIONS];
    struct http_client refused[2];

    fill_up(server, served, CONNECTIONS);
    /* So that the request is there before the server looks at the connection. */
    server_freeze(server);
    http_connect(&refused[0], server);
    http_connect(&refused[1], server);
    http_ask(&refused[1], "GET", "/hello");
    server_thaw(server);
    for (int i = 0; i < 2; i++) {
        expect_answer(&refused[i], 503, true);
    }
    /* These two have not left yet, and are nobody else's hindrance. */
    ck_assert_uint_eq(open_connections(&served[0]), CONNECTIONS);
    leave_all(&served[1], CONNECTIONS - 1);
    await(open_connections(&served[0]) == 1, "the others are gone");
    fill_up(server, &served[1], CONNECTIONS - 1);
    ck_assert_uint_eq(open_connections(&served[0]), CONNECTIONS);
    leave_all(served, CONNECTIONS);
    http_expect_end(&refused[0]);
    http_expect_end(&refused[1]);
}
END_TEST

START_TEST(twice_as_many_are_closed_without_a_word)
{
    struct server_process *server = start(_i, "--max-connections=4");
    struct http_client served[CONNECTIONS];
    struct http_client refused[CONNECTIONS];
    struct http_client dropped[CONNECTIONS];

    fill_up(server, served, CONNECTIONS);
    for (int i = 0; i < CONNECTIONS; i++) {
        http_connect(&refused[i], server);
        client_await(refused[i].fd, POLLIN, "the 503");
    }
    for (int i = 0; i < CONNECTIONS; i++) {
        http_connect(&dropped[i], server);
        http_expect_end(&dropped[i]);
    }
    for (int i = 0; i < CONNECTIONS; i++) {
        expect_answer(&refused[i], 503, true);
        http_expect_end(&refused[i]);
    }
    ck_assert_uint_eq(open_connections(&served[0]), CONNECTIONS);
    leave_all(served, CONNECTIONS);
}
END_TEST

int main(int argc, char **argv)
{
    integration_init(argc, argv);

    Suite *suite = integration_suite("HTTP limits");
    int count = configuration_count();

    integration_add(suite, the_last_request_that_is_allowed_says_close, count);
    integration_add(suite, of_many_pipelined_requests_so_many_are_answered, count);
    integration_add(suite, one_too_many_is_told_503_whether_it_has_asked_or_not, count);
    integration_add(suite, twice_as_many_are_closed_without_a_word, count);
    return integration_run(suite);
}
