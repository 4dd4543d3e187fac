/* One request after the other: persistence, HEAD, versions, and what a connection holds meanwhile.
 */
#include "test_http_connection.h"

#include <string.h>
#include <strings.h>

START_TEST(a_connection_is_kept_for_the_next_request)
{
    struct test_client client = client_open(stream_pair);

    for (int i = 0; i < 3; i++) {
        client_sends(&client, GET("/hello"));
        client_reads_all(&client);
        struct test_answer answer = client_expects(&client, 200, HELLO);
        expect_answer_field(&answer, "Connection", NULL);
        expect_answer_field(&answer, "Content-Type", "text/plain");
    }
    ck_assert(!client.ended);
    client_close(&client);
    ck_assert_uint_eq(server_connections(), 0);
}
END_TEST

START_TEST(every_answer_has_a_date_and_a_server)
{
    static const char *const requests[] = {GET("/hello"), GET("/none"), "BAD\r\n"};

    for (size_t i = 0; i < 3; i++) {
        struct test_client client = client_open(stream_pair);
        client_sends(&client, requests[i]);
        client_reads_all(&client);
        struct test_answer answer = client_takes_answer(&client);
        expect_answer_field(&answer, "Server", "reactor-lab");
        const char *date = answer_field(&answer, "Date");
        ck_assert_msg(date != NULL && strlen(date) == 29 && strcmp(date + 25, " GMT") == 0,
                      "no date in: %s", answer.head);
        client_close(&client);
    }
}
END_TEST

START_TEST(a_request_may_come_byte_by_byte)
{
    struct test_client client = client_open(stream_pair);
    const char request[] = "\r\nPOST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";

    for (size_t i = 0; i + 1 < sizeof request; i++) {
        client_reads_all(&client);
        client_expects_nothing(&client);
        client_sends_bytes(&client, request + i, 1);
    }
    client_reads_all(&client);
    client_expects(&client, 200, "abc");
    client_close(&client);
}
END_TEST

START_TEST(head_gets_the_head_of_get_and_no_body)
{
    struct test_client client = client_open(stream_pair);

    client_sends(&client, "HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n"
                          "HEAD /streamed HTTP/1.1\r\nHost: x\r\n\r\n"
                          "HEAD /none HTTP/1.1\r\nHost: x\r\n\r\n" GET("/hello"));
    client_reads_all(&client);
    struct test_answer answer = client_takes_head(&client);
    ck_assert_int_eq(answer.status, 200);
    expect_answer_field(&answer, "Content-Length", "14");
    answer = client_takes_head(&client);
    expect_answer_field(&answer, "Content-Length", "1000000");
    ck_assert_int_eq(server_open_sources(), 0);
    answer = client_takes_head(&client);
    ck_assert_int_eq(answer.status, 404);
    client_expects(&client, 200, HELLO);
    client_expects_nothing(&client);
    client_close(&client);
}
END_TEST

