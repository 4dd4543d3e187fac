#include "http_conditions.h"
#include "request_fixture.h"
#include "suite_runner.h"

#define THEN "Sun, 06 Nov 1994 08:49:37 GMT"
#define SECOND_BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define SECOND_AFTER "Sun, 06 Nov 1994 08:49:38 GMT"

/* All rows are about this version, changed at THEN, or about the same with a weak tag. */
static const struct http_validators current = {.tag = "\"abc\"", .modified = 784111777};
static const struct http_validators weak = {.tag = "W/\"abc\"", .modified = 784111777};

struct row {
    const char *method;
    const char *fields;
    int expected; /* 0, 304, 412 */
};

static void expect_row(const struct row *row, const struct http_validators *validators)
{
    struct request_fixture fixture;

    request_fixture_open_with(&fixture, row->method, "/", row->fields);
    int status = http_conditions_check(&fixture.request, validators);
    request_fixture_close(&fixture);
    ck_assert_msg(status == row->expected, "%s of %s with %s: expected %d, got %d", row->method,
                  validators->tag, row->fields, row->expected, status);
}

#define EXPECT_ROWS(rows, validators)                                                              \
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows)[0]; i++) {                                  \
        expect_row(&(rows)[i], validators);                                                        \
    }

START_TEST(if_match_wants_one_of_its_tags_to_be_the_strong_tag_of_now)
{
    static const struct row rows[] = {
        {"GET", "If-Match: \"abc\"\r\n", 0},
        {"PUT", "If-Match: \"abc\"\r\n", 0},
        {"PUT", "If-Match: \"abd\"\r\n", 412},
        {"GET", "If-Match: \"abd\"\r\n", 412},
        {"HEAD", "If-Match: \"ab\"\r\n", 412},
        {"GET", "If-Match: \"ABC\"\r\n", 412},
        {"GET", "If-Match: \"abcd\"\r\n", 412},
        {"GET", "If-Match: W/\"abc\"\r\n", 412},
        {"GET", "If-Match: *\r\n", 0},
        {"PUT", "If-Match: *\r\n", 0},
        {"GET", "If-Match: \"x\", \"abc\"\r\n", 0},
        {"GET", "If-Match: \"x,\"abc\"\r\n", 412},
        {"GET", "If-Match: ,, \"abc\" ,\r\n", 0},
        {"GET", "If-Match: \"x\"\r\nHost2: y\r\nif-match: \"abc\"\r\n", 0},
        {"GET", "If-Match: \"x\"\r\nIf-Match: \"y\"\r\n", 412},
    };

    EXPECT_ROWS(rows, &current);
}
END_TEST

START_TEST(a_malformed_if_match_is_412)
{
    static const struct row rows[] = {
        {"GET", "If-Match:\r\n", 412},
        {"GET", "If-Match: ,\r\n", 412},
        {"GET", "If-Match: abc\r\n", 412},
        {"GET", "If-Match: \"abc\r\n", 412},
        {"GET", "If-Match: abc\"\r\n", 412},
        {"GET", "If-Match: \"\r\n", 412},
        {"GET", "If-Match: \"abc\" x\r\n", 412},
        {"GET", "If-Match: \"abc\", x\r\n", 412},
        {"GET", "If-Match: x, \"abc\"\r\n", 412},
        {"GET", "If-Match: \"abc\"\r\nIf-Match: x\r\n", 412},
        {"GET", "If-Match: *, \"abc\"\r\n", 412},
        {"GET", "If-Match: \"abc\", *\r\n", 412},
        {"GET", "If-Match: *\r\nIf-Match: *\r\n", 412},
        {"GET", "If-Match: \"abc\", \"a c\"\r\n", 412},
        {"GET", "If-Match: \"abc\"\"x\"\r\n", 412},
        {"GET", "If-Match: 'abc'\r\n", 412},
        {"GET", "If-Match: W/abc\r\n", 412},
        {"GET", "If-Match: \"abc\", w/\"x\"\r\n", 412},
    };

    EXPECT_ROWS(rows, &current);
}
END_TEST

