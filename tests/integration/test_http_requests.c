/* HTTP as a well-behaved client speaks it: one request, many, in pieces, without waiting. */
#include "client.h"
#include "configurations.h"
#include "http_client.h"
#include "integration.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIPELINED = 100, SMALL_BUFFERS = 16 * 1024, REFUSALS = 50, NEVER_SO_MUCH = 128 << 20 };

#define HOST "Host: localhost\r\n"
#define GET_HELLO "GET /hello HTTP/1.1\r\n" HOST "\r\n"

static const char hello[] = "Hello, world!\n";

static void expect_hello(struct http_client *client)
{
    struct http_answer answer;

    http_receive(client, &answer);
    ck_assert_msg(answer.status == 200, "%s", answer.head);
    ck_assert_str_eq(answer.body, hello);
    ck_assert(!answer.close);
    http_answer_release(&answer);
}

START_TEST(hello_is_answered)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct http_answer answer;
    char type[64];
    char date[64];

    http_get(server, "/hello", &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert_str_eq(answer.body, hello);
    ck_assert(http_answer_field(&answer, "Content-Type", type, sizeof type));
    ck_assert_msg(strncmp(type, "text/plain", 10) == 0, "Content-Type: %s", type);
    ck_assert_msg(http_answer_field(&answer, "Date", date, sizeof date), "no Date");
    http_answer_release(&answer);
}
END_TEST

START_TEST(the_welcome_page_is_html)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct http_answer answer;
    char type[64];

    http_get(server, "/", &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert(http_answer_field(&answer, "Content-Type", type, sizeof type));
    ck_assert_msg(strncmp(type, "text/html", 9) == 0, "Content-Type: %s", type);
    ck_assert_ptr_nonnull(strcasestr(answer.body, "<html"));
    http_answer_release(&answer);
}
END_TEST

START_TEST(head_is_get_without_the_body)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct http_client client;
    struct http_answer answer;
    char length[32];

    http_connect(&client, server);
    http_ask(&client, "HEAD", "/hello");
    http_ask(&client, "GET", "/hello");
    http_receive_head(&client, &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert(http_answer_field(&answer, "Content-Length", length, sizeof length));
    ck_assert_uint_eq(strtoul(length, NULL, 10), strlen(hello));
    /* A body of the first would now be taken for the second answer. */
    expect_hello(&client);
    http_disconnect(&client);
}
END_TEST

START_TEST(a_connection_serves_one_request_after_the_other)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct http_client client;

    http_connect(&client, server);
    for (int i = 0; i < 3; i++) {
        http_ask(&client, "GET", "/hello");
        expect_hello(&client);
        http_ask(&client, "GET", "/nothing");
        http_expect(&client, 404);
    }
    http_disconnect(&client);
}
END_TEST

/* What asks for how the connection goes on, and whether it does. */
static const struct {
    const char *request;
    bool goes_on;
} persistence[] = {
    {GET_HELLO, true},
    {"GET /hello HTTP/1.1\r\n" HOST "Connection: keep-alive\r\n\r\n", true},
    {"GET /hello HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", false},
    {"GET /hello HTTP/1.1\r\n" HOST "Connection: x, Close\r\n\r\n", false},
    {"GET /hello HTTP/1.0\r\n\r\n", false},
    {"GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
    {"GET /nothing HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", false},
};

START_TEST(the_connection_goes_on_or_ends_as_asked)
{
    struct server_process *server = configuration_start(1, NULL);
    struct http_client client;
    struct http_answer answer;

    http_connect(&client, server);
    http_send(&client, persistence[_i].request);
    http_receive(&client, &answer);
    ck_assert_msg(answer.close != persistence[_i].goes_on, "%s", answer.head);
    http_answer_release(&answer);
    if (persistence[_i].goes_on) {
        http_ask(&client, "GET", "/hello");
        http_expect(&client, 200);
        client_finish_sending(client.fd);
    }
    http_expect_end(&client);
}
END_TEST

/* A request of some kind, and the status that tells its answer from those of the other kinds. */
static const struct {
    const char *text;
    int status;
    bool head;
} kinds[] = {
    {GET_HELLO, 200, false},
    {"GET /nothing HTTP/1.1\r\n" HOST "\r\n", 404, false},
    {"HEAD /hello HTTP/1.1\r\n" HOST "\r\n", 200, true},
    {"HEAD /nothing HTTP/1.1\r\n" HOST "\r\n", 404, true},
    {"POST /hello HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nGET /", 405, false},
    {"POST /hello HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
     "4;a=b\r\nGET \r\nA\r\n/ HTTP/1.1\r\n0\r\nX-Trailer: 1\r\n\r\n",
     405, false},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

/* PIPELINED requests in an order that the seed decides. Returns their bytes, to be freed. */
static char *compose(uint64_t seed, int order[static PIPELINED])
{
    char *text = calloc(PIPELINED, 256);
    size_t length = 0;

    ck_assert_ptr_nonnull(text);
    for (int i = 0; i < PIPELINED; i++) {
        order[i] = (int)(random_next(&seed) % KINDS);
        length += (size_t)sprintf(text + length, "%s", kinds[order[i]].text);
    }
    return text;
}

static void expect_in_order(struct http_client *client, const int order[static PIPELINED])
{
    struct http_answer answer;

    for (int i = 0; i < PIPELINED; i++) {
        if (kinds[order[i]].head) {
            http_receive_head(client, &answer);
        } else {
            http_receive(client, &answer);
        }
        ck_assert_msg(answer.status == kinds[order[i]].status,
                      "answer %d of %d is for another request than this:\n%s\n%s", i, PIPELINED,
                      kinds[order[i]].text, answer.head);
        http_answer_release(&answer);
    }
}

START_TEST(a_hundred_requests_at_once_are_answered_in_order)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct http_client client;
    int order[PIPELINED];
    char *text = compose(seed_for(1), order);

    http_connect(&client, server);
    http_send(&client, text);
    expect_in_order(&client, order);
    client_finish_sending(client.fd);
    http_expect_end(&client);
    free(text);
}
END_TEST

START_TEST(it_makes_no_difference_how_the_bytes_are_split)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct http_client client;
    int order[PIPELINED];
    char *text = compose(seed_for(2), order);
    uint64_t random = seed_for(3);
    size_t length = strlen(text);

    http_connect(&client, server);
    for (size_t at = 0, size; at < length; at += size) {
        size = 1 + random_next(&random) % 40;
        size = size < length - at ? size : length - at;
        client_send_all(client.fd, text + at, size);
    }
    expect_in_order(&client, order);
    http_disconnect(&client);
    free(text);
}
END_TEST

