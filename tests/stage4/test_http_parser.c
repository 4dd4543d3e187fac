#include "parser_cases.h"
#include "request_text.h"
#include "suite_runner.h"

#include <stdio.h>
#include <string.h>

/* Small, so that the tables can name what is at a limit, and large enough for all other cases. */
static const struct http_limits table_limits = {
    .request_line = 100, .head = 400, .fields = 20, .body = 100};

START_TEST(a_valid_request_is_understood_however_it_is_split)
{
    check_parser_case(&valid_requests.cases[_i], &table_limits);
}
END_TEST

START_TEST(the_fields_that_frame_a_request_are_understood_however_it_is_split)
{
    check_parser_case(&framing_requests.cases[_i], &table_limits);
}
END_TEST

START_TEST(an_invalid_request_gets_its_status_however_it_is_split)
{
    check_parser_case(&invalid_requests.cases[_i], &table_limits);
}
END_TEST

START_TEST(an_invalid_host_gets_400_however_it_is_split)
{
    check_parser_case(&invalid_hosts.cases[_i], &table_limits);
}
END_TEST

START_TEST(framing_that_two_parsers_may_read_differently_is_refused_however_it_is_split)
{
    check_parser_case(&invalid_framing.cases[_i], &table_limits);
}
END_TEST

/* "GET /aaa HTTP/1.1" of so many bytes. */
static size_t request_line(char *ret, size_t length)
{
    const char front[] = "GET /";
    const char behind[] = " HTTP/1.1";
    size_t filling = length - (sizeof front - 1) - (sizeof behind - 1);

    ret = mempcpy(ret, front, sizeof front - 1);
    memset(ret, 'a', filling);
    memcpy(ret + filling, behind, sizeof behind);
    return length;
}

/* A request whose head has so many bytes, by way of one long field. */
static size_t head_of(char *ret, size_t length)
{
    const char front[] = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
    const char behind[] = "\r\n\r\n";
    size_t filling = length - (sizeof front - 1) - (sizeof behind - 1);

    ret = mempcpy(ret, front, sizeof front - 1);
    memset(ret, 'a', filling);
    memcpy(ret + filling, behind, sizeof behind);
    return length;
}

/* With the Host so many fields. */
static size_t fields_of(char *ret, size_t count)
{
    char *end = stpcpy(ret, "GET / HTTP/1.0\r\nHost: x\r\n");

    for (size_t i = 1; i < count; i++) {
        end = stpcpy(end, "A: b\r\n");
    }
    return (size_t)(stpcpy(end, "\r\n") - ret);
}

/* What the parser makes of it if there are no limits to speak of. */
static void describe(const char *bytes, size_t length, char ret_text[static REQUEST_TEXT])
{
    const struct http_limits none = {
        .request_line = 10000, .head = 10000, .fields = HTTP_MAX_FIELDS, .body = 10000};
    struct http_request request = {0};
    struct http_parser parser;

    http_parser_init(&parser, &none, &request);
    ck_assert_int_eq(http_parser_feed(&parser, bytes, length), HTTP_COMPLETE);
    request_text(&request, bytes, ret_text);
}

static void expect_accepted(const char *what, const char *bytes, size_t length,
                            const struct http_limits *limits)
{
    char text[REQUEST_TEXT];
    const struct parser_case input = {what, bytes, length, text};

    describe(bytes, length, text);
    check_parser_case(&input, limits);
}

static void expect_refused(const char *what, const char *bytes, size_t length,
                           const struct http_limits *limits, const char *status)
{
    const struct parser_case input = {what, bytes, length, status};

    check_parser_case(&input, limits);
}

START_TEST(a_request_line_at_its_limit_is_taken_and_one_byte_more_is_414)
{
    const struct http_limits limits = {.request_line = 40, .head = 200, .fields = 5};
    char bytes[256];
    size_t length = request_line(bytes, 40);

    strcpy(bytes + length, "\r\nHost: x\r\n\r\n");
    expect_accepted("40 of 40 bytes", bytes, strlen(bytes), &limits);
    memmove(bytes + 2, bytes, strlen(bytes) + 1);
    memcpy(bytes, "\r\n", 2);
    expect_accepted("40 of 40 bytes and an empty line in front", bytes, strlen(bytes), &limits);

    length = request_line(bytes, 41);
    expect_refused("41 of 40 bytes, no end yet", bytes, length, &limits, "414");
    strcpy(bytes + length, "\r\nHost: x\r\n\r\n");
    expect_refused("41 of 40 bytes", bytes, strlen(bytes), &limits, "414");
    length = request_line(bytes, 140);
    expect_refused("140 of 40 bytes", bytes, length, &limits, "414");
}
END_TEST

START_TEST(a_head_at_its_limit_is_taken_and_one_byte_more_is_431)
{
    const struct http_limits limits = {.request_line = 100, .head = 100, .fields = 5};
    char bytes[256];

    expect_accepted("100 of 100 bytes", bytes, head_of(bytes, 100), &limits);
    expect_accepted("99 of 100 bytes", bytes, head_of(bytes, 99), &limits);
    for (size_t length = 101; length <= 106; length++) {
        expect_refused("more than 100 bytes", bytes, head_of(bytes, length), &limits, "431");
    }
    expect_refused("120 bytes, no end yet", bytes, head_of(bytes, 140) - 20, &limits, "431");
}
END_TEST

