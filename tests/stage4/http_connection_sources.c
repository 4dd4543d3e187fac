/* Bodies of a length that nobody knows beforehand, and sources that wait: the bytes exactly. */
#include "test_http_connection.h"

#include "allocation_faults.h"
#include "container_of.h"
#include "escaped.h"
#include "http_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LONG_PIECE = 300, MOST_ALLOCATIONS = 12 };

static char long_piece[LONG_PIECE + 1];

/* Sends a piece a turn; an empty text is an empty send, and a dot waits for the test. */
static const char *const pieces[] = {"Hello", "", ", ", long_piece, NULL};
static const char *const none[] = {NULL};
static const char *const interrupted[] = {"before", ".", "after", NULL};
static const char *const late[] = {".", "after", NULL};
static const char *const breaking[] = {"before", "!", NULL};

struct script_source {
    struct http_source source;
    const char *const *next;
};

static struct router *router;
static struct test_client client;
static struct http_source *waiting; /* the source that waits */
static uint64_t sent_at_release;
static int open_count;

static int produce(struct http_source *base, struct tcp_connection *connection)
{
    struct script_source *script = container_of(base, struct script_source, source);
    const char *piece = *script->next;

    /* No assertion: where memory is short, Check itself cannot make one. */
    if (connection != base->connection) {
        ck_abort_msg("the source was started on another connection");
    }
    if (piece == NULL) {
        return HTTP_SOURCE_DONE;
    }
    script->next++;
    if (strcmp(piece, ".") == 0) {
        waiting = base;
        return HTTP_SOURCE_WAITS;
    }
    if (strcmp(piece, "!") == 0) {
        return -EIO;
    }
    int result = http_source_send(base, piece, strlen(piece));
    return result < 0 ? result : HTTP_SOURCE_MORE;
}

static void release(struct http_source *base)
{
    sent_at_release = base->sent;
    open_count--;
    waiting = NULL;
    free(container_of(base, struct script_source, source));
}

static void answer_script(struct http_request *request, struct http_response *response,
                          const struct http_context *context)
{
    struct script_source *script = malloc(sizeof *script);
    bool sized = strncmp(request->path.data, "/sized", 6) == 0;

    if (script == NULL) {
        http_response_error(response, 503);
        return;
    }
    open_count++;
    *script = (struct script_source){
        .source = {.produce = produce, .release = release},
        .next = context->user,
    };
    http_response_stream(response, "text/plain", &script->source,
                         sized ? 7 + LONG_PIECE : HTTP_LENGTH_UNKNOWN);
}

static void answer_now(struct http_request *request, struct http_response *response,
                       const struct http_context *context)
{
    (void)request;
    (void)context;
    http_response_borrow(response, "text/plain", HELLO, sizeof HELLO - 1);
}

static void open_server(void)
{
    static const struct {
        const char *path;
        const char *const *script;
    } bodies[] = {
        {"/pieces", pieces},           {"/sized", pieces},      {"/none", none},
        {"/interrupted", interrupted}, {"/breaking", breaking}, {"/late", late},
    };
    const struct http_route hello = {.pattern = "/hello", .handler = answer_now};
    struct server_fixture_config config = SERVER_FIXTURE_DEFAULT;

    memset(long_piece, 'x', LONG_PIECE);
    ck_assert_int_eq(router_create(&router), 0);
    ck_assert_int_eq(router_add(router, &hello), 0);
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        const struct http_route route = {
            .pattern = bodies[i].path,
            .handler = answer_script,
            .user = (void *)(uintptr_t)bodies[i].script,
        };
        ck_assert_int_eq(router_add(router, &route), 0);
    }
    config.router = router;
    server_open(&config);
}

static void close_server(void)
{
    server_close();
    router_destroy(router);
    ck_assert_int_eq(open_count, 0);
}

static void setup(void)
{
    open_server();
    client = client_open(stream_pair);
}

static void teardown(void)
{
    client_close(&client);
    close_server();
}

/* Takes exactly these bytes. */
static void client_expects_bytes(const char *expected, size_t length)
{
    const char *got = client.received.length > 0 ? buffer_data(&client.received) : "";
    bool same = client.received.length >= length && memcmp(got, expected, length) == 0;

    ck_assert_msg(same, "expected the bytes %s", escaped(expected, length));
    buffer_consume(&client.received, length);
}

