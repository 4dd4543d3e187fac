/* Ends of all kinds while a worker is busy with a request: the exchange always finds its way. */
#include "test_http_connection.h"

#include "offload_fixture.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BEHIND = 512 * 1024, FURTHER = 3 };

static struct test_client client;

static void open_with(void (*connect)(int ret_pair[2]))
{
    offload_open(2, 8);
    client = client_open(connect);
}

/* The client is gone, and the server knows: over TCP that may take a moment. */
static void client_vanishes(void)
{
    peer_resets(client.fd);
    buffer_release(&client.received);
    for (int i = 0; i < SOCKETS_PATIENCE_MS && server_connections() > 0; i++) {
        server_runs();
        poll(NULL, 0, 1);
    }
    ck_assert_uint_eq(server_connections(), 0);
}

START_TEST(the_exchange_of_a_client_that_is_gone_comes_back_and_nothing_is_sent)
{
    open_with(tcp_pair);
    const struct connection_counters *bytes = connection_table_counters(server_reactor()->table);
    client_sends(&client, GET("/source"));
    offload_await_begin();
    size_t free_before = server_free_exchanges();
    client_vanishes();
    ck_assert_uint_eq(server_free_exchanges(), free_before);
    offload_let_go(1);
    offload_settle();
    ck_assert_uint_eq(server_free_exchanges(), free_before + 1);
    ck_assert_int_eq(offload_sources_made(), 1);
    ck_assert_int_eq(offload_sources_released(), 1);
    ck_assert_uint_eq(counter_read(&bytes->bytes_out), 0);
    offload_close();
}
END_TEST

/* A half close says that nothing more will come, not that nobody reads: what is owed is sent. */
START_TEST(a_half_close_ends_the_connection_after_the_answers_that_are_owed)
{
    open_with(stream_pair);
    client_sends(&client, GET("/held/1") GET("/quick/2") GET("/now/3") "GET /no");
    client_finishes(&client);
    offload_let_go(1);
    offload_settle();
    offload_settle();
    client_reads_all(&client);
    client_expects(&client, 200, "1\n");
    client_expects(&client, 200, "2\n");
    client_expects(&client, 200, "3\n");
    client_expects_end(&client);
    ck_assert_uint_eq(server_connections(), 0);
    client_close(&client);
    offload_close();
}
END_TEST

START_TEST(who_asks_for_the_close_gets_the_answer_of_the_worker_first)
{
    open_with(stream_pair);
    client_sends(&client,
                 "GET /held/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" GET("/now/2"));
    offload_let_go(1);
    offload_settle();
    client_reads_all(&client);
    struct test_answer answer = client_expects(&client, 200, "1\n");
    expect_answer_field(&answer, "Connection", "close");
    client_expects_end(&client);
    client_close(&client);
    offload_close();
}
END_TEST

START_TEST(a_server_that_drains_waits_for_the_answer_of_the_worker_which_says_close)
{
    open_with(stream_pair);
    client_sends(&client, GET("/held/1"));
    offload_await_begin();
    for (int i = 0; i < FURTHER; i++) {
        server_drains();
        server_runs();
        ck_assert_msg(server_connections() == 1, "step %d of the drain closed it", i);
    }
    offload_let_go(1);
    offload_settle();
    client_reads_all(&client);
    struct test_answer answer = client_expects(&client, 200, "1\n");
    expect_answer_field(&answer, "Connection", "close");
    client_expects_end(&client);
    client_close(&client);
    offload_close();
}
END_TEST

/*
 * The server closes after the answer, though the client wants to go on. A client that sends all it
 * has before it reads must get rid of it: unread bytes would turn the close into a reset.
 */
