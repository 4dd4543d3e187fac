#include "allocation_faults.h"
#include "escaped.h"
#include "http_response.h"
#include "suite_runner.h"

#include <errno.h>
#include <string.h>

static struct http_response response;

static void setup(void)
{
    response = (struct http_response){0};
    http_response_reset(&response);
}

static void teardown(void)
{
    http_response_release(&response);
}

static void expect_fields(const char *expected)
{
    ck_assert_msg(
        response.fields.length == strlen(expected) &&
            (response.fields.length == 0 ||
             memcmp(buffer_data(&response.fields), expected, response.fields.length) == 0),
        "expected %s, got %s", escaped(expected, strlen(expected)),
        escaped(buffer_data(&response.fields), response.fields.length));
}

static void expect_body(const char *type, const char *expected)
{
    ck_assert_ptr_nonnull(response.type);
    ck_assert_str_eq(response.type, type);
    ck_assert_uint_eq(response.length, strlen(expected));
    ck_assert_msg(memcmp(response.bytes, expected, strlen(expected)) == 0, "expected %s, got %s",
                  expected, escaped(response.bytes, (size_t)response.length));
}

START_TEST(fields_become_lines_in_their_order)
{
    ck_assert_int_eq(http_response_add_field(&response, "A", "b"), 0);
    ck_assert_int_eq(http_response_add_field(&response, "X-!#$%&'*+.^_`|~9", "c, \"d\"\te\xff"), 0);
    ck_assert_int_eq(http_response_add_field(&response, "Empty", ""), 0);
    expect_fields("A: b\r\nX-!#$%&'*+.^_`|~9: c, \"d\"\te\xff\r\nEmpty: \r\n");
    ck_assert(!response.failed);
}
END_TEST

/* RFC 9110, 5.5: a CR or LF in a value would let its author write the rest of the answer. */
START_TEST(a_field_that_could_not_stand_in_a_head_is_refused_as_a_whole)
{
    static const struct {
        const char *name;
        const char *value;
    } bad[] = {
        {"A", "b\r\nSet-Cookie: c"},
        {"A", "b\nc"},
        {"A", "b\rc"},
        {"A", "\r"},
        {"A", "b\n"},
        {"A", "b\x01"},
        {"A", "b\x7f"},
        {"A", "\x1b"},
        {"", "b"},
        {"A B", "c"},
        {"A:", "b"},
        {"A\r\nB", "c"},
        {"A\n", "b"},
        {"A\x80", "b"},
        {"A(", "b"},
        {"A/B", "b"},
        {" A", "b"},
    };

    ck_assert_int_eq(http_response_add_field(&response, "Before", "x"), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int result = http_response_add_field(&response, bad[i].name, bad[i].value);
        ck_assert_msg(result == -EINVAL, "%s: %s: expected -EINVAL, got %d",
                      escaped(bad[i].name, strlen(bad[i].name)),
                      escaped(bad[i].value, strlen(bad[i].value)), result);
    }
    expect_fields("Before: x\r\n");
    ck_assert(!response.failed);
}
END_TEST

/* A source that counts what happens to it. */
struct counted_source {
    struct http_source source;
    int releases;
};

static void count_release(struct http_source *source)
{
    ((struct counted_source *)source)->releases++;
}

static struct counted_source a_source(void)
{
    return (struct counted_source){.source = {.release = count_release}};
}

START_TEST(reset_releases_a_source_exactly_once)
{
    struct counted_source source = a_source();

    http_response_stream(&response, "text/plain", &source.source, 10);
    ck_assert_ptr_eq(response.source, &source.source);
    ck_assert_uint_eq(response.length, 10);
    ck_assert_int_eq(source.releases, 0);
    http_response_reset(&response);
    ck_assert_int_eq(source.releases, 1);
    ck_assert_ptr_null(response.source);
    http_response_reset(&response);
    http_response_release(&response);
    ck_assert_int_eq(source.releases, 1);
}
END_TEST

START_TEST(release_releases_a_source_exactly_once)
{
    struct counted_source source = a_source();

    http_response_stream(&response, "text/plain", &source.source, 10);
    http_response_release(&response);
    http_response_release(&response);
    ck_assert_int_eq(source.releases, 1);
}
END_TEST

START_TEST(another_body_releases_the_source_before_it)
{
    struct counted_source first = a_source();
    struct counted_source second = a_source();

    http_response_stream(&response, "text/plain", &first.source, 10);
    http_response_stream(&response, "text/plain", &second.source, 20);
    ck_assert_int_eq(first.releases, 1);
    ck_assert_int_eq(second.releases, 0);
    http_response_error(&response, 500);
    ck_assert_int_eq(second.releases, 1);
    ck_assert_ptr_null(response.source);
}
END_TEST

START_TEST(a_copied_body_outlives_its_original)
{
    char original[] = "hello";

    http_response_copy(&response, "text/plain", original, 5);
    memset(original, 'x', 5);
    expect_body("text/plain", "hello");
}
END_TEST

START_TEST(a_borrowed_body_is_not_copied)
{
    static const char bytes[] = "hello";

    http_response_borrow(&response, "text/html", bytes, 5);
    ck_assert_ptr_eq(response.bytes, bytes);
    expect_body("text/html", "hello");
}
END_TEST

