/* Handlers that block: to a worker, and back to the connection whose request it was. */
#include "test_http_connection.h"

#include "allocation_faults.h"
#include "offload_fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WORKERS = 2, QUEUE = 8, MOST_ALLOCATIONS = 12 };

static struct test_client client;

static void setup(void)
{
    offload_open(WORKERS, QUEUE);
    client = client_open(stream_pair);
}

static void teardown(void)
{
    client_close(&client);
    offload_close();
}

/* Takes turns with workers and server until the client has `count` answers, or no more come. */
static void read_answers(struct test_client *from, int count)
{
    for (int i = 0; i < count; i++) {
        offload_settle();
        client_reads_all(from);
    }
}

START_TEST(the_answer_of_a_worker_reaches_the_client)
{
    client_sends(&client, GET("/quick/1"));
    read_answers(&client, 1);
    struct test_answer answer = client_expects(&client, 200, "1\n");
    expect_answer_field(&answer, "Connection", NULL);
    client_sends(&client, GET("/now/2"));
    client_reads_all(&client);
    client_expects(&client, 200, "2\n");
    client_expects_nothing(&client);
}
END_TEST

START_TEST(a_loop_goes_on_while_a_handler_blocks)
{
    struct test_client other = client_open(stream_pair);

    client_sends(&client, GET("/held/1"));
    offload_await_begin();
    client_sends(&other, GET("/now/2"));
    client_reads_all(&other);
    client_expects(&other, 200, "2\n");
    client_reads_all(&client);
    client_expects_nothing(&client);
    offload_let_go(1);
    read_answers(&client, 1);
    client_expects(&client, 200, "1\n");
    client_close(&other);
}
END_TEST

START_TEST(requests_behind_a_blocking_one_wait_and_are_answered_in_order)
{
    client_sends(&client,
                 GET("/held/1") GET("/now/2") GET("/quick/3") GET("/quick/4") GET("/now/5"));
    offload_await_begin();
    client_reads_all(&client);
    client_expects_nothing(&client);
    ck_assert_uint_eq(worker_pool_busy(offload_workers()), 1);
    offload_let_go(1);
    read_answers(&client, 3);
    for (int i = 1; i <= 5; i++) {
        char expected[8];
        snprintf(expected, sizeof expected, "%d\n", i);
        client_expects(&client, 200, expected);
    }
    client_expects_nothing(&client);
}
END_TEST

START_TEST(a_request_that_comes_in_pieces_meanwhile_is_answered_afterwards)
{
    client_sends(&client, GET("/held/1") "GET /no");
    offload_await_begin();
    client_sends(&client, "w/2 HTTP/1.1\r\nHo");
    offload_let_go(1);
    read_answers(&client, 1);
    client_expects(&client, 200, "1\n");
    client_sends(&client, "st: x\r\n\r\n");
    client_reads_all(&client);
    client_expects(&client, 200, "2\n");
}
END_TEST

START_TEST(head_is_answered_by_a_worker_without_the_body)
{
    client_sends(&client, "HEAD /quick/12 HTTP/1.1\r\nHost: x\r\n\r\n");
    read_answers(&client, 1);
    struct test_answer answer = client_takes_head(&client);
    ck_assert_int_eq(answer.status, 200);
    expect_answer_field(&answer, "Content-Length", "3");
    client_expects_nothing(&client);
}
END_TEST

START_TEST(a_worker_may_answer_with_a_source)
{
    offload_let_go(1);
    client_sends(&client, GET("/source") GET("/now/2"));
    read_answers(&client, 1);
    struct test_answer answer = client_takes_head(&client);
    expect_answer_field(&answer, "Transfer-Encoding", "chunked");
    static const char chunks[] = "e\r\nfrom a source\n\r\n0\r\n\r\n";
    ck_assert_uint_ge(client.received.length, sizeof chunks - 1);
    ck_assert_int_eq(memcmp(buffer_data(&client.received), chunks, sizeof chunks - 1), 0);
    buffer_consume(&client.received, sizeof chunks - 1);
    client_expects(&client, 200, "2\n");
    ck_assert_int_eq(offload_sources_released(), 1);
}
END_TEST

/*
 * However the body came: at once, late, or in chunks. Meanwhile another client's bytes go where
 * these lay.
 */
