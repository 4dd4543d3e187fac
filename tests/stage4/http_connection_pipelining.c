/* Many requests at once: order, one write a batch, pressure, half-close. RFC 9112, 9.3.2. */
#include "test_http_connection.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { MANY = 1000 };

static struct test_client client;

static void close_server(void)
{
    client_close(&client);
    server_close();
}

/* Little room everywhere, so that a thousand small answers are far too many. */
static const struct connection_limits narrow = {
    .input_limit = 8192, .output_high = 4096, .output_low = 1024};

static void open_narrow_server(void)
{
    struct server_fixture_config config = SERVER_FIXTURE_DEFAULT;

    config.connection = narrow;
    server_open(&config);
    client = client_open(stream_pair);
}

static void make_requests(struct buffer *requests, int first, int count)
{
    for (int i = first; i < first + count; i++) {
        ck_assert_int_eq(buffer_printf(requests, "GET /n/%d HTTP/1.1\r\nHost: x\r\n\r\n", i), 0);
    }
}

static void expect_numbers(int count)
{
    for (int i = 0; i < count; i++) {
        char expected[16];
        snprintf(expected, sizeof expected, "%d\n", i);
        client_expects(&client, 200, expected);
    }
    client_expects_nothing(&client);
}

START_TEST(a_thousand_requests_at_once_are_answered_in_order)
{
    struct buffer requests = {0};

    open_default_server();
    client = client_open(stream_pair);
    make_requests(&requests, 0, MANY);
    client_sends_bytes(&client, buffer_data(&requests), requests.length);
    client_reads_all(&client);
    expect_numbers(MANY);
    buffer_release(&requests);
    close_server();
}
END_TEST

/* In which order the handler was called: by the first letters of the paths. */
static char callers[MANY + 2];
static size_t calls;

static void note_caller(struct http_request *request, struct http_response *response,
                        const struct http_context *context)
{
    (void)context;
    callers[calls++] = request->path.data[1];
    http_response_borrow(response, "text/plain", "", 0);
}

START_TEST(a_thousand_requests_at_once_do_not_keep_another_client_waiting)
{
    const struct http_route route = {.pattern = "/:who", .handler = note_caller};
    struct server_fixture_config config = SERVER_FIXTURE_DEFAULT;
    struct buffer requests = {0};

    ck_assert_int_eq(router_create(&config.router), 0);
    ck_assert_int_eq(router_add(config.router, &route), 0);
    server_open(&config);
    client = client_open(stream_pair);
    struct test_client other = client_open(stream_pair);
    for (int i = 0; i < MANY; i++) {
        ck_assert_int_eq(buffer_append(&requests, GET("/m"), sizeof GET("/m") - 1), 0);
    }
    /* Both have sent before the server looks. */
    ck_assert_int_eq((int)send(client.fd, buffer_data(&requests), requests.length, 0),
                     (int)requests.length);
    client_sends(&other, GET("/o"));
    client_reads_all(&client);
    ck_assert_uint_eq(calls, MANY + 1);
    size_t before = strcspn(callers, "o");
    ck_assert_msg(before < MANY / 2, "waited for %zu requests of another client", before);
    buffer_release(&requests);
    client_close(&other);
    close_server();
    router_destroy(config.router);
}
END_TEST

/* Over a socket that keeps packets apart, each write of the server is one read of the client. */
START_TEST(what_came_in_one_read_is_answered_in_one_write)
{
    struct buffer requests = {0};
    char packet[64 * 1024];

    open_default_server();
    client = client_open(packet_pair);
    for (int round = 0; round < 3; round++) {
        make_requests(&requests, 0, 50);
        ck_assert_int_eq((int)send(client.fd, buffer_data(&requests), requests.length, 0),
                         (int)requests.length);
        server_runs();
        size_t length = peer_reads_now(client.fd, packet, sizeof packet);
        ck_assert_int_eq(buffer_append(&client.received, packet, length), 0);
        expect_numbers(50);
        ck_assert_msg(peer_reads_now(client.fd, packet, sizeof packet) == 0,
                      "expected one write, got more");
        buffer_release(&requests);
    }
    close_server();
}
END_TEST

