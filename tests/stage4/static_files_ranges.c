/* Parts of files, byte by byte. */
#include "test_static_files.h"

#include "allocation_faults.h"
#include "client_fixture.h"
#include "range_answers.h"
#include "server_fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct test_client client;

/* What the last source had counted when it was released. */
static uint64_t counted;
static void (*release_source)(struct http_source *source);

static void note_and_release(struct http_source *source)
{
    counted = source->sent;
    release_source(source);
}

static void handle(struct http_request *request, struct http_response *response,
                   const struct http_context *context)
{
    static_files_handler(request, response, context);
    if (response->source != NULL) {
        release_source = response->source->release;
        response->source->release = note_and_release;
    }
}

static void open_server(void)
{
    open_files();
    open_file_server(handle);
    client = client_open(stream_pair);
}

static void close_server(void)
{
    client_close(&client);
    close_file_server();
    close_files();
}

static void request(const char *method, const char *target, const char *fields)
{
    char text[2048];

    counted = 0;
    snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nHost: x\r\n%s\r\n", method, target, fields);
    client_sends(&client, text);
    client_reads_all(&client);
}

static void expect_status(const struct test_answer *answer, int status)
{
    ck_assert_msg(answer->status == status, "expected %d, got: %s", status, answer->head);
}

START_TEST(one_range_comes_as_it_is)
{
    static const struct {
        const char *target;
        const char *range;
        size_t offset;
        size_t length;
        const char *content_range;
    } rows[] = {
        {"/small.bin", "bytes=0-0", 0, 1, "bytes 0-0/16384"},
        {"/small.bin", "bytes=0-", 0, 16384, "bytes 0-16383/16384"},
        {"/small.bin", "bytes=16383-", 16383, 1, "bytes 16383-16383/16384"},
        {"/small.bin", "bytes=100-199,90000-", 100, 100, "bytes 100-199/16384"},
        {"/over.bin", "bytes=1-", 1, 16384, "bytes 1-16384/16385"},
        {"/over.bin", "bytes=0-16384", 0, 16385, "bytes 0-16384/16385"},
        {"/large.bin", "bytes=0-0", 0, 1, "bytes 0-0/2000000"},
        {"/large.bin", "bytes=-1", 1999999, 1, "bytes 1999999-1999999/2000000"},
        {"/large.bin", "bytes=1000-17383", 1000, 16384, "bytes 1000-17383/2000000"},
        {"/large.bin", "bytes=1000-17384", 1000, 16385, "bytes 1000-17384/2000000"},
        {"/large.bin", "bytes=7-262150", 7, 262144, "bytes 7-262150/2000000"},
        {"/large.bin", "bytes=7-262151", 7, 262145, "bytes 7-262151/2000000"},
        {"/large.bin", "bytes=-1500000", 500000, 1500000, "bytes 500000-1999999/2000000"},
        {"/large.bin", "bytes=0-99999999", 0, 2000000, "bytes 0-1999999/2000000"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char fields[200];
        snprintf(fields, sizeof fields, "Range: %s\r\n", rows[i].range);
        request("GET", rows[i].target, fields);
        struct test_answer answer = client_takes_answer(&client);
        expect_status(&answer, 206);
        expect_answer_field(&answer, "Content-Range", rows[i].content_range);
        expect_answer_field(&answer, "Content-Type", "application/octet-stream");
        expect_answer_field(&answer, "Accept-Ranges", "bytes");
        ck_assert_ptr_nonnull(answer_field(&answer, "ETag"));
        ck_assert_ptr_nonnull(answer_field(&answer, "Last-Modified"));
        ck_assert_uint_eq(answer.body_length, rows[i].length);
        expect_pattern(answer.body, rows[i].offset, rows[i].length);
        ck_assert_uint_eq(counted, rows[i].length > SMALL_FILE ? rows[i].length : 0);
        client_expects_nothing(&client);
    }
}
END_TEST

START_TEST(several_ranges_come_as_parts)
{
    static const struct {
        const char *target;
        const char *type;
        size_t size;
        const char *range;
        struct http_byte_range parts[HTTP_RANGES_MAX];
        size_t count;
    } rows[] = {
        {"/small.bin", "application/octet-stream", 16384, "bytes=0-0,-1", {{0, 1}, {16383, 1}}, 2},
        {"/pattern.html",
         "text/html; charset=utf-8",
         1000,
         "bytes=900-, 0-9 ,50-59",
         {{900, 100}, {0, 10}, {50, 10}},
         3},
        {"/large.bin",
         "application/octet-stream",
         2000000,
         "bytes=0-0,1000000-1999999,10-600009,2000000-",
         {{0, 1}, {1000000, 1000000}, {10, 600000}},
         3},
        {"/large.bin",
         "application/octet-stream",
         2000000,
         "bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16,18-18,20-20,22-22,24-24,26-26,28-28,"
         "30-30",
         {{0, 1},
          {2, 1},
          {4, 1},
          {6, 1},
          {8, 1},
          {10, 1},
          {12, 1},
          {14, 1},
          {16, 1},
          {18, 1},
          {20, 1},
          {22, 1},
          {24, 1},
          {26, 1},
          {28, 1},
          {30, 1}},
         16},
    };

    pattern_file("root/pattern.html", 1000);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char fields[200];
        snprintf(fields, sizeof fields, "Range: %s\r\n", rows[i].range);
        request("GET", rows[i].target, fields);
        struct test_answer answer = client_takes_answer(&client);
        expect_status(&answer, 206);
        expect_answer_field(&answer, "Content-Range", NULL);
        expect_answer_field(&answer, "Accept-Ranges", "bytes");
        expect_parts(&answer, rows[i].type, rows[i].size, rows[i].parts, rows[i].count);
        ck_assert_uint_eq(counted, answer.body_length);
        client_expects_nothing(&client);
    }
}
END_TEST

