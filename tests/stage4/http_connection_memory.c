/* Short of memory at any moment: an answer or the end, and never a crash or a leak. */
#include "allocation_faults.h"
#include "test_http_connection.h"

#include <string.h>
#include <unistd.h>

static const char *const conversations[] = {
    GET("/hello"),
    GET("/none"),
    GET("/large"),
    "BAD\r\n",
    "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    GET("/n/1") GET("/a%00") GET("/n/2") "GET /half",
};

enum { CONVERSATIONS = sizeof conversations / sizeof conversations[0], MOST_ALLOCATIONS = 20 };

/* `spared` allocations succeed while the server is at work. */
static void converse(const char *bytes, int spared)
{
    struct test_client client = client_open(stream_pair);

    peer_sends(client.fd, bytes, strlen(bytes));
    allocations_fail_after(spared);
    server_runs();
    allocations_succeed();
    client_reads_all(&client);
    while (client.received.length > 0) {
        struct test_answer answer = client_takes_answer(&client); /* a whole one */
        ck_assert_msg(
            answer.status != 200 || answer.body_length > 0,
            "with %d allocations: expected a 500 if there is no memory for the body, got: %s",
            spared, answer.head);
    }
    client_close(&client);
    ck_assert_uint_eq(server_connections(), 0);
}

START_TEST(when_memory_is_short_there_is_a_whole_answer_or_none)
{
    for (int spared = 0; spared < MOST_ALLOCATIONS; spared++) {
        open_default_server();
        converse(conversations[_i], spared);
        server_close();
    }
}
END_TEST

START_TEST(a_server_that_was_short_of_memory_recovers)
{
    open_default_server();
    for (int i = 0; i < CONVERSATIONS; i++) {
        converse(conversations[i], 1);
    }
    struct test_client client = client_open(stream_pair);
    client_sends(&client, GET("/hello"));
    client_reads_all(&client);
    client_expects(&client, 200, HELLO);
    client_close(&client);
    server_close();
}
END_TEST

/* Everything but the body finds its memory from the request before. */
START_TEST(without_memory_for_the_body_the_answer_is_500_and_the_connection_goes_on)
{
    open_default_server();
    struct test_client client = client_open(stream_pair);
    client_sends(&client, GET("/hello"));
    peer_sends(client.fd, GET("/large"), sizeof GET("/large") - 1);
    allocations_fail_after(0);
    server_runs();
    allocations_succeed();
    client_sends(&client, GET("/hello"));
    client_reads_all(&client);
    client_expects(&client, 200, HELLO);
    ck_assert_int_eq(client_takes_answer(&client).status, 500);
    client_expects(&client, 200, HELLO);
    client_close(&client);
    server_close();
}
END_TEST

START_TEST(a_connection_without_memory_for_its_state_is_closed)
{
    int pair[2];

    open_default_server();
    stream_pair(pair);
    allocations_fail_after(1); /* the connection itself, and nothing more */
    server_adopts(pair[0]);
    allocations_succeed();
    server_runs();
    ck_assert_uint_eq(server_connections(), 0);
    peer_sees_end(pair[1]);
    close(pair[1]);
    server_close();
}
END_TEST

TCase *http_connection_memory(void)
{
    TCase *cases = tcase_create("memory");

    tcase_add_loop_test(cases, when_memory_is_short_there_is_a_whole_answer_or_none, 0,
                        CONVERSATIONS);
    tcase_add_test(cases, without_memory_for_the_body_the_answer_is_500_and_the_connection_goes_on);
    tcase_add_test(cases, a_server_that_was_short_of_memory_recovers);
    tcase_add_test(cases, a_connection_without_memory_for_its_state_is_closed);
    return cases;
}
