/*
 * Time limits, over TCP and by the real clock. Each server has one limit that is short; the others
 * are an hour. What takes long is done by several clients at the same time.
 */
#include "client.h"
#include "configurations.h"
#include "http_client.h"
#include "integration.h"
#include "many_clients.h"
#include "web_root.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOST "Host: localhost\r\n"
#define GET(target) "GET " target " HTTP/1.1\r\n" HOST "\r\n"
#define POST "POST /echo HTTP/1.1\r\n" HOST
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum {
    SMALL_BUFFER = 4096,
    MEGABYTE = 1 << 20,
    STEP_MS = 50,
};

static struct server_process *start(const char *limit, const char *further)
{
    const char *const words[] = {
        "--threads=1",
        "--header-timeout=3600000",
        "--idle-timeout=3600000",
        "--stall-timeout=3600000",
        limit,
        further,
        NULL,
    };

    return server_start(&(struct server_launch){.arguments = words});
}

START_TEST(who_does_not_complete_a_request_is_told_408_and_then_the_end)
{
    static const struct many_clients_role heads[] = {
        {"GET /hel", NULL, "HTTP/1.1 408 "},
        {"GET /hello HTTP/1.1\r\nA: ", "a", "HTTP/1.1 408 "},
        {GET("/hello") "GET /hel", NULL, "HTTP/1.1 408 "},
        {GET("/hello") "GET /hello HTTP/1.1\r\nA: ", "a", "HTTP/1.1 408 "},
        {"", NULL, ""},
    };
    static const struct many_clients_role bodies[] = {
        {POST "Content-Length: 100\r\n\r\n", NULL, "HTTP/1.1 408 "},
        {POST "Content-Length: 100000\r\n\r\n", "b", "HTTP/1.1 408 "},
        {CHUNKED "5;", "a", "HTTP/1.1 408 "},
        {CHUNKED "5\r\nhello\r\n0\r\nA: ", "a", "HTTP/1.1 408 "},
    };
    struct many_clients waiting = {0};
    struct many_clients late = {0};

    many_clients_connect(&waiting, start("--header-timeout=300", NULL), heads, COUNT(heads));
    many_clients_connect(&late, start("--stall-timeout=300", "--min-body-rate=1000"), bodies,
                         COUNT(bodies));
    many_clients_go_on(&waiting);
    many_clients_go_on(&late);
}
END_TEST

START_TEST(a_body_that_is_fast_enough_may_take_many_stretches)
{
    struct server_process *server = start("--stall-timeout=500", "--min-body-rate=500");
    struct http_client client;
    char piece[101] = "";

    memset(piece, 'b', sizeof piece - 1);
    http_connect(&client, server);
    http_send(&client, POST "Content-Length: 2500\r\n\r\n");
    for (int i = 0; i < 25; i++) {
        http_send(&client, piece);
        poll(NULL, 0, STEP_MS);
    }
    http_expect(&client, 200);
    http_disconnect(&client);
}
END_TEST

static void post_megabyte(int fd)
{
    static const char head[] = POST "Content-Length: 1048576\r\n\r\n";
    static char body[MEGABYTE];

    client_send_all(fd, head, sizeof head - 1);
    client_send_all(fd, body, sizeof body);
}

/* As many requests as the server takes while nobody reads the answers. */
static void pipeline_without_end(int fd)
{
    static const char request[] = GET("/hello");
    struct pollfd client = {.fd = fd, .events = POLLOUT};

    while (poll(&client, 1, 4 * STEP_MS) == 1 &&
           send(fd, request, sizeof request - 1, MSG_NOSIGNAL | MSG_DONTWAIT) > 0) {
    }
}

START_TEST(who_reads_nothing_is_cut_off)
{
    static const char *const large[] = {GET("/big.bin"), GET("/stream?n=100000000"),
                                        GET("/big.bin") "BAD\r\n"};
    struct server_process *server = start("--stall-timeout=300", web_root_option());
    struct http_client watcher;
    int fds[COUNT(large) + 2];

    http_connect(&watcher, server);
    for (size_t i = 0; i < COUNT(fds); i++) {
        fds[i] = client_connect_with_buffers(server, SMALL_BUFFER, 0);
    }
    for (size_t i = 0; i < COUNT(large); i++) {
        client_send_all(fds[i], large[i], strlen(large[i]));
    }
    post_megabyte(fds[COUNT(large)]);
    pipeline_without_end(fds[COUNT(large) + 1]);
    await(http_status_value(&watcher, "open_connections") == 1, "only the watcher is left");
    ck_assert_uint_eq(http_status_value(&watcher, "timeouts"), COUNT(fds));
    clients_reset(fds, COUNT(fds));
    http_disconnect(&watcher);
}
END_TEST

