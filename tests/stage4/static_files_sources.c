/* Large files: a piece a turn, from the file to the socket. */
#include "test_static_files.h"

#include "epoll_dispatcher.h"
#include "tcp_connection.h"
#include "connection_table.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

/* A connection to hand to a source, without any protocol on it. */
static struct event_loop *loop;
static struct connection_table *table;
static struct tcp_connection *tcp;
static int pair[2];

static size_t ignore_bytes(struct tcp_connection *connection, char *bytes, size_t length)
{
    (void)connection;
    (void)bytes;
    return length;
}

static void ignore_eof(struct tcp_connection *connection)
{
    (void)connection;
}

static void open_connection(void)
{
    static const struct tcp_connection_callbacks callbacks = {.on_bytes = ignore_bytes,
                                                              .on_eof = ignore_eof};
    const struct connection_table_config config = {.limits = CONNECTION_LIMITS_DEFAULT};
    uint64_t id;

    open_files();
    stream_pair(pair);
    ck_assert_int_eq(event_loop_create(&epoll_dispatcher, &loop), 0);
    ck_assert_int_eq(connection_table_create(loop, &config, &table), 0);
    ck_assert_int_eq(connection_table_adopt(table, pair[0], &callbacks, NULL, &id), 0);
    tcp = connection_table_find(table, id);
}

static void close_connection(void)
{
    connection_table_destroy(table);
    event_loop_destroy(loop);
    close(pair[1]);
    close_files();
}

/* Produces until the source says otherwise, reading whenever the socket is full. */
static int produce_all(size_t *received)
{
    struct http_source *source = fixture.response.source;
    int result;

    do {
        result = source->produce(source, tcp);
        for (size_t n; (n = peer_reads_pattern_now(pair[1], *received)) > 0;) {
            *received += n;
        }
    } while (result == 1);
    return result;
}

START_TEST(a_source_sends_the_whole_file)
{
    const struct connection_counters *counters = connection_table_counters(table);
    size_t received = 0;

    ask("/large.bin");
    ck_assert_int_eq(produce_all(&received), 0);
    ck_assert_uint_eq(received, LARGE_FILE);
    ck_assert_uint_eq(counter_read(&counters->bytes_out), LARGE_FILE);
    request_fixture_close(&fixture);
}
END_TEST

START_TEST(a_full_socket_is_no_error_and_one_turn_is_bounded)
{
    const struct connection_counters *counters = connection_table_counters(table);
    uint64_t before = 0;
    uint64_t now = 1;
    int room = 400 * 1024; /* the kernel doubles it: more than one turn may send */

    ck_assert_int_eq(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room), 0);
    ask("/large.bin");
    for (int turn = 0; turn < 100 && now > before; turn++) {
        before = counter_read(&counters->bytes_out);
        ck_assert_int_eq(fixture.response.source->produce(fixture.response.source, tcp), 1);
        now = counter_read(&counters->bytes_out);
        ck_assert_uint_le(now - before, 256 * 1024);
    }
    ck_assert_msg(now == before, "the socket took %d bytes nobody read", (int)now);
    request_fixture_close(&fixture);
}
END_TEST

START_TEST(a_file_that_shrinks_while_it_is_sent_is_an_error)
{
    size_t received = 0;

    pattern_file("root/shrinking.bin", 100 * 1000);
    ask("/shrinking.bin");
    ck_assert_int_eq(truncate(file_tree_path("root/shrinking.bin"), 50 * 1000), 0);
    ck_assert_int_eq(produce_all(&received), -EIO);
    ck_assert_uint_eq(received, 50 * 1000);
    request_fixture_close(&fixture);
}
END_TEST

START_TEST(a_file_that_grows_is_sent_as_long_as_it_was)
{
    size_t received = 0;

    pattern_file("root/growing.bin", 100 * 1000);
    ask("/growing.bin");
    pattern_file("root/growing.bin", 200 * 1000);
    ck_assert_int_eq(produce_all(&received), 0);
    ck_assert_uint_eq(received, 100 * 1000);
    request_fixture_close(&fixture);
}
END_TEST

START_TEST(a_client_that_is_gone_is_an_error)
{
    ask("/large.bin");
    ck_assert_int_eq(shutdown(pair[0], SHUT_WR), 0);
    /* sendfile(2) has no MSG_NOSIGNAL; the servers ignore the signal. */
    signal(SIGPIPE, SIG_IGN);
    ck_assert_int_eq(fixture.response.source->produce(fixture.response.source, tcp), -EPIPE);
    request_fixture_close(&fixture);
}
END_TEST

TCase *static_files_sources(void)
{
    TCase *cases = tcase_create("sources");

    tcase_add_unchecked_fixture(cases, build_site, file_tree_remove);
    tcase_add_checked_fixture(cases, open_connection, close_connection);
    tcase_add_test(cases, a_source_sends_the_whole_file);
    tcase_add_test(cases, a_full_socket_is_no_error_and_one_turn_is_bounded);
    tcase_add_test(cases, a_file_that_shrinks_while_it_is_sent_is_an_error);
    tcase_add_test(cases, a_file_that_grows_is_sent_as_long_as_it_was);
    tcase_add_test(cases, a_client_that_is_gone_is_an_error);
    return cases;
}