START_TEST(as_many_fields_as_allowed_are_taken_and_one_more_is_431)
{
    const struct http_limits limits = {.request_line = 100, .head = 4000, .fields = 5};
    const struct http_limits most = {.request_line = 100, .head = 4000, .fields = HTTP_MAX_FIELDS};
    char bytes[2048];

    expect_accepted("5 of 5 fields", bytes, fields_of(bytes, 5), &limits);
    expect_refused("6 of 5 fields", bytes, fields_of(bytes, 6), &limits, "431");
    expect_accepted("128 of 128 fields", bytes, fields_of(bytes, HTTP_MAX_FIELDS), &most);
    expect_refused("129 of 128 fields", bytes, fields_of(bytes, HTTP_MAX_FIELDS + 1), &most, "431");
}
END_TEST

/* Whichever limit or rule is broken first, in the order of the bytes, decides. */
START_TEST(what_is_wrong_with_two_rules_gets_the_status_of_the_first_broken)
{
    const struct http_limits limits = {.request_line = 60, .head = 40, .fields = 5};
    const struct http_limits line_first = {.request_line = 40, .head = 60, .fields = 5};
    char bytes[512];

    expect_refused("the head is full before the line is", bytes, request_line(bytes, 100), &limits,
                   "431");
    expect_refused("the line is full before the head is", bytes, 100, &line_first, "414");
    bytes[0] = ' ';
    expect_refused("a space in front of a long line", bytes, 100, &limits, "400");
    bytes[0] = '"';
    expect_refused("a quote in front of a long line", bytes, 100, &limits, "400");
    memset(bytes, 'a', 100);
    bytes[30] = '\0';
    expect_refused("a NUL before the limit", bytes, 100, &limits, "400");
    bytes[30] = 'a';
    bytes[41] = '\0';
    expect_refused("a NUL behind the limit", bytes, 100, &limits, "431");
}
END_TEST

START_TEST(a_parser_that_is_initialised_anew_knows_nothing_of_the_request_before)
{
    const char first[] = "POST /a?b HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: "
                         "100-continue\r\nContent-Length: 7\r\n\r\n";
    const char second[] = "GET / HTTP/1.1\r\nHost: y\r\n\r\n";
    struct http_request request = {0};
    struct http_parser parser;
    char text[REQUEST_TEXT];

    http_parser_init(&parser, &table_limits, &request);
    ck_assert_int_eq(http_parser_feed(&parser, first, sizeof first - 1), HTTP_COMPLETE);
    request.path = (struct http_span){"/a", 2};
    request.body = (struct http_span){"bodybod", 7};
    request.parameter_count = 1;
    http_parser_init(&parser, &table_limits, &request);
    ck_assert_int_eq(http_parser_feed(&parser, second, sizeof second - 1), HTTP_COMPLETE);
    request_text(&request, second, text);
    ck_assert_str_eq(text, "GET 1.1 target=/ path=/ query= keep-alive\nHost=y\n");
    ck_assert_uint_eq(request.content_length, 0);
    ck_assert_uint_eq(request.body.length, 0);
    ck_assert_uint_eq(request.path.length, 0);
    ck_assert_uint_eq(request.parameter_count, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http_parser");
    TCase *valid = tcase_create("valid requests");
    TCase *invalid = tcase_create("invalid requests");
    TCase *limits = tcase_create("limits");
    TCase *reuse = tcase_create("reuse");

    tcase_add_loop_test(valid, a_valid_request_is_understood_however_it_is_split, 0,
                        valid_requests.count);
    tcase_add_loop_test(valid, the_fields_that_frame_a_request_are_understood_however_it_is_split,
                        0, framing_requests.count);
    suite_add_tcase(suite, valid);
    tcase_add_loop_test(invalid, an_invalid_request_gets_its_status_however_it_is_split, 0,
                        invalid_requests.count);
    tcase_add_loop_test(invalid, an_invalid_host_gets_400_however_it_is_split, 0,
                        invalid_hosts.count);
    tcase_add_loop_test(
        invalid, framing_that_two_parsers_may_read_differently_is_refused_however_it_is_split, 0,
        invalid_framing.count);
    suite_add_tcase(suite, invalid);
    tcase_add_test(limits, a_request_line_at_its_limit_is_taken_and_one_byte_more_is_414);
    tcase_add_test(limits, a_head_at_its_limit_is_taken_and_one_byte_more_is_431);
    tcase_add_test(limits, as_many_fields_as_allowed_are_taken_and_one_more_is_431);
    tcase_add_test(limits, what_is_wrong_with_two_rules_gets_the_status_of_the_first_broken);
    suite_add_tcase(suite, limits);
    tcase_add_test(reuse, a_parser_that_is_initialised_anew_knows_nothing_of_the_request_before);
    suite_add_tcase(suite, reuse);
    return run_suite(suite);
}