START_TEST(each_multipart_body_has_a_boundary_of_its_own)
{
    char first[100];

    request("GET", "/small.bin", "Range: bytes=0-0,2-2\r\n");
    struct test_answer answer = client_takes_answer(&client);
    snprintf(first, sizeof first, "%s", answer_field(&answer, "Content-Type"));
    request("GET", "/small.bin", "Range: bytes=0-0,2-2\r\n");
    answer = client_takes_answer(&client);
    ck_assert_str_ne(answer_field(&answer, "Content-Type"), first);
}
END_TEST

START_TEST(parts_are_followed_by_the_next_answer)
{
    client_sends(&client, "GET /large.bin HTTP/1.1\r\nHost: x\r\nRange: bytes=5-9,20-400000\r\n\r\n"
                          "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
                          "GET /small.bin HTTP/1.1\r\nHost: x\r\nRange: bytes=5-9,20-29\r\n"
                          "Connection: close\r\n\r\n");
    client_awaits_end(&client);
    struct test_answer answer = client_takes_answer(&client);
    const struct http_byte_range large[] = {{5, 5}, {20, 399981}};
    expect_parts(&answer, "application/octet-stream", LARGE_FILE, large, 2);
    client_expects(&client, 200, "<p>welcome");
    answer = client_takes_answer(&client);
    const struct http_byte_range small[] = {{5, 5}, {20, 10}};
    expect_parts(&answer, "application/octet-stream", SMALL_FILE, small, 2);
    client_expects_end(&client);
}
END_TEST