START_TEST(head_and_body_are_whole_on_the_worker_whatever_is_read_meanwhile)
{
    static const char *const requests[][2] = {
        {"POST /report?a=%41 HTTP/1.1\r\nHost: x\r\nX-Mark: mark\r\nContent-Length: 8\r\n\r\n"
         "the body",
         ""},
        {"POST /report?a=%41 HTTP/1.1\r\nHost: x\r\nX-Mark: mark\r\nContent-Length: 8\r\n\r\n"
         "the ",
         "body"},
        {"POST /report?a=%41 HTTP/1.1\r\nHost: x\r\nX-Mark: mark\r\n"
         "Transfer-Encoding: chunked\r\n\r\n4\r\nthe \r\n4\r\nbody\r\n0\r\n\r\n",
         ""},
        {"POST /report?a=%41 HTTP/1.1\r\nHost: x\r\nX-Ma",
         "rk: mark\r\nContent-Length: 8\r\n\r\nthe body"},
    };
    struct test_client other = client_open(stream_pair);
    char noise[4096];

    client_sends(&client, requests[_i][0]);
    client_sends(&client, requests[_i][1]);
    offload_await_begin();
    memset(noise, '@', sizeof noise);
    client_sends_bytes(&other, noise, sizeof noise);
    client_sends_bytes(&client, noise, sizeof noise / 2);
    offload_let_go(1);
    read_answers(&client, 1);
    client_expects(&client, 200, "POST /report?a=%41 /report mark the body");
    client_expects(&client, 400, "400 Bad Request\n");
    client_close(&other);
}
END_TEST

START_TEST(when_the_queue_is_full_the_answer_is_503_and_the_connection_lives_on)
{
    enum { FULL = WORKERS + QUEUE };
    struct test_client others[FULL];

    for (int i = 0; i < FULL; i++) {
        others[i] = client_open(stream_pair);
        client_sends(&others[i], GET("/held/1"));
        if (i < WORKERS) {
            offload_await_begin(); /* before the next one is counted as waiting */
        }
    }
    client_sends(&client, GET("/held/2") GET("/now/3"));
    client_reads_all(&client);
    struct test_answer answer = client_expects(&client, 503, "503 Service Unavailable\n");
    expect_answer_field(&answer, "Connection", NULL);
    client_expects(&client, 200, "3\n");
    offload_let_go(FULL + 1);
    offload_settle();
    for (int i = 0; i < FULL; i++) {
        client_reads_all(&others[i]);
        client_expects(&others[i], 200, "1\n");
        client_close(&others[i]);
    }
    client_sends(&client, GET("/held/4"));
    read_answers(&client, 1);
    client_expects(&client, 200, "4\n");
}
END_TEST

START_TEST(without_workers_a_blocking_route_is_503)
{
    offload_open(0, 0);
    struct test_client alone = client_open(stream_pair);
    client_sends(&alone, GET("/quick/1") GET("/now/2"));
    client_reads_all(&alone);
    client_expects(&alone, 503, "503 Service Unavailable\n");
    client_expects(&alone, 200, "2\n");
    client_close(&alone);
    offload_close();
}
END_TEST

static const char *const conversations[] = {
    GET("/quick/1"),
    GET("/quick/1") GET("/now/2") GET("/quick/3"),
    GET("/source"),
    "POST /report HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
    "POST /report HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
};

/* On the loop, on the worker, and back on the loop. */
static void converse(const char *bytes, int spared)
{
    struct test_client brief = client_open(stream_pair);

    offload_let_go(1);
    peer_sends(brief.fd, bytes, strlen(bytes));
    allocations_fail_after(spared);
    server_runs();
    offload_settle();
    offload_settle();
    allocations_succeed();
    client_reads_all(&brief);
    ck_assert_msg(brief.received.length == 0 ||
                      strncmp(buffer_data(&brief.received), "HTTP/1.1 ", 9) == 0,
                  "with %d allocations: not an answer", spared);
    client_close(&brief);
    ck_assert_uint_eq(server_connections(), 0);
}

START_TEST(when_memory_is_short_a_blocking_request_is_answered_or_cut_off)
{
    for (int spared = 0; spared < MOST_ALLOCATIONS; spared++) {
        offload_open(1, 1);
        converse(conversations[_i], spared);
        offload_close();
    }
}
END_TEST

/* With servers of their own. */
TCase *http_connection_offload_short(void)
{
    TCase *cases = tcase_create("offload, short of workers or memory");

    tcase_add_test(cases, without_workers_a_blocking_route_is_503);
    tcase_add_loop_test(cases, when_memory_is_short_a_blocking_request_is_answered_or_cut_off, 0,
                        (int)(sizeof conversations / sizeof conversations[0]));
    return cases;
}

TCase *http_connection_offload(void)
{
    TCase *cases = tcase_create("offload");

    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, the_answer_of_a_worker_reaches_the_client);
    tcase_add_test(cases, a_loop_goes_on_while_a_handler_blocks);
    tcase_add_test(cases, requests_behind_a_blocking_one_wait_and_are_answered_in_order);
    tcase_add_test(cases, a_request_that_comes_in_pieces_meanwhile_is_answered_afterwards);
    tcase_add_test(cases, head_is_answered_by_a_worker_without_the_body);
    tcase_add_test(cases, a_worker_may_answer_with_a_source);
    tcase_add_loop_test(cases, head_and_body_are_whole_on_the_worker_whatever_is_read_meanwhile, 0,
                        4);
    tcase_add_test(cases, when_the_queue_is_full_the_answer_is_503_and_the_connection_lives_on);
    return cases;
}
