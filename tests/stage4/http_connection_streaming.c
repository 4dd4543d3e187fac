/* Bodies from a source: pressure, what is pipelined behind them, and clients that leave. */
#include "test_http_connection.h"

#include <string.h>

static struct test_client client;

static void setup(void)
{
    open_default_server();
    client = client_open(stream_pair);
}

static void teardown(void)
{
    client_close(&client);
    server_close();
}

START_TEST(a_streamed_body_arrives_whole)
{
    client_sends(&client, GET("/streamed"));
    client_reads_all(&client);
    client_expects_pattern(&client, STREAMED_BODY);
    ck_assert_int_eq(server_open_sources(), 0);
    client_sends(&client, GET("/hello"));
    client_reads_all(&client);
    client_expects(&client, 200, HELLO);
}
END_TEST

START_TEST(requests_behind_a_streamed_body_are_answered_in_order)
{
    client_sends(&client, GET("/n/1") GET("/streamed") GET("/n/2") GET("/streamed") GET("/n/3"));
    client_reads_all(&client);
    client_expects(&client, 200, "1\n");
    client_expects_pattern(&client, STREAMED_BODY);
    client_expects(&client, 200, "2\n");
    client_expects_pattern(&client, STREAMED_BODY);
    client_expects(&client, 200, "3\n");
    client_expects_nothing(&client);
}
END_TEST

START_TEST(a_source_waits_for_a_client_that_does_not_read)
{
    const struct connection_counters *bytes = connection_table_counters(server_reactor()->table);

    shrink_buffers(client.server_fd);
    client_sends(&client, GET("/streamed"));
    ck_assert_uint_lt(counter_read(&bytes->bytes_out), STREAMED_BODY / 10);
    ck_assert_int_eq(server_open_sources(), 1);
    client_reads_all(&client);
    client_expects_pattern(&client, STREAMED_BODY);
}
END_TEST

/* What comes meanwhile is kept, but no more of it than the limit. */
START_TEST(input_behind_a_streamed_body_is_bounded_and_not_lost)
{
    enum { MANY = 500, FILLING = 1000 };
    const struct connection_counters *bytes = connection_table_counters(server_reactor()->table);
    struct buffer requests = {0};

    for (int i = 0; i < MANY; i++) {
        ck_assert_int_eq(
            buffer_printf(&requests, "GET /n/1 HTTP/1.1\r\nHost: x\r\nA: %0*d\r\n\r\n", FILLING, i),
            0);
    }
    client_sends(&client, GET("/streamed"));
    size_t sent = client_offers(&client, buffer_data(&requests), requests.length);
    ck_assert_uint_lt(sent, requests.length);
    ck_assert_uint_lt(counter_read(&bytes->bytes_in), 256 * 1024);
    client_reads_all(&client);
    client_expects_pattern(&client, STREAMED_BODY);
    while (sent < requests.length) {
        sent += client_offers(&client, buffer_data(&requests) + sent, requests.length - sent);
        client_reads_all(&client);
    }
    for (int i = 0; i < MANY; i++) {
        client_expects(&client, 200, "1\n");
    }
    client_expects_nothing(&client);
    buffer_release(&requests);
}
END_TEST

START_TEST(a_client_that_leaves_releases_the_source)
{
    struct test_client leaver = client_open(stream_pair);

    client_sends(&leaver, GET("/streamed") GET("/streamed"));
    ck_assert_int_eq(server_open_sources(), 1);
    client_close(&leaver);
    ck_assert_int_eq(server_open_sources(), 0);
    ck_assert_uint_eq(server_connections(), 1);
}
END_TEST

START_TEST(the_end_of_the_server_releases_the_source)
{
    client_sends(&client, GET("/streamed"));
    ck_assert_int_eq(server_open_sources(), 1);
    /* The fixture closes the server, and looks. */
}
END_TEST