START_TEST(if_none_match_wants_news_and_compares_weakly)
{
    static const struct row rows[] = {
        {"GET", "If-None-Match: \"abc\"\r\n", 304},
        {"HEAD", "If-None-Match: \"abc\"\r\n", 304},
        {"PUT", "If-None-Match: \"abc\"\r\n", 412},
        {"GET", "If-None-Match: W/\"abc\"\r\n", 304},
        {"GET", "If-None-Match: w/\"abc\"\r\n", 0},
        {"GET", "If-None-Match: \"abd\"\r\n", 0},
        {"GET", "If-None-Match: \"\"\r\n", 0},
        {"PUT", "If-None-Match: \"abd\"\r\n", 0},
        {"GET", "If-None-Match: *\r\n", 304},
        {"PUT", "If-None-Match: *\r\n", 412},
        {"GET", "If-None-Match: \"x\", W/\"abc\", \"y\"\r\n", 304},
        {"GET", "If-None-Match: \"x,y\",\"abc\"\r\n", 304},
        {"GET", "If-None-Match: \"x\"\r\nIf-None-Match: \"abc\"\r\n", 304},
        {"GET", "If-None-Match: \"\\\", \"abc\"\r\n", 304},
        {"GET", "If-None-Match: \"\xfc\", \"abc\"\r\n", 304},
        {"GET", "If-None-Match: \"x, abc\"\r\n", 0},
        /* Malformed: there is no tag in it. */
        {"GET", "If-None-Match:\r\n", 0},
        {"GET", "If-None-Match: abc\r\n", 0},
        {"GET", "If-None-Match: \"abc\r\n", 0},
        {"GET", "If-None-Match: *, \"abc\"\r\n", 0},
        {"GET", "If-None-Match: \"abc\", x\r\n", 0},
        {"GET", "If-None-Match: \"abc\", \"\r\n", 0},
        {"PUT", "If-None-Match: x, *\r\n", 0},
        {"GET", "If-None-Match: W/\r\n", 0},
        {"GET", "If-None-Match: W/\"\r\n", 0},
    };

    EXPECT_ROWS(rows, &current);
}
END_TEST

START_TEST(a_weak_tag_of_now_never_matches_strongly)
{
    static const struct row rows[] = {
        {"GET", "If-Match: W/\"abc\"\r\n", 412},
        {"GET", "If-Match: \"abc\"\r\n", 412},
        {"GET", "If-Match: *\r\n", 0},
        {"GET", "If-None-Match: W/\"abc\"\r\n", 304},
        {"GET", "If-None-Match: \"abc\"\r\n", 304},
        {"GET", "If-None-Match: \"W/abc\"\r\n", 0},
    };

    EXPECT_ROWS(rows, &weak);
}
END_TEST

START_TEST(dates_are_compared_by_the_second)
{
    static const struct row rows[] = {
        {"GET", "If-Modified-Since: " THEN "\r\n", 304},
        {"HEAD", "If-Modified-Since: " THEN "\r\n", 304},
        {"GET", "If-Modified-Since: " SECOND_AFTER "\r\n", 304},
        {"GET", "If-Modified-Since: " SECOND_BEFORE "\r\n", 0},
        {"GET", "If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT\r\n", 304},
        {"GET", "If-Modified-Since: Sun Nov  6 08:49:37 1994\r\n", 304},
        {"GET", "If-Modified-Since: Sun Nov  6 08:49:36 1994\r\n", 0},
        {"PUT", "If-Modified-Since: " THEN "\r\n", 0},
        {"GET", "If-Unmodified-Since: " THEN "\r\n", 0},
        {"GET", "If-Unmodified-Since: " SECOND_AFTER "\r\n", 0},
        {"GET", "If-Unmodified-Since: " SECOND_BEFORE "\r\n", 412},
        {"PUT", "If-Unmodified-Since: " SECOND_BEFORE "\r\n", 412},
        /* What is no date, or may be one of two, is ignored. */
        {"GET", "If-Modified-Since: yesterday\r\n", 0},
        {"GET", "If-Modified-Since: " THEN " x\r\n", 0},
        {"GET", "If-Modified-Since:\r\n", 0},
        {"GET", "If-Modified-Since: " THEN "\r\nIf-Modified-Since: " THEN "\r\n", 0},
        {"GET", "If-Modified-Since: " THEN ", " THEN "\r\n", 0},
        {"GET", "If-Unmodified-Since: 0\r\n", 0},
        {"GET", "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36\r\n", 0},
        {"GET",
         "If-Unmodified-Since: " SECOND_BEFORE "\r\nIf-Unmodified-Since: " SECOND_BEFORE "\r\n", 0},
        {"GET", "", 0},
    };

    EXPECT_ROWS(rows, &current);
}
END_TEST