START_TEST(the_last_body_counts)
{
    http_response_copy(&response, "text/plain", "first", 5);
    http_response_copy(&response, "text/html", "2nd", 3);
    expect_body("text/html", "2nd");
    http_response_borrow(&response, "text/css", "third", 5);
    expect_body("text/css", "third");
    http_response_copy(&response, "text/plain", "", 0);
    ck_assert_uint_eq(response.length, 0);
}
END_TEST

START_TEST(an_error_says_its_status_and_keeps_the_fields)
{
    http_response_add_field(&response, "Allow", "GET");
    http_response_copy(&response, "image/png", "half of it", 10);
    http_response_error(&response, 405);
    ck_assert_int_eq(response.status, 405);
    expect_body("text/plain; charset=utf-8", "405 Method Not Allowed\n");
    expect_fields("Allow: GET\r\n");
    http_response_error(&response, 799);
    expect_body("text/plain; charset=utf-8", "799 Unknown\n");
}
END_TEST

START_TEST(reset_leaves_nothing_of_the_answer_before)
{
    response.status = 404;
    response.failed = true;
    http_response_add_field(&response, "A", "b");
    http_response_copy(&response, "text/plain", "hello", 5);
    http_response_reset(&response);
    ck_assert_int_eq(response.status, 200);
    ck_assert(!response.failed);
    ck_assert_ptr_null(response.type);
    ck_assert_uint_eq(response.length, 0);
    expect_fields("");
}
END_TEST

START_TEST(lines_that_are_ready_made_stand_where_they_were_added)
{
    static const char lines[] = "A: b\r\nC: d\r\n";

    http_response_add_field(&response, "First", "1");
    ck_assert_int_eq(http_response_add_lines(&response, lines, sizeof lines - 1), 0);
    http_response_add_field(&response, "Last", "2");
    expect_fields("First: 1\r\nA: b\r\nC: d\r\nLast: 2\r\n");
}
END_TEST

/* An answer that promises bytes it does not have would be read from nowhere. */
START_TEST(without_memory_the_answer_has_failed_and_promises_nothing)
{
    allocations_fail_after(0);
    int result = http_response_add_field(&response, "A", "b");
    allocations_succeed();
    ck_assert_int_eq(result, -ENOMEM);
    ck_assert(response.failed);
    expect_fields("");

    http_response_reset(&response);
    allocations_fail_after(0);
    result = http_response_add_lines(&response, "A: b\r\n", 6);
    allocations_succeed();
    ck_assert_int_eq(result, -ENOMEM);
    ck_assert(response.failed);

    http_response_reset(&response);
    allocations_fail_after(0);
    http_response_error(&response, 500);
    allocations_succeed();
    ck_assert(response.failed);
    ck_assert_int_eq(response.status, 500);
    ck_assert_msg(response.bytes != NULL || response.length == 0,
                  "expected no body, got one of %llu bytes at NULL",
                  (unsigned long long)response.length);
}
END_TEST

START_TEST(reasons_are_those_of_the_rfc)
{
    static const struct {
        int status;
        const char *reason;
    } some[] = {
        {100, "Continue"},          {200, "OK"},
        {204, "No Content"},        {301, "Moved Permanently"},
        {400, "Bad Request"},       {404, "Not Found"},
        {413, "Content Too Large"}, {431, "Request Header Fields Too Large"},
        {501, "Not Implemented"},   {505, "HTTP Version Not Supported"},
        {299, "Unknown"},           {0, "Unknown"},
    };

    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
        ck_assert_str_eq(http_reason(some[i].status), some[i].reason);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http_response");
    TCase *fields = tcase_create("fields");
    TCase *bodies = tcase_create("bodies");
    TCase *texts = tcase_create("texts");

    tcase_add_checked_fixture(fields, setup, teardown);
    tcase_add_test(fields, fields_become_lines_in_their_order);
    tcase_add_test(fields, lines_that_are_ready_made_stand_where_they_were_added);
    tcase_add_test(fields, a_field_that_could_not_stand_in_a_head_is_refused_as_a_whole);
    suite_add_tcase(suite, fields);
    tcase_add_checked_fixture(bodies, setup, teardown);
    tcase_add_test(bodies, reset_releases_a_source_exactly_once);
    tcase_add_test(bodies, release_releases_a_source_exactly_once);
    tcase_add_test(bodies, another_body_releases_the_source_before_it);
    tcase_add_test(bodies, a_copied_body_outlives_its_original);
    tcase_add_test(bodies, a_borrowed_body_is_not_copied);
    tcase_add_test(bodies, the_last_body_counts);
    tcase_add_test(bodies, an_error_says_its_status_and_keeps_the_fields);
    tcase_add_test(bodies, reset_leaves_nothing_of_the_answer_before);
    tcase_add_test(bodies, without_memory_the_answer_has_failed_and_promises_nothing);
    suite_add_tcase(suite, bodies);
    tcase_add_test(texts, reasons_are_those_of_the_rfc);
    suite_add_tcase(suite, texts);
    return run_suite(suite);
}