START_TEST(a_client_that_does_not_read_is_not_answered_without_bounds)
{
    const struct http_counters *http = http_service_counters(server_reactor());
    const struct connection_counters *bytes = connection_table_counters(server_reactor()->table);
    enum { ONE_ANSWER = 256 };
    struct buffer requests = {0};

    shrink_buffers(client.server_fd);
    shrink_buffers(client.fd);
    make_requests(&requests, 0, MANY);
    size_t sent = client_offers(&client, buffer_data(&requests), requests.length);
    uint64_t answered = counter_read(&http->responses);
    ck_assert_msg(answered > 0 && answered < MANY / 2, "answered %d of %d for nobody",
                  (int)answered, MANY);
    ck_assert_uint_lt(sent, requests.length);
    /* "HTTP/1.1 200 OK" and what follows is more than a hundred bytes. */
    uint64_t waiting = answered * 100 > counter_read(&bytes->bytes_out)
                           ? answered * 100 - counter_read(&bytes->bytes_out)
                           : 0;
    ck_assert_uint_le(waiting, narrow.output_high + ONE_ANSWER);

    sent += client_offers(&client, buffer_data(&requests) + sent, requests.length - sent);
    ck_assert_uint_eq(counter_read(&http->responses), answered);
    while (sent < requests.length) {
        client_reads_all(&client);
        sent += client_offers(&client, buffer_data(&requests) + sent, requests.length - sent);
    }
    client_reads_all(&client);
    expect_numbers(MANY);
    buffer_release(&requests);
}
END_TEST

START_TEST(after_a_half_close_all_answers_come_and_then_the_end)
{
    struct buffer requests = {0};

    open_default_server();
    client = client_open(stream_pair);
    make_requests(&requests, 0, MANY);
    client_sends_bytes(&client, buffer_data(&requests), requests.length);
    client_finishes(&client);
    client_awaits_end(&client);
    expect_numbers(MANY);
    client_expects_end(&client);
    ck_assert_uint_eq(server_connections(), 0);
    buffer_release(&requests);
    close_server();
}
END_TEST

/*
 * The kernel takes every answer at once, but only so many are made in one turn: the end is seen
 * while requests still wait for their turn.
 */
START_TEST(requests_that_wait_for_their_turn_survive_a_half_close)
{
    struct buffer requests = {0};
    int room = 1024 * 1024;

    ck_assert_int_eq(setsockopt(client.server_fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room), 0);
    ck_assert_int_eq(setsockopt(client.fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room), 0);
    make_requests(&requests, 0, MANY);
    peer_sends(client.fd, buffer_data(&requests), requests.length);
    client_finishes(&client);
    client_awaits_end(&client);
    expect_numbers(MANY);
    client_expects_end(&client);
    buffer_release(&requests);
}
END_TEST

START_TEST(a_half_close_under_pressure_loses_no_answer)
{
    struct buffer requests = {0};

    shrink_buffers(client.server_fd);
    make_requests(&requests, 0, MANY);
    peer_sends(client.fd, buffer_data(&requests), requests.length);
    client_finishes(&client);
    client_awaits_end(&client);
    expect_numbers(MANY);
    client_expects_end(&client);
    buffer_release(&requests);
}
END_TEST

/* The end was seen while a streamed body was on its way; then one answer fills the output. */
START_TEST(pressure_of_the_last_answer_does_not_keep_the_connection)
{
    shrink_buffers(client.server_fd);
    client_sends(&client, GET("/streamed") GET("/large"));
    client_finishes(&client);
    client_awaits_end(&client);
    client_expects_pattern(&client, STREAMED_BODY);
    client_expects_pattern(&client, LARGE_BODY);
    client_expects_end(&client);
    ck_assert_uint_eq(server_connections(), 0);
}
END_TEST

START_TEST(half_a_request_behind_the_last_one_is_no_reason_to_stay)
{
    open_default_server();
    client = client_open(stream_pair);
    client_sends(&client, GET("/n/0") "GET /n/1 HTTP/1.1\r\nHo");
    client_finishes(&client);
    client_awaits_end(&client);
    expect_numbers(1);
    client_expects_end(&client);
    close_server();
}
END_TEST

TCase *http_connection_pipelining(void)
{
    TCase *cases = tcase_create("pipelining");

    tcase_add_test(cases, a_thousand_requests_at_once_are_answered_in_order);
    tcase_add_test(cases, a_thousand_requests_at_once_do_not_keep_another_client_waiting);
    tcase_add_test(cases, what_came_in_one_read_is_answered_in_one_write);
    tcase_add_test(cases, after_a_half_close_all_answers_come_and_then_the_end);
    tcase_add_test(cases, half_a_request_behind_the_last_one_is_no_reason_to_stay);
    return cases;
}

TCase *http_connection_pressure(void)
{
    TCase *cases = tcase_create("pressure");

    tcase_add_checked_fixture(cases, open_narrow_server, close_server);
    tcase_add_test(cases, a_client_that_does_not_read_is_not_answered_without_bounds);
    tcase_add_test(cases, requests_that_wait_for_their_turn_survive_a_half_close);
    tcase_add_test(cases, a_half_close_under_pressure_loses_no_answer);
    tcase_add_test(cases, pressure_of_the_last_answer_does_not_keep_the_connection);
    return cases;
}
