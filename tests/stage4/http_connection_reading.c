/* The time limit of what a client takes. See http_connection_patience.c for the witness. */
#include "test_http_connection.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

static struct test_client client;

static void close_server(void)
{
    client_close(&client);
    server_close();
}

/* Little room in the kernel, so that what a client does not read waits in the server. */
static void open_narrow(const struct server_fixture_config *config)
{
    server_open(config);
    client = client_open(tcp_pair);
    shrink_buffers(client.server_fd);
    shrink_buffers(client.fd);
}

/* The limit is far shorter than this waits; what the client sends meanwhile does not help it. */
static void expect_cut_off(const char *drip)
{
    for (int i = 0; i < SOCKETS_PATIENCE_MS / 4 / DRIP_MS; i++) {
        if (server_connections() == 0) {
            ck_assert_uint_ge(counter_read(&http_service_counters(server_reactor())->timeouts), 1);
            return;
        }
        send(client.fd, drip, strlen(drip), MSG_DONTWAIT | MSG_NOSIGNAL);
        poll(NULL, 0, DRIP_MS);
        server_runs();
    }
    ck_abort_msg("a client that reads nothing and sends '%s' is kept for ever", drip);
}

static struct server_fixture_config stalling_config(void)
{
    struct server_fixture_config config = patient_config();

    config.patience.stall_ms = SHORT_MS;
    config.patience.min_read_rate = 1000;
    return config;
}

/* Whoever does not read is cut off, in whatever phase the connection is meanwhile. */
static const char *const unread[] = {
    GET("/large"),
    GET("/streamed"),
    GET("/large") "GET /hello HTTP/1.1\r\nHo",
    GET("/large") "BAD\r\n\r\n",
    "GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "GET /large HTTP/1.0\r\n\r\n",
};

enum { UNREAD = sizeof unread / sizeof unread[0] };

START_TEST(a_client_that_reads_nothing_is_cut_off)
{
    struct server_fixture_config config = stalling_config();

    config.patience.header_ms = _i == 2 ? SHORT_MS : LONG_MS;
    open_narrow(&config);
    client_sends(&client, unread[_i]);
    ck_assert_uint_eq(server_connections(), 1);
    expect_cut_off("");
    ck_assert_int_eq(server_open_sources(), 0);
    close_server();
}
END_TEST

/* What a client goes on to send says nothing about whether it reads. */
static const struct {
    const char *beginning;
    const char *drip;
} senders[] = {
    {GET("/large") "BAD\r\n", "x"},
    {GET("/large"), GET("/n/1")},
    {GET("/large") "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", "body"},
};

enum { SENDERS = sizeof senders / sizeof senders[0] };

START_TEST(a_client_that_reads_nothing_but_goes_on_sending_is_cut_off)
{
    struct server_fixture_config config = stalling_config();

    open_narrow(&config);
    client_sends(&client, senders[_i].beginning);
    expect_cut_off(senders[_i].drip);
    close_server();
}
END_TEST

/* After limits have passed that do not hold for it, the client reads on: all is still there. */
static void expect_large_after_a_while(void)
{
    int room = LARGE_BODY;
    struct test_client witness = client_open(tcp_pair);

    client_expects_end(&witness);
    ck_assert_uint_eq(server_connections(), 1);
    ck_assert_int_eq(setsockopt(client.server_fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room), 0);
    ck_assert_int_eq(setsockopt(client.fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room), 0);
    client_awaits_end(&client);
    client_expects_pattern(&client, LARGE_BODY);
    client_expects_end(&client);
    client_close(&witness);
}

START_TEST(a_client_that_still_reads_is_not_idle)
{
    struct server_fixture_config config = patient_config();

    config.patience.header_ms = SHORT_MS;
    config.patience.idle_ms = SHORT_MS;
    open_narrow(&config);
    client_sends(&client, GET("/large"));
    expect_large_after_a_while();
    close_server();
}
END_TEST

/* With its half close the client has given up the request that it had begun, and no other. */
START_TEST(a_request_given_up_by_a_half_close_is_not_waited_for)
{
    struct server_fixture_config config = patient_config();

    config.patience.header_ms = SHORT_MS;
    open_narrow(&config);
    client_sends(&client, GET("/large") "GET /hel");
    client_finishes(&client);
    expect_large_after_a_while();
    close_server();
}
END_TEST

TCase *http_connection_reading(void)
{
    TCase *cases = tcase_create("reading");

    tcase_set_timeout(cases, 2 * SOCKETS_PATIENCE_MS / 1000);
    tcase_add_loop_test(cases, a_client_that_reads_nothing_is_cut_off, 0, UNREAD);
    tcase_add_loop_test(cases, a_client_that_reads_nothing_but_goes_on_sending_is_cut_off, 0,
                        SENDERS);
    tcase_add_test(cases, a_client_that_still_reads_is_not_idle);
    tcase_add_test(cases, a_request_given_up_by_a_half_close_is_not_waited_for);
    return cases;
}
