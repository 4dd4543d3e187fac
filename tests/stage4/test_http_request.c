#include "escaped.h"
#include "http_parser.h"
#include "suite_runner.h"

#include <string.h>

static const char head[] = "GET / HTTP/1.1\r\n"
                           "Host: x\r\n"
                           "Accept-Language: de\r\n"
                           "ACCEPT:  text/html \r\n"
                           "Accept: second\r\n"
                           "Empty:\r\n"
                           "\r\n";

static struct http_request request;

static void setup(void)
{
    static const struct http_limits limits = HTTP_LIMITS_DEFAULT;
    struct http_parser parser;

    http_parser_init(&parser, &limits, &request);
    ck_assert_int_eq(http_parser_feed(&parser, head, sizeof head - 1), HTTP_COMPLETE);
    request.head = head;
}

static void expect_field(const char *name, const char *expected)
{
    struct http_span value = {NULL, 99};
    bool found = http_request_field(&request, name, &value);

    ck_assert_msg(found == (expected != NULL), "%s: expected %s, got %s", name,
                  expected != NULL ? "a field" : "none", found ? "one" : "none");
    expected = expected != NULL ? expected : "";
    ck_assert_msg(value.length == strlen(expected) &&
                      memcmp(value.data, expected, value.length) == 0,
                  "%s: expected '%s', got '%s'", name, expected, escaped(value.data, value.length));
}

START_TEST(a_field_is_found_whatever_the_case)
{
    expect_field("Host", "x");
    expect_field("host", "x");
    expect_field("ACCEPT-language", "de");
}
END_TEST

START_TEST(a_field_is_found_by_its_whole_name_and_not_by_a_part)
{
    expect_field("Accept", "text/html");
    expect_field("Accept-", NULL);
    expect_field("Accept-Language-", NULL);
    expect_field("Accep", NULL);
    expect_field("", NULL);
}
END_TEST

START_TEST(of_several_fields_of_a_name_the_first_is_found)
{
    expect_field("accept", "text/html");
}
END_TEST

START_TEST(a_field_that_is_there_twice_is_no_single_field)
{
    struct http_span value;

    ck_assert(http_request_single_field(&request, "ACCEPT-language", &value));
    ck_assert_msg(http_span_equals(value, "de"), "got '%s'", escaped(value.data, value.length));
    ck_assert(http_request_single_field(&request, "Empty", &value));
    ck_assert(!http_request_single_field(&request, "Accept", &value));
    ck_assert(!http_request_single_field(&request, "Missing", &value));
}
END_TEST

START_TEST(an_empty_field_is_not_a_missing_one)
{
    expect_field("Empty", "");
    expect_field("Missing", NULL);
}
END_TEST

START_TEST(a_span_equals_a_text_of_the_same_length_whatever_the_case)
{
    const struct http_span span = {"Chunked!", 7};

    ck_assert(http_span_equals(span, "chunked"));
    ck_assert(!http_span_equals(span, "chunke"));
    ck_assert(!http_span_equals(span, "chunked!"));
    ck_assert(!http_span_equals(span, "chunkee"));
    ck_assert(http_span_equals((struct http_span){"", 0}, ""));
}
END_TEST

/* A name is a part of the route's pattern, so what follows it there does not belong to it. */
START_TEST(a_parameter_is_found_by_its_name)
{
    request.parameters[0] = (struct http_parameter){"id/of/:name", {"7x", 1}};
    request.parameters[1] = (struct http_parameter){"name", {"abc", 3}};
    request.parameter_count = 2;
    struct http_span id = http_request_parameter(&request, "id");
    struct http_span name = http_request_parameter(&request, "name");

    ck_assert_msg(id.length == 1 && id.data[0] == '7', "got '%s'", escaped(id.data, id.length));
    ck_assert_msg(name.length == 3 && memcmp(name.data, "abc", 3) == 0, "got '%s'",
                  escaped(name.data, name.length));
    ck_assert_uint_eq(http_request_parameter(&request, "i").length, 0);
    ck_assert_uint_eq(http_request_parameter(&request, "ID").length, 0);
    ck_assert_ptr_nonnull(http_request_parameter(&request, "none").data);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http_request");
    TCase *fields = tcase_create("fields");
    TCase *parameters = tcase_create("parameters");

    tcase_add_checked_fixture(fields, setup, NULL);
    tcase_add_test(fields, a_field_is_found_whatever_the_case);
    tcase_add_test(fields, a_field_is_found_by_its_whole_name_and_not_by_a_part);
    tcase_add_test(fields, of_several_fields_of_a_name_the_first_is_found);
    tcase_add_test(fields, a_field_that_is_there_twice_is_no_single_field);
    tcase_add_test(fields, an_empty_field_is_not_a_missing_one);
    tcase_add_test(fields, a_span_equals_a_text_of_the_same_length_whatever_the_case);
    suite_add_tcase(suite, fields);
    tcase_add_checked_fixture(parameters, setup, NULL);
    tcase_add_test(parameters, a_parameter_is_found_by_its_name);
    suite_add_tcase(suite, parameters);
    return run_suite(suite);
}