static void expect_the_rest_thrown_away(const char *request, const char *body)
{
    char *behind = malloc(BEHIND);

    ck_assert_ptr_nonnull(behind);
    memset(behind, 'x', BEHIND);
    client_sends(&client, request);
    offload_await_begin();
    size_t sent = client_offers(&client, behind, BEHIND);
    ck_assert_uint_lt(sent, BEHIND);
    server_drains();
    offload_let_go(1);
    offload_settle();
    sent += client_offers(&client, behind + sent, BEHIND - sent);
    ck_assert_msg(sent == BEHIND, "the server read only %zu of the %d bytes behind '%s'", sent,
                  BEHIND, request);
    client_reads_all(&client);
    client_takes_head(&client);
    ck_assert_uint_eq(client.received.length, strlen(body));
    ck_assert_int_eq(memcmp(buffer_data(&client.received), body, strlen(body)), 0);
    free(behind);
}

START_TEST(what_came_behind_the_last_answer_of_a_worker_is_thrown_away)
{
    open_with(stream_pair);
    expect_the_rest_thrown_away(GET("/held/1"), "1\n");
    client_close(&client);
    offload_close();
}
END_TEST

START_TEST(what_came_behind_the_last_answer_of_a_source_is_thrown_away)
{
    open_with(stream_pair);
    expect_the_rest_thrown_away(GET("/source"), "e\r\nfrom a source\n\r\n0\r\n\r\n");
    client_close(&client);
    offload_close();
}
END_TEST

/* Asked and answered by the worker itself, so that a job that waits need not begin. */
START_TEST(after_cancelling_no_handler_is_called_and_the_answer_is_503)
{
    open_with(stream_pair);
    worker_pool_cancel(offload_workers());
    client_sends(&client, GET("/held/1") GET("/now/2"));
    offload_settle();
    client_reads_all(&client);
    client_expects(&client, 503, "503 Service Unavailable\n");
    client_expects(&client, 200, "2\n");
    ck_assert_int_eq(offload_begun(), 0);
    client_close(&client);
    offload_close();
}
END_TEST

START_TEST(an_answer_that_finds_the_loop_ended_is_freed_by_the_worker)
{
    open_with(stream_pair);
    client_sends(&client, GET("/source"));
    offload_await_begin();
    server_ends();
    offload_let_go(1);
    offload_end_workers();
    ck_assert_int_eq(offload_sources_made(), 1);
    ck_assert_int_eq(offload_sources_released(), 1);
    peer_sees_end(client.fd);
    close(client.fd);
    server_left_nothing();
}
END_TEST

START_TEST(an_answer_that_waits_in_the_mailbox_when_the_loop_ends_is_freed_there)
{
    open_with(stream_pair);
    client_sends(&client, GET("/source"));
    offload_await_begin();
    offload_let_go(1);
    offload_await_idle(); /* the answer has been posted, and the loop has not run since */
    ck_assert_int_eq(offload_sources_made(), 1);
    ck_assert_int_eq(offload_sources_released(), 0);
    server_ends();
    ck_assert_int_eq(offload_sources_released(), 1);
    offload_end_workers();
    peer_sees_end(client.fd);
    close(client.fd);
    server_left_nothing();
}
END_TEST

TCase *http_connection_offload_ending(void)
{
    TCase *cases = tcase_create("offload, ending");

    tcase_add_test(cases, the_exchange_of_a_client_that_is_gone_comes_back_and_nothing_is_sent);
    tcase_add_test(cases, a_half_close_ends_the_connection_after_the_answers_that_are_owed);
    tcase_add_test(cases, who_asks_for_the_close_gets_the_answer_of_the_worker_first);
    tcase_add_test(cases, a_server_that_drains_waits_for_the_answer_of_the_worker_which_says_close);
    tcase_add_test(cases, what_came_behind_the_last_answer_of_a_worker_is_thrown_away);
    tcase_add_test(cases, what_came_behind_the_last_answer_of_a_source_is_thrown_away);
    tcase_add_test(cases, after_cancelling_no_handler_is_called_and_the_answer_is_503);
    tcase_add_test(cases, an_answer_that_finds_the_loop_ended_is_freed_by_the_worker);
    tcase_add_test(cases, an_answer_that_waits_in_the_mailbox_when_the_loop_ends_is_freed_there);
    return cases;
}
