/* Bodies in pieces, 100-continue, and limits. */
#include "test_http_connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POST "POST /echo HTTP/1.1\r\nHost: x\r\n"

static struct test_client client;

static void setup(void)
{
    struct server_fixture_config config = SERVER_FIXTURE_DEFAULT;

    config.limits.body = 1000 * 1000;
    server_open(&config);
    client = client_open(stream_pair);
}

static void teardown(void)
{
    client_close(&client);
    server_close();
}

START_TEST(a_body_may_come_with_the_head_or_later_or_in_pieces)
{
    client_sends(&client, POST "Content-Length: 6\r\n\r\nhello!");
    client_sends(&client, POST "Content-Length: 6\r\n\r\n");
    client_sends(&client, "hello!");
    client_sends(&client, POST "Content-Length: 6\r\n\r\nhe");
    client_sends(&client, "l");
    client_sends(&client, "lo!");
    client_reads_all(&client);
    for (int i = 0; i < 3; i++) {
        client_expects(&client, 200, "hello!");
    }
    client_expects_nothing(&client);
}
END_TEST

START_TEST(a_chunked_body_may_come_in_pieces)
{
    static const char request[] =
        POST "Transfer-Encoding: chunked\r\n\r\n"
             "5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nA: b\r\n\r\n" GET("/hello");

    for (size_t split = 1; split + 1 < sizeof request; split++) {
        client_sends_bytes(&client, request, split);
        client_sends_bytes(&client, request + split, sizeof request - 1 - split);
        client_reads_all(&client);
        client_expects(&client, 200, "hello!");
        client_expects(&client, 200, HELLO);
        client_expects_nothing(&client);
    }
}
END_TEST

/* Head and body in the same read, then the body alone: neither may see the other's bytes. */
START_TEST(a_request_keeps_its_head_while_its_body_comes)
{
    client_sends(&client, "POST /nowhere/at/all HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n");
    client_sends(&client, "POST ");
    client_sends(&client, POST "Content-Length: 5\r\n\r\n");
    client_sends(&client, "hello");
    client_sends(&client, GET("/n/7"));
    client_reads_all(&client);
    client_expects(&client, 404, "404 Not Found\n");
    client_expects(&client, 200, "hello");
    client_expects(&client, 200, "7\n");
}
END_TEST

START_TEST(a_body_of_nothing_is_no_reason_to_wait)
{
    client_sends(&client, POST "Content-Length: 0\r\n\r\n");
    client_sends(&client, POST "\r\n");
    client_sends(&client, POST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    client_sends(&client, POST "Content-Length: 0\r\nExpect: 100-continue\r\n\r\n");
    client_reads_all(&client);
    for (int i = 0; i < 4; i++) {
        client_expects(&client, 200, "");
    }
    client_expects_nothing(&client);
}
END_TEST

/* RFC 9110, 9.3.1: content of a GET means nothing, and must not be taken for the next request. */
START_TEST(a_body_on_get_and_head_is_not_left_in_the_stream)
{
    static const char attack[] = "GET /n/666 HTTP/1.1\r\nHost: x\r\n\r\n";
    char request[256];

    snprintf(request, sizeof request,
             "GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n%s", sizeof attack - 1,
             attack);
    client_sends(&client, request);
    client_sends(&client, "HEAD /hello HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                          "5\r\nGET /\r\n0\r\n\r\n");
    client_sends(&client, GET("/n/1"));
    client_reads_all(&client);
    client_expects(&client, 200, HELLO);
    client_takes_head(&client);
    client_expects(&client, 200, "1\n");
    client_expects_nothing(&client);
}
END_TEST

START_TEST(a_large_body_comes_back_whole)
{
    enum { LENGTH = 1000 * 1000 };
    char *bytes = malloc(LENGTH);

    ck_assert_ptr_nonnull(bytes);
    pattern(bytes, 0, LENGTH);
    client_sends(&client, POST "Content-Length: 1000000\r\n\r\n");
    client_sends_bytes(&client, bytes, LENGTH);
    client_reads_all(&client);
    client_expects_pattern(&client, LENGTH);
    free(bytes);
}
END_TEST

/* RFC 9110, 10.1.1. */
START_TEST(who_expects_to_be_told_is_told_to_go_on)
{
    client_sends(&client, POST "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    client_reads_all(&client);
    struct test_answer answer = client_takes_head(&client);
    ck_assert_str_eq(answer.head, "HTTP/1.1 100 Continue\r\n\r\n");
    client_expects_nothing(&client);
    client_sends(&client, "hello");
    client_reads_all(&client);
    client_expects(&client, 200, "hello");

    client_sends(&client, POST "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");
    client_reads_all(&client);
    ck_assert_int_eq(client_takes_head(&client).status, 100);
    client_sends(&client, "1\r\na\r\n0\r\n\r\n");
    client_reads_all(&client);
    client_expects(&client, 200, "a");
}
END_TEST

START_TEST(who_sends_the_body_without_waiting_is_not_told)
{
    client_sends(&client, POST "Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhe");
    client_reads_all(&client);
    client_expects_nothing(&client);
    client_sends(&client, "llo" POST "Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello");
    client_reads_all(&client);
    client_expects(&client, 200, "hello");
    client_expects(&client, 200, "hello");
    client_expects_nothing(&client);
}
END_TEST

START_TEST(http_1_0_is_never_told_to_go_on)
{
    client_sends(&client,
                 "POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
    client_reads_all(&client);
    client_expects_nothing(&client);
    client_sends(&client, "a");
    client_reads_all(&client);
    client_expects(&client, 200, "a");
}
END_TEST

START_TEST(a_body_that_is_too_long_gets_413_instead_of_100)
{
    client_sends(&client, POST "Expect: 100-continue\r\nContent-Length: 1000001\r\n\r\n");
    client_reads_all(&client);
    struct test_answer answer = client_expects(&client, 413, "413 Content Too Large\n");
    expect_answer_field(&answer, "Connection", "close");
    client_expects_end(&client);
}
END_TEST

START_TEST(another_expectation_gets_417)
{
    client_sends(&client, POST "Expect: tea\r\nContent-Length: 1\r\n\r\n");
    client_reads_all(&client);
    client_expects(&client, 417, "417 Expectation Failed\n");
    client_expects_end(&client);
}
END_TEST

TCase *http_connection_bodies(void)
{
    TCase *cases = tcase_create("bodies");

    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, a_body_may_come_with_the_head_or_later_or_in_pieces);
    tcase_add_test(cases, a_chunked_body_may_come_in_pieces);
    tcase_add_test(cases, a_request_keeps_its_head_while_its_body_comes);
    tcase_add_test(cases, a_body_of_nothing_is_no_reason_to_wait);
    tcase_add_test(cases, a_body_on_get_and_head_is_not_left_in_the_stream);
    tcase_add_test(cases, a_large_body_comes_back_whole);
    tcase_add_test(cases, who_expects_to_be_told_is_told_to_go_on);
    tcase_add_test(cases, who_sends_the_body_without_waiting_is_not_told);
    tcase_add_test(cases, http_1_0_is_never_told_to_go_on);
    tcase_add_test(cases, a_body_that_is_too_long_gets_413_instead_of_100);
    tcase_add_test(cases, another_expectation_gets_417);
    return cases;
}
