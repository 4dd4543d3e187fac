/* How connections end: errors, lingering close, the client's end, draining. RFC 9112, 9.6. */
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

/* Whatever cannot be understood, and what the client is told. */
static const struct {
    const char *what;
    const char *bytes;
    int status;
    const char *body;
} strangers[] = {
    {"no Host", "GET / HTTP/1.1\r\n\r\n", 400, "400 Bad Request\n"},
    {"bare LF", "GET / HTTP/1.1\n", 400, "400 Bad Request\n"},
    {"TLS hello", "\x16\x03\x01\x02", 400, "400 Bad Request\n"},
    {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "505 HTTP Version Not Supported\n"},
    {"HTTP/0.9", "GET /\r\n", 400, "400 Bad Request\n"},
    {"unknown method", "BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501, "501 Not Implemented\n"},
    {"length and chunks",
     "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
     "0\r\n\r\n",
     400, "400 Bad Request\n"},
    {"bad chunk",
     "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
     400, "400 Bad Request\n"},
    {"chunk too large",
     "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n", 413,
     "413 Content Too Large\n"},
};

enum { STRANGERS = sizeof strangers / sizeof strangers[0] };

START_TEST(after_an_error_nothing_more_is_parsed)
{
    client_sends(&client, strangers[_i].bytes);
    client_sends(&client, GET("/hello"));
    client_reads_all(&client);
    struct test_answer answer = client_expects(&client, strangers[_i].status, strangers[_i].body);
    expect_answer_field(&answer, "Connection", "close");
    client_sends(&client, GET("/hello"));
    client_expects_end(&client);
}
END_TEST

START_TEST(a_request_pipelined_behind_a_bad_one_is_not_answered)
{
    client_sends(&client, GET("/hello") "BAD\r\n" GET("/n/1") GET("/n/2"));
    client_reads_all(&client);
    client_expects(&client, 200, HELLO);
    client_expects(&client, 400, "400 Bad Request\n");
    client_expects_end(&client);
    ck_assert_uint_eq(counter_read(&http_service_counters(server_reactor())->requests), 1);
}
END_TEST

START_TEST(an_error_behind_a_head_request_has_its_text)
{
    client_sends(&client, "HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\nBAD\r\n");
    client_reads_all(&client);
    client_takes_head(&client);
    client_expects(&client, 400, "400 Bad Request\n");
    client_expects_end(&client);
}
END_TEST

START_TEST(limits_have_their_own_statuses)
{
    static const struct {
        size_t line;
        size_t field;
        int status;
        const char *body;
    } floods[] = {
        {9000, 0, 414, "414 URI Too Long\n"},
        {0, 40000, 431, "431 Request Header Fields Too Large\n"},
    };

    for (size_t i = 0; i < 2; i++) {
        struct test_client flooder = client_open(stream_pair);
        struct buffer request = {0};
        buffer_printf(&request, "GET /%0*d HTTP/1.1\r\nHost: x\r\nA: %0*d", (int)floods[i].line, 0,
                      (int)floods[i].field, 0);
        client_sends_bytes(&flooder, buffer_data(&request), request.length);
        client_reads_all(&flooder);
        client_expects(&flooder, floods[i].status, floods[i].body);
        client_expects_end(&flooder);
        buffer_release(&request);
        client_close(&flooder);
    }
}
END_TEST

/*
 * Closing while bytes are unread makes the kernel send a reset, and a reset makes the client's
 * kernel throw away the answer that is already there.
 */
START_TEST(a_client_that_is_still_sending_gets_its_413_and_then_the_end)
{
    struct test_client sender = client_open(tcp_pair);
    char bytes[64 * 1024] = {0};

    client_sends(&sender, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n");
    for (int i = 0; i < 50; i++) {
        client_sends_bytes(&sender, bytes, sizeof bytes);
    }
    client_awaits_end(&sender);
    client_sends_bytes(&sender, bytes, sizeof bytes);
    client_expects(&sender, 413, "413 Content Too Large\n");
    client_expects_end(&sender);
    ck_assert_uint_eq(server_connections(), 2); /* it lingers, and so does the fixture's client */
    client_close(&sender);
    ck_assert_uint_eq(server_connections(), 1);
}
END_TEST

START_TEST(a_connection_that_lingers_is_closed_when_the_client_closes)
{
    client_sends(&client, "BAD\r\n");
    client_reads_all(&client);
    ck_assert_uint_eq(server_connections(), 1);
    client_finishes(&client);
    ck_assert_uint_eq(server_connections(), 0);
    ck_assert_uint_eq(server_free_exchanges(), 1);
}
END_TEST

/* The error is answered, too, when the client has already said that it is done. */
START_TEST(an_error_after_a_half_close_is_answered)
{
    peer_sends(client.fd, "BAD\r\n", 5);
    client_finishes(&client);
    client_awaits_end(&client);
    client_expects(&client, 400, "400 Bad Request\n");
    client_expects_end(&client);
    ck_assert_uint_eq(server_connections(), 0);
}
END_TEST

START_TEST(a_client_that_ends_in_the_middle_is_let_go)
{
    static const char *const beginnings[] = {
        "",
        "\r\n",
        "GET /hel",
        "GET /hello HTTP/1.1\r\nHost: x\r\n\r",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhell",
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
    };

    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        struct test_client leaver = client_open(stream_pair);
        client_sends(&leaver, beginnings[i]);
        client_finishes(&leaver);
        client_expects_end(&leaver);
        ck_assert_msg(server_connections() == 1, "after '%s': expected to be gone", beginnings[i]);
        client_close(&leaver);
    }
}
END_TEST

START_TEST(a_client_that_resets_is_let_go)
{
    static const char *const beginnings[] = {
        "", "GET /hel", GET("/streamed"),
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhell"};

    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        struct test_client leaver = client_open(tcp_pair);
        client_sends(&leaver, beginnings[i]);
        peer_resets(leaver.fd);
        server_runs();
        ck_assert_msg(server_connections() == 1, "after '%s': expected to be gone", beginnings[i]);
        ck_assert_int_eq(server_open_sources(), 0);
    }
}
END_TEST

/* design.md, rule 8: in the time of ending every answer is the connection's last. */
START_TEST(while_draining_answers_carry_connection_close)
{
    client_sends(&client, GET("/hello"));
    client_reads_all(&client);
    struct test_answer answer = client_expects(&client, 200, HELLO);
    expect_answer_field(&answer, "Connection", NULL);
    server_drains();
    client_sends(&client, GET("/n/1") GET("/n/2"));
    client_reads_all(&client);
    answer = client_expects(&client, 200, "1\n");
    expect_answer_field(&answer, "Connection", "close");
    client_expects_end(&client);
}
END_TEST

START_TEST(draining_closes_the_idle_and_lets_the_busy_finish)
{
    struct test_client idle = client_open(stream_pair);
    struct test_client lingering = client_open(stream_pair);

    client_sends(&idle, GET("/hello"));
    client_sends(&lingering, "BAD\r\n");
    client_sends(&client, "GET /hello HTTP/1.1\r\nHo");
    server_drains(); /* notes who moves */
    server_drains();
    server_runs();
    ck_assert_uint_eq(server_connections(), 1);
    client_awaits_end(&idle);
    client_expects(&idle, 200, HELLO);
    client_expects_end(&idle);
    client_sends(&client, "st: x\r\n\r\n");
    client_reads_all(&client);
    struct test_answer answer = client_expects(&client, 200, HELLO);
    expect_answer_field(&answer, "Connection", "close");
    client_expects_end(&client);
    client_close(&idle);
    client_close(&lingering);
}
END_TEST

TCase *http_connection_ending(void)
{
    TCase *cases = tcase_create("ending");

    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, after_an_error_nothing_more_is_parsed, 0, STRANGERS);
    tcase_add_test(cases, a_request_pipelined_behind_a_bad_one_is_not_answered);
    tcase_add_test(cases, an_error_behind_a_head_request_has_its_text);
    tcase_add_test(cases, limits_have_their_own_statuses);
    tcase_add_test(cases, a_client_that_is_still_sending_gets_its_413_and_then_the_end);
    tcase_add_test(cases, a_connection_that_lingers_is_closed_when_the_client_closes);
    tcase_add_test(cases, an_error_after_a_half_close_is_answered);
    tcase_add_test(cases, a_client_that_ends_in_the_middle_is_let_go);
    tcase_add_test(cases, a_client_that_resets_is_let_go);
    tcase_add_test(cases, while_draining_answers_carry_connection_close);
    tcase_add_test(cases, draining_closes_the_idle_and_lets_the_busy_finish);
    return cases;
}
