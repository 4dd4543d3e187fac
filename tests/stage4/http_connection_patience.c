/*
 * Time limits of what a client sends: which of them holds in which phase.
 *
 * In each test one limit is so short that it must be it that ends the connection: the others are an
 * hour. A witness, a client that came later and has been ended by the same limit, shows that a time
 * has passed which did no harm to another.
 */
#include "test_http_connection.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define POST "POST /echo HTTP/1.1\r\nHost: x\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define TOO_LATE "408 Request Timeout\n"

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

static void pass_time(const struct test_client *one)
{
    struct pollfd wanted = {.fd = one->fd, .events = POLLIN};

    poll(&wanted, 1, DRIP_MS);
    server_runs();
}

/* Sends one of these bytes after the other, again and again, until the server has said its last. */
static void drips_until_the_end(struct test_client *one, const char *bytes)
{
    size_t length = strlen(bytes);

    for (size_t i = 0; i < SOCKETS_PATIENCE_MS / DRIP_MS; i++) {
        client_reads_all(one);
        if (one->ended || one->reset) {
            return;
        }
        send(one->fd, &bytes[i % length], 1, MSG_DONTWAIT | MSG_NOSIGNAL);
        pass_time(one);
    }
    ck_abort_msg("a client that drips '%s' is kept for ever", bytes);
}

START_TEST(before_the_first_request_the_limit_is_that_of_a_head)
{
    struct server_fixture_config config = patient_config();

    config.patience.header_ms = SHORT_MS;
    open_server(&config);
    client_expects_end(&client);
    ck_assert_uint_eq(server_connections(), 0);
    close_server();
}
END_TEST

START_TEST(between_requests_the_limit_is_that_of_idleness)
{
    struct server_fixture_config config = patient_config();

    config.patience.idle_ms = SHORT_MS;
    open_server(&config);
    client_sends(&client, GET("/hello"));
    client_awaits_end(&client);
    client_expects(&client, 200, HELLO);
    client_expects_end(&client);
    ck_assert_uint_eq(server_connections(), 0);
    close_server();
}
END_TEST

START_TEST(the_limit_of_a_head_does_not_hold_between_requests)
{
    struct server_fixture_config config = patient_config();

    config.patience.header_ms = SHORT_MS;
    open_server(&config);
    client_sends(&client, GET("/hello"));
    struct test_client witness = client_open(tcp_pair);
    client_expects_end(&witness);
    client_sends(&client, GET("/n/2"));
    client_reads_all(&client);
    client_expects(&client, 200, HELLO);
    client_expects(&client, 200, "2\n");
    client_close(&witness);
    close_server();
}
END_TEST

enum short_limit { HEAD_LIMIT, STALL_LIMIT };

/* What is there of a request when nothing more comes, and the limit that is the short one. */
static const struct {
    const char *what;
    const char *bytes;
    enum short_limit short_limit;
} beginnings[] = {
    {"one byte", "G", HEAD_LIMIT},
    {"a request line", "GET /hello HTTP/1.1\r\n", HEAD_LIMIT},
    {"all but a byte", "GET /hello HTTP/1.1\r\nHost: x\r\n\r", HEAD_LIMIT},
    {"half a head behind a request", GET("/hello") "GET /hel", HEAD_LIMIT},
    {"no byte of a body", POST "Content-Length: 5\r\n\r\n", STALL_LIMIT},
    {"a part of a body", POST "Content-Length: 5\r\n\r\nhell", STALL_LIMIT},
    {"no chunk", CHUNKED, STALL_LIMIT},
    {"half a chunk", CHUNKED "5\r\nhel", STALL_LIMIT},
    {"no trailer", CHUNKED "5\r\nhello\r\n0\r\n", STALL_LIMIT},
    {"a body that was waited for", POST "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
     STALL_LIMIT},
};

enum { BEGINNINGS = sizeof beginnings / sizeof beginnings[0] };

static struct server_fixture_config config_for(enum short_limit limit)
{
    struct server_fixture_config config = patient_config();

    if (limit == HEAD_LIMIT) {
        config.patience.header_ms = SHORT_MS;
    } else {
        config.patience.stall_ms = SHORT_MS;
    }
    return config;
}

START_TEST(half_a_request_and_then_silence_is_a_408)
{
    struct server_fixture_config config = config_for(beginnings[_i].short_limit);
    bool answered_before = strstr(beginnings[_i].bytes, "\r\n\r\nGET") != NULL;

    open_server(&config);
    client_sends(&client, beginnings[_i].bytes);
    client_awaits_end(&client);
    if (answered_before) {
        client_expects(&client, 200, HELLO);
    } else if (strstr(beginnings[_i].bytes, "100-continue") != NULL) {
        ck_assert_int_eq(client_takes_head(&client).status, 100);
    }
    struct test_answer answer = client_expects(&client, 408, TOO_LATE);
    expect_answer_field(&answer, "Connection", "close");
    client_expects_end(&client);
    ck_assert_uint_eq(counter_read(&http_service_counters(server_reactor())->timeouts), 1);
    client_finishes(&client);
    ck_assert_msg(server_connections() == 0, "after %s: it is still there", beginnings[_i].what);
    close_server();
}
END_TEST

