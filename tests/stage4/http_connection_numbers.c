/* Limits of number: requests on a connection, connections on the server. */
#include "test_http_connection.h"

static struct test_client client;

static void open_server(const struct server_fixture_config *config)
{
    server_open(config);
    client = client_open(tcp_pair);
}

static void close_server(void)
{
    client_close(&client);
    server_close();
}

START_TEST(the_last_request_that_is_allowed_is_told_so)
{
    enum { ALLOWED = 3 };
    struct server_fixture_config config = SERVER_FIXTURE_DEFAULT;

    config.max_requests = ALLOWED;
    open_server(&config);
    client_sends(&client, GET("/n/1"));
    client_sends(&client, GET("/n/2"));
    client_sends(&client, GET("/n/3"));
    client_awaits_end(&client);
    for (int i = 1; i <= ALLOWED; i++) {
        struct test_answer answer = client_takes_answer(&client);
        ck_assert_int_eq(answer.body[0], '0' + i);
        expect_answer_field(&answer, "Connection", i < ALLOWED ? NULL : "close");
    }
    client_expects_end(&client);
    client_finishes(&client);
    ck_assert_uint_eq(server_connections(), 0);
    close_server();
}
END_TEST

START_TEST(of_pipelined_requests_as_many_are_answered_as_are_allowed)
{
    struct server_fixture_config config = SERVER_FIXTURE_DEFAULT;

    config.max_requests = 2;
    open_server(&config);
    client_sends(&client, GET("/n/1") GET("/n/2") GET("/n/3") GET("/n/4") "BAD");
    client_awaits_end(&client);
    client_expects(&client, 200, "1\n");
    client_expects(&client, 200, "2\n");
    client_expects_end(&client);
    ck_assert_uint_eq(counter_read(&http_service_counters(server_reactor())->requests), 2);
    close_server();
}
END_TEST

/* One is served, one is told, and beyond twice the limit nothing is said. */
START_TEST(one_connection_too_many_is_told_503_and_far_too_many_nothing)
{
    struct server_fixture_config config = SERVER_FIXTURE_DEFAULT;

    config.max_connections = 1;
    open_server(&config);
    struct test_client refused = client_open(tcp_pair);
    struct test_client dropped = client_open(tcp_pair);
    server_runs();
    client_sends(&refused, GET("/hello"));
    client_awaits_end(&refused);
    struct test_answer answer = client_expects(&refused, 503, "503 Service Unavailable\n");
    expect_answer_field(&answer, "Connection", "close");
    client_expects_end(&refused);
    client_expects_end(&dropped);
    client_sends(&client, GET("/hello"));
    client_reads_all(&client);
    client_expects(&client, 200, HELLO);

    client_close(&dropped);
    client_close(&refused);
    client_close(&client);
    ck_assert_uint_eq(server_connections(), 0);
    client = client_open(tcp_pair);
    client_sends(&client, GET("/hello"));
    client_reads_all(&client);
    client_expects(&client, 200, HELLO);
    close_server();
}
END_TEST

TCase *http_connection_numbers(void)
{
    TCase *cases = tcase_create("numbers");

    tcase_add_test(cases, the_last_request_that_is_allowed_is_told_so);
    tcase_add_test(cases, of_pipelined_requests_as_many_are_answered_as_are_allowed);
    tcase_add_test(cases, one_connection_too_many_is_told_503_and_far_too_many_nothing);
    return cases;
}
