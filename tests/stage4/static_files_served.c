/* Files on connections that serve requests. */
#include "test_static_files.h"

#include "client_fixture.h"
#include "server_fixture.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* All of it together: over a connection that serves requests. */
START_TEST(files_are_served_with_requests_pipelined_behind_them)
{
    open_file_server(static_files_handler);
    struct test_client client = client_open(stream_pair);
    client_sends(&client, "GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n"
                          "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
                          "HEAD /large.bin HTTP/1.1\r\nHost: x\r\n\r\n"
                          "GET /small.bin HTTP/1.1\r\nHost: x\r\n\r\n");
    client_reads_all(&client);
    client_expects_pattern(&client, LARGE_FILE);
    client_expects(&client, 200, "<p>welcome");
    struct test_answer answer = client_takes_head(&client);
    expect_answer_field(&answer, "Content-Length", "2000000");
    client_expects_pattern(&client, SMALL_FILE);
    client_expects_nothing(&client);
    client_close(&client);
    close_file_server();
}
END_TEST

static unsigned packets_sent(const struct test_client *client)
{
    struct tcp_info info;
    socklen_t size = sizeof info;

    ck_assert_int_eq(getsockopt(client->server_fd, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
    return info.tcpi_data_segs_out;
}

/*
 * The kernel holds the head back for 200 ms at most. A test that was stopped for so long in between
 * has seen nothing; it looks again.
 */
START_TEST(a_head_and_its_file_leave_in_one_packet)
{
    enum { ATTEMPTS = 10 };
    unsigned packets = 0;

    open_file_server(static_files_handler);
    struct test_client client = client_open(tcp_pair);
    for (int i = 0; i < ATTEMPTS && packets != 1; i++) {
        unsigned before = packets_sent(&client);
        client_sends(&client, "GET /over.bin HTTP/1.1\r\nHost: x\r\n\r\n");
        client_reads_all(&client);
        client_expects_pattern(&client, SMALL_FILE + 1);
        packets = packets_sent(&client) - before;
    }
    ck_assert_uint_eq(packets, 1);
    client_close(&client);
    close_file_server();
}
END_TEST

START_TEST(a_file_that_shrinks_cuts_the_connection)
{
    pattern_file("root/cut.bin", LARGE_FILE);
    open_file_server(static_files_handler);
    struct test_client client = client_open(stream_pair);
    client_sends(&client, "GET /cut.bin HTTP/1.1\r\nHost: x\r\n\r\n");
    ck_assert_int_eq(truncate(file_tree_path("root/cut.bin"), 1000 * 1000), 0);
    client_awaits_end(&client);
    client_takes_head(&client);
    ck_assert_uint_le(client.received.length, 1000 * 1000);
    ck_assert_uint_eq(server_connections(), 0);
    client_close(&client);
    close_file_server();
}
END_TEST

TCase *static_files_served(void)
{
    TCase *cases = tcase_create("served");

    tcase_add_unchecked_fixture(cases, build_site, file_tree_remove);
    tcase_add_checked_fixture(cases, open_files, close_files);
    tcase_add_test(cases, files_are_served_with_requests_pipelined_behind_them);
    tcase_add_test(cases, a_head_and_its_file_leave_in_one_packet);
    tcase_add_test(cases, a_file_that_shrinks_cuts_the_connection);
    return cases;
}
