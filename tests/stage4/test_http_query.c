#include "http_query.h"
#include "request_fixture.h"
#include "suite_runner.h"

enum { MISSING = 7, UNTOUCHED = -1 };

/* The parameter is "n", from 2 to 1000. */
static const struct {
    const char *target;
    bool good;
    long value;
} cases[] = {
    /* It is not there. */
    {"/", true, MISSING},
    {"/?", true, MISSING},
    {"/?n", true, MISSING},
    {"/?m=5", true, MISSING},
    {"/?nn=5", true, MISSING},
    {"/?an=5", true, MISSING},
    {"/?N=5", true, MISSING},
    {"/?&", true, MISSING},
    {"/?&&&", true, MISSING},
    {"/?m=n=5", true, MISSING},
    {"/?n&m=5", true, MISSING},
    {"/n=5", true, MISSING},
    /* It is, and good. */
    {"/?n=2", true, 2},
    {"/?n=1000", true, 1000},
    {"/?n=0005", true, 5},
    {"/?m=1&n=5", true, 5},
    {"/?n=5&m=1", true, 5},
    {"/?&n=5", true, 5},
    {"/?n=5&", true, 5},
    {"/?n&n=5", true, 5},
    {"/?nn=1&n=5", true, 5},
    {"/?n=5&n=6", true, 5},
    {"/?n=5&n=x", true, 5},
    /* It is, and is no such number. */
    {"/?n=", false, 0},
    {"/?n=&n=5", false, 0},
    {"/?n=1", false, 0},
    {"/?n=0", false, 0},
    {"/?n=1001", false, 0},
    {"/?n=-5", false, 0},
    {"/?n=+5", false, 0},
    {"/?n=%35", false, 0},
    {"/?n=5%20", false, 0},
    {"/?n=5x", false, 0},
    {"/?n=x5", false, 0},
    {"/?n=0x5", false, 0},
    {"/?n=5.0", false, 0},
    {"/?n=5e1", false, 0},
    {"/?n==5", false, 0},
    {"/?n=5;m=1", false, 0},
    {"/?n=2147483653", false, 0},           /* 5 and 2^31 */
    {"/?n=4294967301", false, 0},           /* 5 and 2^32 */
    {"/?n=18446744073709551621", false, 0}, /* 5 and 2^64 */
    {"/?n=99999999999999999999999999999999999999999", false, 0},
};

START_TEST(a_number_is_taken_only_if_it_is_all_digits_and_in_its_range)
{
    struct request_fixture fixture;
    long value = UNTOUCHED;

    request_fixture_open(&fixture, "GET", cases[_i].target);
    bool good = http_query_number(&fixture.request, "n", 2, 1000, MISSING, &value);
    ck_assert_msg(good == cases[_i].good, "%s: expected %s, got %s", cases[_i].target,
                  cases[_i].good ? "good" : "bad", good ? "good" : "bad");
    ck_assert_msg(!good || value == cases[_i].value, "%s: expected %ld, got %ld", cases[_i].target,
                  cases[_i].value, value);
    request_fixture_close(&fixture);
}
END_TEST

/* Zero is a number, and nothing is none. */
START_TEST(where_zero_is_allowed_an_empty_value_is_still_refused)
{
    static const struct {
        const char *target;
        bool good;
    } zeros[] = {{"/?n=0", true}, {"/?n=00", true}, {"/?n=", false}, {"/?n=-0", false}};

    for (size_t i = 0; i < sizeof zeros / sizeof zeros[0]; i++) {
        struct request_fixture fixture;
        long value = UNTOUCHED;
        request_fixture_open(&fixture, "GET", zeros[i].target);
        bool good = http_query_number(&fixture.request, "n", 0, 1000, MISSING, &value);
        ck_assert_msg(good == zeros[i].good && (!good || value == 0), "%s: got %s and %ld",
                      zeros[i].target, good ? "good" : "bad", value);
        request_fixture_close(&fixture);
    }
}
END_TEST

START_TEST(a_default_may_lie_outside_of_the_range)
{
    struct request_fixture fixture;
    long value = UNTOUCHED;

    request_fixture_open(&fixture, "GET", "/?m=1");
    ck_assert(http_query_number(&fixture.request, "n", 2, 1000, 0, &value));
    ck_assert_int_eq(value, 0);
    request_fixture_close(&fixture);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http_query");
    TCase *numbers = tcase_create("numbers");

    tcase_add_loop_test(numbers, a_number_is_taken_only_if_it_is_all_digits_and_in_its_range, 0,
                        (int)(sizeof cases / sizeof cases[0]));
    tcase_add_test(numbers, where_zero_is_allowed_an_empty_value_is_still_refused);
    tcase_add_test(numbers, a_default_may_lie_outside_of_the_range);
    suite_add_tcase(suite, numbers);
    return run_suite(suite);
}