/* RFC 9110, 8.6: no Content-Length with a 204. */
START_TEST(options_get_204_with_allow_and_without_a_length)
{
    struct test_client client = client_open(stream_pair);

    client_sends(&client, "OPTIONS /hello HTTP/1.1\r\nHost: x\r\n\r\n"
                          "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
    client_reads_all(&client);
    struct test_answer answer = client_takes_answer(&client);
    ck_assert_int_eq(answer.status, 204);
    expect_answer_field(&answer, "Allow", "OPTIONS, GET, HEAD");
    expect_answer_field(&answer, "Content-Length", NULL);
    answer = client_takes_answer(&client);
    ck_assert_int_eq(answer.status, 204);
    expect_answer_field(&answer, "Allow", "OPTIONS, GET, HEAD, POST");
    client_expects_nothing(&client);
    client_close(&client);
}
END_TEST

/* RFC 9112, 9.3. */
START_TEST(http_1_0_is_closed_unless_it_asks_for_more)
{
    struct test_client client = client_open(stream_pair);

    client_sends(&client, "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    client_reads_all(&client);
    struct test_answer answer = client_expects(&client, 200, HELLO);
    expect_answer_field(&answer, "Connection", "keep-alive");
    client_sends(&client, "GET /hello HTTP/1.0\r\n\r\n");
    client_reads_all(&client);
    answer = client_expects(&client, 200, HELLO);
    expect_answer_field(&answer, "Connection", "close");
    client_expects_end(&client);
    client_close(&client);
}
END_TEST

START_TEST(who_asks_for_the_close_gets_it_after_the_answer)
{
    struct test_client client = client_open(stream_pair);

    client_sends(&client, "GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    client_awaits_end(&client);
    client_expects_pattern(&client, LARGE_BODY);
    client_expects_end(&client);
    ck_assert_uint_eq(server_connections(), 0);
    client_close(&client);
}
END_TEST

START_TEST(an_answer_of_404_or_405_keeps_the_connection)
{
    struct test_client client = client_open(stream_pair);

    client_sends(&client,
                 GET("/none") "POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"
                              "12345" GET("/a%00b") GET("/hello"));
    client_reads_all(&client);
    client_expects(&client, 404, "404 Not Found\n");
    struct test_answer answer = client_expects(&client, 405, "405 Method Not Allowed\n");
    expect_answer_field(&answer, "Allow", "OPTIONS, GET, HEAD");
    client_expects(&client, 400, "400 Bad Request\n");
    answer = client_expects(&client, 200, HELLO);
    expect_answer_field(&answer, "Connection", NULL);
    client_close(&client);
}
END_TEST

START_TEST(trace_and_connect_get_501)
{
    struct test_client client = client_open(stream_pair);

    client_sends(&client, "TRACE / HTTP/1.1\r\nHost: x\r\nCookie: secret\r\n\r\n"
                          "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n");
    client_reads_all(&client);
    client_expects(&client, 501, "501 Not Implemented\n");
    client_expects(&client, 501, "501 Not Implemented\n");
    client_close(&client);
}
END_TEST

/* An exchange is several kilobytes: ten thousand idle connections must not hold one each. */
START_TEST(an_idle_connection_holds_no_exchange)
{
    struct test_client first = client_open(stream_pair);
    struct test_client second = client_open(stream_pair);

    server_runs();
    ck_assert_uint_eq(server_free_exchanges(), 0);
    client_sends(&first, GET("/hello"));
    ck_assert_uint_eq(server_free_exchanges(), 1);
    client_sends(&second, GET("/hello"));
    ck_assert_uint_eq(server_free_exchanges(), 1);
    client_sends(&first, "GET /he");
    ck_assert_uint_eq(server_free_exchanges(), 0);
    client_sends(&second, "GET /he");
    client_sends(&first, "llo HTTP/1.1\r\nHost: x\r\n\r\n");
    ck_assert_uint_eq(server_free_exchanges(), 1);
    client_close(&second); /* in the middle of a request */
    ck_assert_uint_eq(server_free_exchanges(), 2);
    client_close(&first);
    ck_assert_uint_eq(server_free_exchanges(), 2);
}
END_TEST

START_TEST(after_a_burst_only_some_exchanges_are_kept)
{
    enum { BURST = 100 };
    struct test_client clients[BURST];

    for (int i = 0; i < BURST; i++) {
        clients[i] = client_open(stream_pair);
        client_sends(&clients[i], "GET /hello");
    }
    for (int i = 0; i < BURST; i++) {
        client_sends(&clients[i], " HTTP/1.0\r\n\r\n");
        client_reads_all(&clients[i]);
        client_expects(&clients[i], 200, HELLO);
        client_close(&clients[i]);
    }
    ck_assert_uint_gt(server_free_exchanges(), 0);
    ck_assert_uint_lt(server_free_exchanges(), BURST);
}
END_TEST

START_TEST(requests_answers_and_errors_are_counted)
{
    const struct http_counters *counters = http_service_counters(server_reactor());
    struct test_client client = client_open(stream_pair);

    client_sends(&client, GET("/hello") GET("/none") "BAD\r\n");
    client_reads_all(&client);
    ck_assert_uint_eq(counter_read(&counters->requests), 2);
    ck_assert_uint_eq(counter_read(&counters->responses), 3);
    ck_assert_uint_eq(counter_read(&counters->errors), 2);
    client_close(&client);
}
END_TEST

TCase *http_connection_requests(void)
{
    TCase *cases = tcase_create("requests");

    tcase_add_checked_fixture(cases, open_default_server, server_close);
    tcase_add_test(cases, a_connection_is_kept_for_the_next_request);
    tcase_add_test(cases, every_answer_has_a_date_and_a_server);
    tcase_add_test(cases, a_request_may_come_byte_by_byte);
    tcase_add_test(cases, head_gets_the_head_of_get_and_no_body);
    tcase_add_test(cases, options_get_204_with_allow_and_without_a_length);
    tcase_add_test(cases, http_1_0_is_closed_unless_it_asks_for_more);
    tcase_add_test(cases, who_asks_for_the_close_gets_it_after_the_answer);
    tcase_add_test(cases, an_answer_of_404_or_405_keeps_the_connection);
    tcase_add_test(cases, trace_and_connect_get_501);
    tcase_add_test(cases, an_idle_connection_holds_no_exchange);
    tcase_add_test(cases, after_a_burst_only_some_exchanges_are_kept);
    tcase_add_test(cases, requests_answers_and_errors_are_counted);
    return cases;
}