/* Reads about `pieces` times, with a pause before each, and expects all that was promised. */
static void read_slowly(int fd, size_t length, int pieces)
{
    size_t piece = length / (size_t)pieces;
    char *bytes = malloc(piece);

    ck_assert_ptr_nonnull(bytes);
    for (size_t left = length; left > 0;) {
        size_t part = left < piece ? left : piece;
        poll(NULL, 0, STEP_MS);
        client_receive_exactly(fd, bytes, part);
        left -= part;
    }
    free(bytes);
}

static size_t receive_head(int fd)
{
    char head[HTTP_HEAD_MAX] = "";
    size_t length = 0;

    while (strstr(head, "\r\n\r\n") == NULL) {
        ck_assert_uint_lt(length, sizeof head - 1);
        client_receive_exactly(fd, head + length++, 1);
    }
    const char *field = strstr(head, "Content-Length: ");
    ck_assert_msg(field != NULL, "no length in: %s", head);
    return strtoul(field + strlen("Content-Length: "), NULL, 10);
}

START_TEST(who_reads_slowly_but_steadily_gets_everything)
{
    static const char request[] = GET("/big.bin");
    struct server_process *server = start("--stall-timeout=500", web_root_option());
    int fd = client_connect_with_buffers(server, SMALL_BUFFER, 0);

    post_megabyte(fd);
    ck_assert_uint_eq(receive_head(fd), MEGABYTE);
    read_slowly(fd, MEGABYTE, 20);
    client_reset(fd);
    fd = client_connect(server);
    client_send_all(fd, request, sizeof request - 1);
    ck_assert_uint_eq(receive_head(fd), WEB_ROOT_BIG);
    read_slowly(fd, WEB_ROOT_BIG, 20);
    client_reset(fd);
}
END_TEST

/* What a client does not do cannot be held against it while there is nothing for it to do. */
START_TEST(a_client_that_waits_for_the_server_is_not_to_blame)
{
    struct server_process *server = start("--stall-timeout=100", "--min-read-rate=1000000000");
    struct many_clients clients = {0};
    static const struct many_clients_role roles[] = {
        {GET("/stream?n=2&ms=300") "GET /slow?ms=700 HTTP/1.1\r\nConnection: close\r\n" HOST "\r\n",
         NULL, "That took a while.\n"},
        {"GET /slow?ms=700 HTTP/1.1\r\nConnection: close\r\n" HOST "\r\n", NULL,
         "That took a while.\n"},
        {"GET /stream?n=5&ms=300 HTTP/1.1\r\nConnection: close\r\n" HOST "\r\n", NULL, "line 5\n"},
        /* It takes all there is at once, and that is less than the rate. */
        {"GET /stream?n=3000000 HTTP/1.1\r\nConnection: close\r\n" HOST "\r\n", NULL,
         "line 3000000\n"},
    };

    many_clients_connect(&clients, server, roles, COUNT(roles));
    many_clients_go_on(&clients);
}
END_TEST

START_TEST(an_idle_connection_is_closed_and_one_that_asks_again_is_not)
{
    struct server_process *server = start("--idle-timeout=600", NULL);
    struct http_client idle;
    struct http_client busy;

    http_connect(&idle, server);
    http_connect(&busy, server);
    http_ask(&idle, "GET", "/hello");
    http_expect(&idle, 200);
    while (!client_readable(idle.fd)) {
        http_ask(&busy, "GET", "/hello");
        http_expect(&busy, 200);
        poll(NULL, 0, STEP_MS);
    }
    http_expect_end(&idle);
    http_ask(&busy, "GET", "/hello");
    http_expect(&busy, 200);
    http_expect_end(&busy);
}
END_TEST

int main(int argc, char **argv)
{
    integration_init(argc, argv);
    web_root_create();

    Suite *suite = integration_suite("HTTP time limits");

    integration_add(suite, who_does_not_complete_a_request_is_told_408_and_then_the_end, 1);
    integration_add(suite, a_body_that_is_fast_enough_may_take_many_stretches, 1);
    integration_add(suite, who_reads_nothing_is_cut_off, 1);
    integration_add(suite, who_reads_slowly_but_steadily_gets_everything, 1);
    integration_add(suite, a_client_that_waits_for_the_server_is_not_to_blame, 1);
    integration_add(suite, an_idle_connection_is_closed_and_one_that_asks_again_is_not, 1);
    int status = integration_run(suite);
    web_root_remove();
    return status;
}