static void client_expects_text(const char *expected)
{
    client_expects_bytes(expected, strlen(expected));
}

/* "Hello, xxx...", each piece in a chunk of its own, and none for the empty one. */
static void client_expects_pieces_in_chunks(void)
{
    client_expects_text("5\r\nHello\r\n2\r\n, \r\n12c\r\n");
    client_expects_text(long_piece);
    client_expects_text("\r\n0\r\n\r\n");
}

static struct test_answer ask(const char *request)
{
    client_sends(&client, request);
    client_reads_all(&client);
    struct test_answer answer = client_takes_head(&client);
    ck_assert_int_eq(answer.status, 200);
    return answer;
}

START_TEST(http_1_1_gets_each_piece_as_a_chunk_and_the_connection_goes_on)
{
    struct test_answer answer = ask(GET("/pieces") GET("/hello"));
    expect_answer_field(&answer, "Transfer-Encoding", "chunked");
    expect_answer_field(&answer, "Content-Length", NULL);
    expect_answer_field(&answer, "Connection", NULL);
    client_expects_pieces_in_chunks();
    client_expects(&client, 200, HELLO);
    ck_assert_uint_eq(sent_at_release, 7 + LONG_PIECE);
}
END_TEST

START_TEST(a_body_without_a_byte_is_the_last_chunk_alone)
{
    ask(GET("/none") GET("/none"));
    client_expects_text("0\r\n\r\n");
    client_takes_head(&client);
    client_expects_text("0\r\n\r\n");
    client_expects_nothing(&client);
    ck_assert_uint_eq(sent_at_release, 0);
}
END_TEST

START_TEST(a_body_of_known_length_has_no_chunks)
{
    struct test_answer answer = ask(GET("/sized") GET("/hello"));
    expect_answer_field(&answer, "Transfer-Encoding", NULL);
    expect_answer_field(&answer, "Content-Length", "307");
    client_expects_text("Hello, ");
    client_expects_text(long_piece);
    client_expects(&client, 200, HELLO);
    ck_assert_uint_eq(sent_at_release, 7 + LONG_PIECE);
}
END_TEST

