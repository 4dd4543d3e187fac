/* GET /status: one entry for every loop, and counters that agree with what was done. */
#include "client.h"
#include "configurations.h"
#include "http_client.h"
#include "integration.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLIENTS = 10, REQUESTS_EACH = 5 };

/* Adds up the numbers that stand behind "name": anywhere in the text. */
static unsigned long sum_of(const char *json, const char *name)
{
    char key[64];
    unsigned long sum = 0;

    snprintf(key, sizeof key, "\"%s\":", name);
    ck_assert_msg(strstr(json, key) != NULL, "no %s in %s", key, json);
    while ((json = strstr(json, key)) != NULL) {
        json += strlen(key);
        sum += strtoul(json, NULL, 10);
    }
    return sum;
}

static size_t count_of(const char *json, const char *text)
{
    size_t count = 0;

    for (; (json = strstr(json, text)) != NULL; json += strlen(text)) {
        count++;
    }
    return count;
}

/* By way of `watcher`, so that looking costs no connection. */
static unsigned long look_at(struct http_client *watcher, const char *name)
{
    struct http_answer answer;

    http_ask(watcher, "GET", "/status");
    http_receive(watcher, &answer);
    ck_assert_int_eq(answer.status, 200);
    unsigned long sum = sum_of(answer.body, name);
    http_answer_release(&answer);
    return sum;
}

START_TEST(every_loop_has_an_entry)
{
    static const int counts[] = {0, 1, 3};
    char option[32];
    char name[64];
    struct http_answer answer;

    snprintf(option, sizeof option, "--threads=%d", counts[_i]);
    const char *const words[] = {option, NULL};
    http_get(server_start(&(struct server_launch){.arguments = words}), "/status", &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert_uint_eq(count_of(answer.body, "\"name\":"), (size_t)counts[_i] + 1);
    ck_assert_uint_eq(count_of(answer.body, "\"main-reactor\""), 1);
    for (int i = 0; i < counts[_i]; i++) {
        snprintf(name, sizeof name, "\"sub-reactor-%d\"", i);
        ck_assert_uint_eq(count_of(answer.body, name), 1);
    }
    ck_assert_uint_eq(sum_of(answer.body, "threads"), (unsigned long)counts[_i]);
    http_answer_release(&answer);
}
END_TEST

START_TEST(the_counters_add_up_to_what_was_done)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct http_client clients[CLIENTS];
    struct http_client watcher;

    http_connect(&watcher, server);
    for (int i = 0; i < CLIENTS; i++) {
        http_connect(&clients[i], server);
        for (int j = 0; j < REQUESTS_EACH; j++) {
            http_ask(&clients[i], "GET", j == 0 ? "/nothing" : "/hello");
            http_expect(&clients[i], j == 0 ? 404 : 200);
        }
    }
    /* Each look is a request itself, counted before it is answered. */
    ck_assert_uint_eq(look_at(&watcher, "requests"), CLIENTS * REQUESTS_EACH + 1);
    ck_assert_uint_eq(look_at(&watcher, "responses"), CLIENTS * REQUESTS_EACH + 1);
    ck_assert_uint_eq(look_at(&watcher, "errors"), CLIENTS);
    ck_assert_uint_eq(look_at(&watcher, "connections"), CLIENTS + 1);
    ck_assert_uint_eq(look_at(&watcher, "opened"), CLIENTS + 1);
    ck_assert_uint_eq(look_at(&watcher, "closed"), 0);
    for (int i = 0; i < CLIENTS; i++) {
        http_disconnect(&clients[i]);
    }
    await(look_at(&watcher, "closed") == CLIENTS, "the server counts the closed connections");
    await(look_at(&watcher, "connections") == 1, "the load counts go down again");
    http_disconnect(&watcher);
}
END_TEST

START_TEST(round_robin_spreads_the_connections_evenly)
{
    static const char *const words[] = {"--threads=4", NULL};
    struct server_process *server = server_start(&(struct server_launch){.arguments = words});
    struct http_client clients[4 * CLIENTS];
    struct http_answer answer;
    char expected[32];

    for (int i = 0; i < 4 * CLIENTS; i++) {
        http_connect(&clients[i], server);
        http_ask(&clients[i], "GET", "/hello");
        http_expect(&clients[i], 200);
    }
    http_ask(&clients[0], "GET", "/status");
    http_receive(&clients[0], &answer);
    snprintf(expected, sizeof expected, "\"connections\":%d,", CLIENTS);
    ck_assert_msg(count_of(answer.body, expected) == 4, "not 4 times %s in %s", expected,
                  answer.body);
    http_answer_release(&answer);
    for (int i = 0; i < 4 * CLIENTS; i++) {
        http_disconnect(&clients[i]);
    }
}
END_TEST

START_TEST(bytes_are_counted_when_they_have_passed)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct http_client client;
    struct http_answer answer;

    http_connect(&client, server);
    http_ask(&client, "GET", "/hello");
    http_receive(&client, &answer);
    unsigned long received = (unsigned long)(strlen(answer.head) + answer.body_length);
    http_answer_release(&answer);
    ck_assert_uint_eq(look_at(&client, "bytes_out"), received);
    /* Two requests have come by now: that of http_ask, and the look above. */
    ck_assert_uint_gt(look_at(&client, "bytes_in"), 2 * strlen("GET /hello HTTP/1.1\r\n\r\n"));
    http_disconnect(&client);
}
END_TEST

int main(int argc, char **argv)
{
    integration_init(argc, argv);

    Suite *suite = integration_suite("HTTP status");
    int count = configuration_count();

    integration_add(suite, every_loop_has_an_entry, 3);
    integration_add(suite, the_counters_add_up_to_what_was_done, count);
    integration_add(suite, round_robin_spreads_the_connections_evenly, 1);
    integration_add(suite, bytes_are_counted_when_they_have_passed, count);
    return integration_run(suite);
}