/* The length is promised already, so the only way to say that the body is not whole is to cut. */
START_TEST(a_source_that_fails_ends_the_connection)
{
    client_sends(&client, GET("/broken") GET("/hello"));
    client_awaits_end(&client);
    struct test_answer answer = client_takes_head(&client);
    expect_answer_field(&answer, "Content-Length", "1000000");
    ck_assert_uint_lt(client.received.length, STREAMED_BODY);
    ck_assert_int_eq(server_open_sources(), 0);
    ck_assert_uint_eq(server_connections(), 0);
}
END_TEST

START_TEST(who_asks_for_the_close_gets_the_streamed_body_first)
{
    client_sends(&client, "GET /streamed HTTP/1.0\r\n\r\n");
    client_awaits_end(&client);
    client_expects_pattern(&client, STREAMED_BODY);
    client_expects_end(&client);
    ck_assert_uint_eq(server_connections(), 0);
}
END_TEST

START_TEST(a_half_close_ends_the_connection_after_the_streamed_body)
{
    client_sends(&client, GET("/streamed"));
    client_finishes(&client);
    client_awaits_end(&client);
    client_expects_pattern(&client, STREAMED_BODY);
    client_expects_end(&client);
    ck_assert_uint_eq(server_connections(), 0);
}
END_TEST

/* What the client sent behind the request for a streamed body before it closed its side. */
static const struct {
    const char *behind;
    int answers;
} tails[] = {
    {GET("/n/1"), 1},
    {GET("/n/1") GET("/n/1"), 2},
    {GET("/n/1") "GET /n/1 HT", 1},
    {"GET /n/1 HT", 0},
    {"\r\n", 0},
    {GET("/n/1") "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n", 1},
    {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel", 0},
    {"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n", 0},
};

enum { TAILS = sizeof tails / sizeof tails[0] };

START_TEST(a_half_close_behind_a_streamed_body_always_comes_to_an_end)
{
    client_sends(&client, GET("/streamed"));
    client_sends(&client, tails[_i].behind);
    client_finishes(&client);
    client_reads_all(&client);
    client_expects_pattern(&client, STREAMED_BODY);
    for (int i = 0; i < tails[_i].answers; i++) {
        client_expects(&client, 200, "1\n");
    }
    client_expects_nothing(&client);
    ck_assert_msg(server_connections() == 0, "behind '%s': expected the connection to be gone",
                  tails[_i].behind);
    ck_assert(client.ended && !client.reset);
}
END_TEST

START_TEST(an_error_behind_a_streamed_body_comes_after_it)
{
    client_sends(&client, GET("/streamed") "BAD\r\n" GET("/hello"));
    client_reads_all(&client);
    client_expects_pattern(&client, STREAMED_BODY);
    client_expects(&client, 400, "400 Bad Request\n");
    client_expects_end(&client);
}
END_TEST

TCase *http_connection_streaming(void)
{
    TCase *cases = tcase_create("streaming");

    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, a_streamed_body_arrives_whole);
    tcase_add_test(cases, requests_behind_a_streamed_body_are_answered_in_order);
    tcase_add_test(cases, a_source_waits_for_a_client_that_does_not_read);
    tcase_add_test(cases, input_behind_a_streamed_body_is_bounded_and_not_lost);
    tcase_add_test(cases, a_client_that_leaves_releases_the_source);
    tcase_add_test(cases, the_end_of_the_server_releases_the_source);
    tcase_add_test(cases, a_source_that_fails_ends_the_connection);
    tcase_add_test(cases, who_asks_for_the_close_gets_the_streamed_body_first);
    tcase_add_test(cases, a_half_close_ends_the_connection_after_the_streamed_body);
    tcase_add_loop_test(cases, a_half_close_behind_a_streamed_body_always_comes_to_an_end, 0,
                        TAILS);
    tcase_add_test(cases, an_error_behind_a_streamed_body_comes_after_it);
    return cases;
}