/* The wait for a request was patient, and its first byte ends that. */
START_TEST(half_a_head_after_a_request_is_a_408_too)
{
    struct server_fixture_config config = config_for(HEAD_LIMIT);

    open_server(&config);
    client_sends(&client, GET("/hello"));
    client_sends(&client, "GET /hel");
    client_awaits_end(&client);
    client_expects(&client, 200, HELLO);
    client_expects(&client, 408, TOO_LATE);
    client_expects_end(&client);
    close_server();
}
END_TEST

/* Bytes that keep coming are no excuse where they do not bring the request nearer to its end. */
static const struct {
    const char *beginning;
    const char *drip;
    enum short_limit limit;
} drippers[] = {
    {"GET /hello HTTP/1.1\r\nHost: x\r\nA: ", "a", HEAD_LIMIT},
    {"GET /hello HTTP/1.1\r\nHost: x\r\n", "A: b\r\n", HEAD_LIMIT},
    {CHUNKED "5;", "a", STALL_LIMIT},
    {CHUNKED "5\r\nhello\r\n0\r\nA: ", "a", STALL_LIMIT},
};

enum { DRIPPERS = sizeof drippers / sizeof drippers[0] };

START_TEST(half_a_request_and_then_a_drip_is_a_408)
{
    struct server_fixture_config config = config_for(drippers[_i].limit);

    open_server(&config);
    client_sends(&client, drippers[_i].beginning);
    drips_until_the_end(&client, drippers[_i].drip);
    client_expects(&client, 408, TOO_LATE);
    client_expects_end(&client);
    close_server();
}
END_TEST

/* Half a head that was left over does not make the server wait for more of it at its own end. */
START_TEST(after_a_408_draining_closes_at_once)
{
    struct server_fixture_config config = config_for(HEAD_LIMIT);

    open_server(&config);
    client_sends(&client, "GET /hel");
    client_awaits_end(&client);
    client_expects(&client, 408, TOO_LATE);
    ck_assert_uint_eq(server_connections(), 1);
    server_drains(); /* notes who moves */
    server_drains();
    server_runs();
    ck_assert_uint_eq(server_connections(), 0);
    close_server();
}
END_TEST

START_TEST(a_body_below_its_rate_is_a_408_though_bytes_keep_coming)
{
    struct server_fixture_config config = patient_config();

    config.patience.stall_ms = SHORT_MS;
    config.patience.min_body_rate = 1000000;
    open_server(&config);
    client_sends(&client, POST "Content-Length: 500000\r\n\r\n");
    drips_until_the_end(&client, "b");
    client_expects(&client, 408, TOO_LATE);
    client_expects_end(&client);
    close_server();
}
END_TEST

/* Between two bytes a time passes, but not a whole stretch; in all it is more than one. */
START_TEST(a_body_that_comes_steadily_may_take_several_stretches)
{
    struct server_fixture_config config = patient_config();
    char body[] = "hello!";

    config.patience.stall_ms = 6 * SHORT_MS;
    config.patience.header_ms = SHORT_MS;
    open_server(&config);
    client_sends(&client, POST "Content-Length: 6\r\n\r\n");
    for (size_t i = 0; i < strlen(body); i++) {
        struct test_client witness = client_open(tcp_pair);
        client_expects_end(&witness);
        client_close(&witness);
        client_sends_bytes(&client, &body[i], 1);
    }
    client_reads_all(&client);
    client_expects(&client, 200, body);
    close_server();
}
END_TEST

START_TEST(what_came_while_the_loop_was_held_up_came_in_time)
{
    struct server_fixture_config config = patient_config();

    config.patience.idle_ms = SHORT_MS;
    open_server(&config);
    client_sends(&client, GET("/hello"));
    client_reads_all(&client);
    client_expects(&client, 200, HELLO);
    poll(NULL, 0, 3 * SHORT_MS); /* a handler that takes so long, or a machine that was asleep */
    client_sends(&client, GET("/hello"));
    client_reads_all(&client);
    client_expects(&client, 200, HELLO);
    close_server();
}
END_TEST

TCase *http_connection_patience(void)
{
    TCase *cases = tcase_create("patience");

    tcase_set_timeout(cases, 2 * SOCKETS_PATIENCE_MS / 1000);
    tcase_add_test(cases, before_the_first_request_the_limit_is_that_of_a_head);
    tcase_add_test(cases, between_requests_the_limit_is_that_of_idleness);
    tcase_add_test(cases, the_limit_of_a_head_does_not_hold_between_requests);
    tcase_add_test(cases, what_came_while_the_loop_was_held_up_came_in_time);
    tcase_add_loop_test(cases, half_a_request_and_then_silence_is_a_408, 0, BEGINNINGS);
    tcase_add_test(cases, half_a_head_after_a_request_is_a_408_too);
    tcase_add_loop_test(cases, half_a_request_and_then_a_drip_is_a_408, 0, DRIPPERS);
    tcase_add_test(cases, after_a_408_draining_closes_at_once);
    tcase_add_test(cases, a_body_below_its_rate_is_a_408_though_bytes_keep_coming);
    tcase_add_test(cases, a_body_that_comes_steadily_may_take_several_stretches);
    return cases;
}