/* One byte at a time, and the next only when the server has read the one before: it then sleeps. */
START_TEST(every_request_may_come_byte_by_byte)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct http_client client;
    struct http_client other;
    struct http_answer answer;

    http_connect(&client, server);
    http_connect(&other, server);
    for (int kind = 0; kind < KINDS; kind++) {
        for (const char *byte = kinds[kind].text; *byte != '\0'; byte++) {
            client_send_all(client.fd, byte, 1);
            http_ask(&other, "HEAD", "/hello");
            http_receive_head(&other, &answer);
        }
        if (kinds[kind].head) {
            http_receive_head(&client, &answer);
        } else {
            http_receive(&client, &answer);
        }
        ck_assert_int_eq(answer.status, kinds[kind].status);
        http_answer_release(&answer);
    }
    http_disconnect(&client);
    http_disconnect(&other);
}
END_TEST

START_TEST(a_client_that_has_finished_sending_is_answered)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct http_client client;

    http_connect(&client, server);
    http_send(&client, GET_HELLO GET_HELLO);
    client_finish_sending(client.fd);
    expect_hello(&client);
    expect_hello(&client);
    http_expect_end(&client);
}
END_TEST

/* Sends "GET /hello" over and over until the server takes no more. Returns how many are whole. */
static size_t ask_without_reading(struct http_client *client, struct http_client *other)
{
    static const char request[] = GET_HELLO;
    const size_t length = sizeof request - 1;
    size_t sent = 0;

    for (int refusals = 0; refusals < REFUSALS;) {
        ck_assert_msg(sent < NEVER_SO_MUCH, "the server took %zu bytes of requests", sent);
        const char *rest = request + sent % length;
        ssize_t n = send(client->fd, rest, length - sent % length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0) {
            sent += (size_t)n;
            refusals = 0;
        } else {
            /* The loops go round once more before the next attempt. */
            http_ask(other, "GET", "/hello");
            expect_hello(other);
            refusals++;
        }
    }
    return sent / length;
}

START_TEST(answers_that_nobody_reads_stop_the_reading_and_all_come_later)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct http_client client = {
        .fd = client_connect_with_buffers(server, SMALL_BUFFERS, SMALL_BUFFERS)};
    struct http_client other;

    http_connect(&other, server);
    size_t requests = ask_without_reading(&client, &other);
    client_finish_sending(client.fd);
    for (size_t i = 0; i < requests; i++) {
        expect_hello(&client);
    }
    /* The request that did not fit in whole is none. */
    http_expect_end(&client);
    http_disconnect(&other);
}
END_TEST

int main(int argc, char **argv)
{
    integration_init(argc, argv);

    Suite *suite = integration_suite("HTTP requests");
    int count = configuration_count();

    integration_add(suite, hello_is_answered, count);
    integration_add(suite, the_welcome_page_is_html, count);
    integration_add(suite, head_is_get_without_the_body, count);
    integration_add(suite, a_connection_serves_one_request_after_the_other, count);
    integration_add(suite, the_connection_goes_on_or_ends_as_asked,
                    sizeof persistence / sizeof *persistence);
    integration_add(suite, a_hundred_requests_at_once_are_answered_in_order, count);
    integration_add(suite, it_makes_no_difference_how_the_bytes_are_split, count);
    integration_add(suite, every_request_may_come_byte_by_byte, count);
    integration_add(suite, a_client_that_has_finished_sending_is_answered, count);
    integration_add(suite, answers_that_nobody_reads_stop_the_reading_and_all_come_later, count);
    return integration_run(suite);
}
