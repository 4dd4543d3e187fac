/* HTTP as it should not be: the status that says so, and that the client gets to see it. */
#include "client.h"
#include "configurations.h"
#include "http_client.h"
#include "integration.h"

#include <stdlib.h>
#include <string.h>

#define HOST "Host: localhost\r\n"
#define POST "POST /hello HTTP/1.1\r\n" HOST
#define ECHO "POST /echo HTTP/1.1\r\n" HOST
#define CHUNKED POST "Transfer-Encoding: chunked\r\n"

enum { MUCH = 8 << 20, PIECE = 64 * 1024 };

/* After some answers nobody can know where the next request starts: then the connection ends. */
static const struct {
    const char *request;
    int status;
    bool goes_on;
} requests[] = {
    {"GET /nothing HTTP/1.1\r\n" HOST "\r\n", 404, true},
    {"GET /hello/ HTTP/1.1\r\n" HOST "\r\n", 404, true},
    {"GET /hell HTTP/1.1\r\n" HOST "\r\n", 404, true},
    {"POST /hello HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", 405, true},
    {"DELETE /hello HTTP/1.1\r\n" HOST "\r\n", 405, true},
    {"PUT /status HTTP/1.1\r\n" HOST "\r\n", 405, true},
    {"OPTIONS /hello HTTP/1.1\r\n" HOST "\r\n", 204, true},
    {"OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 204, true},
    {"TRACE /hello HTTP/1.1\r\n" HOST "\r\n", 501, true},
    {"CONNECT localhost:80 HTTP/1.1\r\n" HOST "\r\n", 501, true},
    /* No request at all. */
    {"nonsense\r\n\r\n", 400, false},
    {"GET /hello\r\n\r\n", 400, false},
    {"GET  /hello HTTP/1.1\r\n" HOST "\r\n", 400, false},
    {"GET /hello  HTTP/1.1\r\n" HOST "\r\n", 400, false},
    {" GET /hello HTTP/1.1\r\n" HOST "\r\n", 400, false},
    {"GET hello HTTP/1.1\r\n" HOST "\r\n", 400, false},
    {"GET /hel\x01lo HTTP/1.1\r\n" HOST "\r\n", 400, false},
    {"GET /hello HTTP/1.1\n" HOST "\n", 400, false},
    {"GET /hello http/1.1\r\n" HOST "\r\n", 400, false},
    {"GET /hello HTTP/1.1x\r\n" HOST "\r\n", 400, false},
    {"\x16\x03\x01\x02", 400, false}, /* TLS, on the wrong port */
    /* Fields. RFC 9112: 3.2 (Host), 5.1 (space before the colon), 5.2 (folded lines). */
    {"GET /hello HTTP/1.1\r\n\r\n", 400, false},
    {"GET /hello HTTP/1.1\r\n" HOST HOST "\r\n", 400, false},
    {"GET /hello HTTP/1.1\r\nHost : localhost\r\n\r\n", 400, false},
    {"GET /hello HTTP/1.1\r\n" HOST "X: 1\r\n folded\r\n\r\n", 400, false},
    {"GET /hello HTTP/1.1\r\n" HOST "no colon\r\n\r\n", 400, false},
    {"GET /hello HTTP/1.1\r\n" HOST ": no name\r\n\r\n", 400, false},
    {"GET /hello HTTP/1.1\r\n" HOST "X: a\rb\r\n\r\n", 400, false},
    /* Lengths. RFC 9112, 6: two readers that disagree about them are the smuggler's tools. */
    {POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", 400, false},
    {POST "Content-Length: +5\r\n\r\nabcde", 400, false},
    {POST "Content-Length: 5x\r\n\r\nabcde", 400, false},
    {POST "Content-Length: -1\r\n\r\n", 400, false},
    {POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, false},
    {POST "Transfer-Encoding: gzip\r\n\r\n", 501, false},
    {POST "Transfer-Encoding: xchunked\r\n\r\n", 501, false},
    {CHUNKED "\r\nx\r\n", 400, false},
    {CHUNKED "\r\n-1\r\n", 400, false},
    {CHUNKED "\r\n1\r\nab\r\n0\r\n\r\n", 400, false},
    {CHUNKED "\r\n1 \r\na\r\n0\r\n\r\n", 400, false},
    {CHUNKED "\r\nFFFFFFFFFFFFFFFFF\r\n", 413, false},
    {CHUNKED "\r\n100001\r\n", 413, false},
    {POST "Content-Length: 1048577\r\n\r\n", 413, false},
    {POST "Content-Length: 99999999999999999999999\r\n\r\n", 413, false},
    /* What is understood and not served. */
    {"BREW /pot HTTP/1.1\r\n" HOST "\r\n", 501, false},
    {"get /hello HTTP/1.1\r\n" HOST "\r\n", 501, false},
    {"GET /hello HTTP/2.0\r\n" HOST "\r\n", 505, false},
    {"GET /hello HTTP/0.9\r\n" HOST "\r\n", 505, false},
    {POST "Expect: miracles\r\nContent-Length: 1\r\n\r\na", 417, false},
};

START_TEST(a_bad_request_is_answered_with_the_status_that_says_why)
{
    struct server_process *server = configuration_start(1, NULL);
    struct http_client client;
    struct http_answer answer;

    http_connect(&client, server);
    http_send(&client, requests[_i].request);
    http_receive(&client, &answer);
    ck_assert_msg(answer.status == requests[_i].status, "not %d but %s\nfor: %s",
                  requests[_i].status, answer.head, requests[_i].request);
    ck_assert_msg(answer.close != requests[_i].goes_on, "%s\nfor: %s", answer.head,
                  requests[_i].request);
    http_answer_release(&answer);
    if (requests[_i].goes_on) {
        http_ask(&client, "GET", "/hello");
        http_expect(&client, 200);
        client_finish_sending(client.fd);
    }
    http_expect_end(&client);
}
END_TEST

START_TEST(a_method_that_is_not_allowed_is_told_which_are)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct http_client client;
    struct http_answer answer;
    char allowed[128];

    http_connect(&client, server);
    http_ask(&client, "DELETE", "/hello");
    http_receive(&client, &answer);
    ck_assert_int_eq(answer.status, 405);
    http_answer_field(&answer, "Allow", allowed, sizeof allowed);
    ck_assert_msg(strstr(allowed, "GET") != NULL && strstr(allowed, "HEAD") != NULL, "Allow: %s",
                  allowed);
    http_answer_release(&answer);
    http_disconnect(&client);
}
END_TEST

/* A request that grows by the same text until its size is too much for someone. */
static const struct {
    const char *start;
    const char *repeated;
    size_t times;
    const char *end;
    int status;
} oversized[] = {
    {"GET /", "a", 8000, " HTTP/1.1\r\n" HOST "\r\n", 404},
    {"GET /", "a", 9000, " HTTP/1.1\r\n" HOST "\r\n", 414},
    {"GET /", "a", 100000, "", 414},
    {"GET /hello HTTP/1.1\r\n" HOST "X: ", "a", 30000, "\r\n\r\n", 200},
    {"GET /hello HTTP/1.1\r\n" HOST "X: ", "a", 40000, "\r\n\r\n", 431},
    {"GET /hello HTTP/1.1\r\n" HOST "X: ", "a", 200000, "", 431},
    {"GET /hello HTTP/1.1\r\n" HOST, "X: a\r\n", 99, "\r\n", 200},
    {"GET /hello HTTP/1.1\r\n" HOST, "X: a\r\n", 100, "\r\n", 431},
    {CHUNKED "\r\n", "1\r\na\r\n", 1000, "0\r\n\r\n", 405},
    {CHUNKED "\r\n0\r\n", "X: a\r\n", 10000, "\r\n", 400},
    {CHUNKED "\r\n1;", "a", 10000, "\r\n", 400},
};

/* The whole request as one text, to be freed. */
static char *compose(int i)
{
    size_t piece = strlen(oversized[i].repeated);
    size_t length = strlen(oversized[i].start);
    char *text = malloc(length + piece * oversized[i].times + strlen(oversized[i].end) + 1);

    ck_assert_ptr_nonnull(text);
    strcpy(text, oversized[i].start);
    for (size_t n = 0; n < oversized[i].times; n++, length += piece) {
        memcpy(text + length, oversized[i].repeated, piece);
    }
    strcpy(text + length, oversized[i].end);
    return text;
}

START_TEST(a_limit_holds_exactly_and_is_told)
{
    struct server_process *server = configuration_start(1, NULL);
    struct http_client client;
    struct http_answer answer;
    char *request = compose(_i);

    http_connect(&client, server);
    http_send(&client, request);
    http_receive(&client, &answer);
    ck_assert_msg(answer.status == oversized[_i].status, "not %d but %s", oversized[_i].status,
                  answer.head);
    http_answer_release(&answer);
    http_disconnect(&client);
    free(request);
}
END_TEST

/* Ways to announce a body that is too large, and how each piece of it looks. */
static const struct {
    const char *head;
    const char *piece_start;
    const char *piece_end;
} floods[] = {
    {POST "Content-Length: 100000000\r\n\r\n", "", ""},
    {CHUNKED "\r\n", "10000\r\n", "\r\n"},
    {POST "Content-Length: 100000000\r\nConnection: close\r\n\r\n", "", ""},
};

/*
 * The client has not looked at the answer yet and goes on. A server that closes meanwhile makes the
 * kernel reset the connection, and the answer is lost with it.
 */
START_TEST(a_client_that_goes_on_sending_still_gets_the_413)
{
    struct server_process *server = configuration_start(1, NULL);
    struct http_client client;
    static const char zeros[PIECE];

    http_connect(&client, server);
    http_send(&client, floods[_i].head);
    for (int sent = 0; sent < MUCH; sent += PIECE) {
        http_send(&client, floods[_i].piece_start);
        client_send_all(client.fd, zeros, sizeof zeros);
        http_send(&client, floods[_i].piece_end);
    }
    http_expect(&client, 413);
    client_finish_sending(client.fd);
    http_expect_end(&client);
}
END_TEST

START_TEST(expect_100_continue_is_answered_before_the_body_is_sent)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct http_client client;
    struct http_answer answer;

    http_connect(&client, server);
    http_send(&client, ECHO "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    http_receive_head(&client, &answer);
    ck_assert_int_eq(answer.status, 100);
    http_send(&client, "abc");
    http_expect(&client, 200);
    http_send(&client, ECHO "Expect: 100-continue\r\nContent-Length: 100000000\r\n\r\n");
    http_expect(&client, 413);
    http_disconnect(&client);
}
END_TEST

START_TEST(an_error_behind_good_requests_comes_after_their_answers)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct http_client client;

    http_connect(&client, server);
    http_send(&client, "GET /hello HTTP/1.1\r\n" HOST "\r\n"
                       "GET /nothing HTTP/1.1\r\n" HOST "\r\n"
                       "BAD\r\n\r\n"
                       "GET /hello HTTP/1.1\r\n" HOST "\r\n");
    http_expect(&client, 200);
    http_expect(&client, 404);
    http_expect(&client, 400);
    client_finish_sending(client.fd);
    http_expect_end(&client);
}
END_TEST

int main(int argc, char **argv)
{
    integration_init(argc, argv);

    Suite *suite = integration_suite("HTTP errors");
    int count = configuration_count();

    integration_add(suite, a_bad_request_is_answered_with_the_status_that_says_why,
                    sizeof requests / sizeof *requests);
    integration_add(suite, a_method_that_is_not_allowed_is_told_which_are, count);
    integration_add(suite, a_limit_holds_exactly_and_is_told, sizeof oversized / sizeof *oversized);
    integration_add(suite, a_client_that_goes_on_sending_still_gets_the_413,
                    sizeof floods / sizeof *floods);
    integration_add(suite, expect_100_continue_is_answered_before_the_body_is_sent, count);
    integration_add(suite, an_error_behind_good_requests_comes_after_their_answers, count);
    return integration_run(suite);
}