START_TEST(ranges_outside_are_416_with_the_length)
{
    static const struct {
        const char *target;
        const char *range;
        const char *content_range;
    } rows[] = {
        {"/small.bin", "bytes=16384-", "bytes */16384"},
        {"/large.bin", "bytes=2000000-2000001,-0", "bytes */2000000"},
        {"/empty.txt", "bytes=0-", "bytes */0"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char fields[200];
        snprintf(fields, sizeof fields, "Range: %s\r\n", rows[i].range);
        request("GET", rows[i].target, fields);
        struct test_answer answer = client_expects(&client, 416, "416 Range Not Satisfiable\n");
        expect_answer_field(&answer, "Content-Range", rows[i].content_range);
        expect_answer_field(&answer, "ETag", NULL);
        expect_answer_field(&answer, "Content-Type", "text/plain; charset=utf-8");
    }
}
END_TEST

static void expect_whole(const char *method, const char *target, const char *fields, size_t length)
{
    bool with_body = strcmp(method, "GET") == 0;
    char digits[32];

    request(method, target, fields);
    struct test_answer answer =
        with_body ? client_takes_answer(&client) : client_takes_head(&client);
    ck_assert_msg(answer.status == 200, "%s %s %s: %s", method, target, fields, answer.head);
    snprintf(digits, sizeof digits, "%zu", length);
    expect_answer_field(&answer, "Content-Length", digits);
    expect_answer_field(&answer, "Content-Range", NULL);
    if (with_body) {
        expect_pattern(answer.body, 0, length);
    }
    client_expects_nothing(&client);
}

START_TEST(what_is_not_asked_for_as_it_should_be_is_the_whole_file)
{
    expect_whole("GET", "/small.bin", "", SMALL_FILE);
    expect_whole("GET", "/small.bin", "Range: bytes=5-2\r\n", SMALL_FILE);
    expect_whole("GET", "/small.bin", "Range: lines=1-2\r\n", SMALL_FILE);
    expect_whole("GET", "/small.bin", "Range: bytes=0-0\r\nRange: bytes=1-1\r\n", SMALL_FILE);
    expect_whole("GET", "/large.bin", "Range: bytes=0-,0-\r\n", LARGE_FILE);
    expect_whole("GET", "/empty.txt", "Range: bytes=-5\r\n", 0);
    expect_whole("GET", "/small.bin", "If-Range: \"other\"\r\nRange: bytes=0-0\r\n", SMALL_FILE);
}
END_TEST

/* RFC 9110, 14.2: a Range is for GET. */
START_TEST(a_head_is_about_the_whole_file)
{
    expect_whole("HEAD", "/small.bin", "Range: bytes=0-0\r\n", SMALL_FILE);
    expect_whole("HEAD", "/large.bin", "Range: bytes=0-0,5-5\r\n", LARGE_FILE);
    expect_whole("HEAD", "/large.bin", "Range: bytes=9000000-\r\n", LARGE_FILE);
}
END_TEST

START_TEST(a_download_goes_on_if_the_file_is_still_the_same)
{
    char fields[300];
    char tag[100];

    pattern_file("root/download.bin", 1000);
    set_time("root/download.bin", 784111777, 0);
    request("HEAD", "/download.bin", "");
    struct test_answer answer = client_takes_head(&client);
    snprintf(tag, sizeof tag, "%s", answer_field(&answer, "ETag"));
    snprintf(fields, sizeof fields, "If-Range: %s\r\nRange: bytes=600-\r\n", tag);
    request("GET", "/download.bin", fields);
    answer = client_takes_answer(&client);
    expect_status(&answer, 206);
    expect_pattern(answer.body, 600, 400);
    request("GET", "/download.bin",
            "If-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\nRange: bytes=600-\r\n");
    answer = client_takes_answer(&client);
    expect_status(&answer, 206);
    set_time("root/download.bin", 784111778, 0);
    expect_whole("GET", "/download.bin", fields, 1000);
}
END_TEST

/* The length is promised, so there is no other way to say that it went wrong. */
static void expect_cut(const char *fields, size_t most)
{
    pattern_file("root/cut.bin", LARGE_FILE);
    request("HEAD", "/cut.bin", "");
    client_takes_head(&client);
    char text[200];
    snprintf(text, sizeof text, "GET /cut.bin HTTP/1.1\r\nHost: x\r\n%s\r\n", fields);
    client_sends(&client, text);
    ck_assert_int_eq(truncate(file_tree_path("root/cut.bin"), 1000 * 1000), 0);
    client_awaits_end(&client);
    client_takes_head(&client);
    ck_assert_uint_le(client.received.length, most);
    ck_assert_uint_eq(server_connections(), 0);
}

START_TEST(a_range_of_a_file_that_shrinks_cuts_the_connection)
{
    expect_cut("Range: bytes=10-\r\n", 1000 * 1000 - 10);
}
END_TEST

START_TEST(parts_of_a_file_that_shrinks_cut_the_connection)
{
    expect_cut("Range: bytes=0-999999,1500000-1500009\r\n", 1000 * 1000 + 500);
}
END_TEST

START_TEST(without_memory_for_a_source_it_is_503_and_nothing_stays_open)
{
    static const char *const ranges[] = {"", "Range: bytes=10-\r\n", "Range: bytes=0-0,2-2\r\n"};
    int before = open_descriptors();

    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        request_fixture_open_with(&fixture, "GET", "/large.bin", ranges[i]);
        ask_again();
        ck_assert_int_lt(fixture.response.status, 300);
        http_response_reset(&fixture.response);
        http_response_error(&fixture.response, 503); /* keeps the memory of this text */
        http_response_reset(&fixture.response);
        allocations_fail_after(0);
        ask_again();
        allocations_succeed();
        ck_assert_int_eq(fixture.response.status, 503);
        ck_assert_ptr_null(response_field(&fixture.response, "Content-Range"));
        request_fixture_close(&fixture);
        ck_assert_int_eq(open_descriptors(), before);
    }
}
END_TEST

TCase *static_files_ranges(void)
{
    TCase *cases = tcase_create("ranges");

    tcase_add_unchecked_fixture(cases, build_site, file_tree_remove);
    tcase_add_checked_fixture(cases, open_server, close_server);
    tcase_add_test(cases, one_range_comes_as_it_is);
    tcase_add_test(cases, several_ranges_come_as_parts);
    tcase_add_test(cases, each_multipart_body_has_a_boundary_of_its_own);
    tcase_add_test(cases, parts_are_followed_by_the_next_answer);
    tcase_add_test(cases, ranges_outside_are_416_with_the_length);
    tcase_add_test(cases, what_is_not_asked_for_as_it_should_be_is_the_whole_file);
    tcase_add_test(cases, a_head_is_about_the_whole_file);
    tcase_add_test(cases, a_download_goes_on_if_the_file_is_still_the_same);
    tcase_add_test(cases, a_range_of_a_file_that_shrinks_cuts_the_connection);
    tcase_add_test(cases, parts_of_a_file_that_shrinks_cut_the_connection);
    tcase_add_test(cases, without_memory_for_a_source_it_is_503_and_nothing_stays_open);
    return cases;
}