/* RFC 9110, 13.2.2. */
START_TEST(the_fields_count_in_the_order_of_the_rfc)
{
    static const struct row rows[] = {
        {"GET", "If-Match: \"abc\"\r\nIf-Unmodified-Since: " SECOND_BEFORE "\r\n", 0},
        {"GET", "If-Match: \"abd\"\r\nIf-Unmodified-Since: " THEN "\r\n", 412},
        {"GET", "If-None-Match: \"abd\"\r\nIf-Modified-Since: " THEN "\r\n", 0},
        {"GET", "If-None-Match: x\r\nIf-Modified-Since: " THEN "\r\n", 0},
        {"GET", "If-None-Match: \"abc\"\r\nIf-Modified-Since: " SECOND_BEFORE "\r\n", 304},
        {"GET", "If-None-Match: \"abc\"\r\nIf-Match: \"abd\"\r\n", 412},
        {"GET", "If-None-Match: \"abc\"\r\nIf-Match: \"abc\"\r\n", 304},
        {"PUT", "If-None-Match: \"abc\"\r\nIf-Match: \"abc\"\r\n", 412},
        {"GET", "If-Modified-Since: " THEN "\r\nIf-Unmodified-Since: " SECOND_BEFORE "\r\n", 412},
        {"GET", "If-Modified-Since: " THEN "\r\nIf-Unmodified-Since: " THEN "\r\n", 304},
        {"GET", "If-Match: *\r\nIf-Modified-Since: " THEN "\r\n", 304},
        {"GET", "If-None-Match: \"abc\"\r\nIf-Unmodified-Since: " SECOND_BEFORE "\r\n", 412},
        {"GET", "If-Range: \"abd\"\r\nIf-None-Match: \"abc\"\r\n", 304},
    };

    EXPECT_ROWS(rows, &current);
}
END_TEST

START_TEST(if_range_lets_the_range_count_for_exactly_this_version)
{
    static const struct {
        const char *fields;
        bool applies;
        bool applies_to_weak;
    } rows[] = {
        {"", true, true},
        {"If-Range: \"abc\"\r\n", true, false},
        {"If-Range: \"abd\"\r\n", false, false},
        {"If-Range: W/\"abc\"\r\n", false, false},
        {"If-Range: *\r\n", false, false},
        {"If-Range: \"x\", \"abc\"\r\n", false, false},
        {"If-Range: abc\r\n", false, false},
        {"If-Range:\r\n", false, false},
        {"If-Range: \"abc\"\r\nIf-Range: \"abc\"\r\n", false, false},
        {"If-Range: " THEN "\r\n", true, true},
        {"If-Range: Sunday, 06-Nov-94 08:49:37 GMT\r\n", true, true},
        {"If-Range: " SECOND_AFTER "\r\n", false, false},
        {"If-Range: " SECOND_BEFORE "\r\n", false, false},
        {"If-Range: tomorrow\r\n", false, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct request_fixture fixture;
        request_fixture_open_with(&fixture, "GET", "/", rows[i].fields);
        bool applies = http_conditions_range_applies(&fixture.request, &current);
        bool applies_to_weak = http_conditions_range_applies(&fixture.request, &weak);
        request_fixture_close(&fixture);
        ck_assert_msg(applies == rows[i].applies && applies_to_weak == rows[i].applies_to_weak,
                      "%s: expected %d and %d for a weak tag, got %d and %d", rows[i].fields,
                      rows[i].applies, rows[i].applies_to_weak, applies, applies_to_weak);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http_conditions");
    TCase *conditions = tcase_create("conditions");

    tcase_add_test(conditions, if_match_wants_one_of_its_tags_to_be_the_strong_tag_of_now);
    tcase_add_test(conditions, a_malformed_if_match_is_412);
    tcase_add_test(conditions, if_none_match_wants_news_and_compares_weakly);
    tcase_add_test(conditions, a_weak_tag_of_now_never_matches_strongly);
    tcase_add_test(conditions, dates_are_compared_by_the_second);
    tcase_add_test(conditions, the_fields_count_in_the_order_of_the_rfc);
    tcase_add_test(conditions, if_range_lets_the_range_count_for_exactly_this_version);
    suite_add_tcase(suite, conditions);
    return run_suite(suite);
}