/* The end of the connection is the end of the body, whether or not it asked to go on. */
START_TEST(http_1_0_gets_the_bytes_as_they_are_and_the_end)
{
    static const char *const requests[] = {
        "GET /pieces HTTP/1.0\r\n\r\n",
        "GET /pieces HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    };

    struct test_answer answer = ask(requests[_i]);
    expect_answer_field(&answer, "Transfer-Encoding", NULL);
    expect_answer_field(&answer, "Content-Length", NULL);
    expect_answer_field(&answer, "Connection", "close");
    client_expects_text("Hello, ");
    client_expects_text(long_piece);
    client_expects_end(&client);
}
END_TEST

START_TEST(http_1_0_may_go_on_after_a_body_of_known_length)
{
    struct test_answer answer = ask("GET /sized HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    expect_answer_field(&answer, "Connection", "keep-alive");
    client_expects_text("Hello, ");
    client_expects_text(long_piece);
    client_sends(&client, GET("/hello"));
    client_reads_all(&client);
    client_expects(&client, 200, HELLO);
}
END_TEST

START_TEST(head_tells_the_framing_and_sends_none_of_it)
{
    struct test_answer answer = ask("HEAD /pieces HTTP/1.1\r\nHost: x\r\n\r\n" GET("/hello"));
    expect_answer_field(&answer, "Transfer-Encoding", "chunked");
    expect_answer_field(&answer, "Content-Length", NULL);
    client_expects(&client, 200, HELLO);
    ck_assert_int_eq(open_count, 0);
    ck_assert_uint_eq(sent_at_release, 0);
}
END_TEST

START_TEST(a_source_that_waits_is_asked_again_when_it_says_so)
{
    ask(GET("/interrupted") GET("/hello"));
    client_expects_text("6\r\nbefore\r\n");
    client_expects_nothing(&client);
    ck_assert_ptr_nonnull(waiting);
    http_source_ready(waiting);
    http_source_ready(waiting); /* twice is once */
    client_reads_all(&client);
    client_expects_text("5\r\nafter\r\n0\r\n\r\n");
    client_expects(&client, 200, HELLO);
    client_expects_nothing(&client);
}
END_TEST

/* The kernel is told to hold a head back only if the body is there. */
START_TEST(the_head_does_not_wait_for_a_source_that_waits)
{
    struct test_client other = client_open(tcp_pair);
    char head[1024];

    client_sends(&other, "GET /late HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    server_runs();
    ck_assert_msg(peer_reads_now(other.fd, head, sizeof head) > 0, "the head is held back");
    http_source_ready(waiting);
    client_awaits_end(&other);
    client_close(&other);
}
END_TEST

START_TEST(a_source_that_waits_is_released_when_its_client_leaves)
{
    struct test_client leaver = client_open(stream_pair);

    client_sends(&leaver, GET("/interrupted"));
    client_reads_all(&leaver); /* with unread bytes, the close would be a reset */
    ck_assert_int_eq(open_count, 1);
    struct http_source *source = waiting;
    client_close(&leaver);
    /* A half close may only say "that was my last request", until something is sent. */
    ck_assert_int_eq(open_count, 1);
    http_source_ready(source);
    server_runs();
    ck_assert_int_eq(open_count, 0);
    ck_assert_uint_eq(server_connections(), 1);
}
END_TEST

START_TEST(a_source_that_is_not_started_yet_may_be_ready)
{
    struct http_source source = {.produce = produce, .release = release};

    http_source_ready(&source);
    server_runs();
}
END_TEST

START_TEST(a_body_that_breaks_off_has_no_last_chunk)
{
    client_sends(&client, GET("/breaking") GET("/hello"));
    client_awaits_end(&client);
    client_takes_head(&client);
    client_expects_text("6\r\nbefore\r\n");
    client_expects_nothing(&client);
    ck_assert_uint_eq(sent_at_release, 6);
}
END_TEST

START_TEST(when_memory_is_short_a_chunked_body_is_whole_or_has_no_last_chunk)
{
    for (int spared = 0; spared < MOST_ALLOCATIONS; spared++) {
        open_server();
        client = client_open(stream_pair);
        peer_sends(client.fd, GET("/pieces"), sizeof GET("/pieces") - 1);
        allocations_fail_after(spared);
        server_runs();
        allocations_succeed();
        client_reads_all(&client);
        if (client.received.length > 0 && client_takes_head(&client).status == 200 &&
            !client.ended) {
            client_expects_pieces_in_chunks();
        } else {
            const char *bytes = buffer_data(&client.received);
            ck_assert_ptr_null(memmem(bytes, client.received.length, "\r\n0\r\n", 5));
        }
        client_close(&client);
        close_server();
    }
}
END_TEST

/* With servers of its own. */
TCase *http_connection_sources_short(void)
{
    TCase *cases = tcase_create("sources, short of memory");

    tcase_add_test(cases, when_memory_is_short_a_chunked_body_is_whole_or_has_no_last_chunk);
    return cases;
}

TCase *http_connection_sources(void)
{
    TCase *cases = tcase_create("sources");

    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, http_1_1_gets_each_piece_as_a_chunk_and_the_connection_goes_on);
    tcase_add_test(cases, a_body_without_a_byte_is_the_last_chunk_alone);
    tcase_add_test(cases, a_body_of_known_length_has_no_chunks);
    tcase_add_loop_test(cases, http_1_0_gets_the_bytes_as_they_are_and_the_end, 0, 2);
    tcase_add_test(cases, http_1_0_may_go_on_after_a_body_of_known_length);
    tcase_add_test(cases, head_tells_the_framing_and_sends_none_of_it);
    tcase_add_test(cases, a_source_that_waits_is_asked_again_when_it_says_so);
    tcase_add_test(cases, the_head_does_not_wait_for_a_source_that_waits);
    tcase_add_test(cases, a_source_that_waits_is_released_when_its_client_leaves);
    tcase_add_test(cases, a_source_that_is_not_started_yet_may_be_ready);
    tcase_add_test(cases, a_body_that_breaks_off_has_no_last_chunk);
    return cases;
}
