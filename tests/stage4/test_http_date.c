#include "http_date.h"
#include "moved_memory.h"
#include "suite_runner.h"

#include <inttypes.h>
#include <string.h>

/* Sat, 21 Nov 2026 00:00:00 GMT: what the rows with two digits for the year take for now. */
static const time_t now = 1795219200;

/* RFC 9110, 5.6.7. The expected texts are those of date(1). */
START_TEST(dates_are_written_in_the_form_of_the_rfc)
{
    static const struct {
        time_t time;
        const char *text;
    } dates[] = {
        {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
        {784111777, "Sun, 06 Nov 1994 08:49:37 GMT"},
        {951782400, "Tue, 29 Feb 2000 00:00:00 GMT"},
        {1709251199, "Thu, 29 Feb 2024 23:59:59 GMT"},
        {1709251200, "Fri, 01 Mar 2024 00:00:00 GMT"},
        {2147483647, "Tue, 19 Jan 2038 03:14:07 GMT"},
        {2147483648, "Tue, 19 Jan 2038 03:14:08 GMT"},
        {4107542400, "Mon, 01 Mar 2100 00:00:00 GMT"},
        {-1, "Wed, 31 Dec 1969 23:59:59 GMT"},
        /* A file may carry any time; the form has four digits for the year. */
        {INT64_MIN, "Sat, 01 Jan 0000 00:00:00 GMT"},
        {253402300799, "Fri, 31 Dec 9999 23:59:59 GMT"},
        {253402300800, "Fri, 31 Dec 9999 23:59:59 GMT"},
        {INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT"},
    };

    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        char text[HTTP_DATE_TEXT];
        http_date_format(dates[i].time, text);
        ck_assert_msg(strcmp(text, dates[i].text) == 0, "%lld: expected %s, got %s",
                      (long long)dates[i].time, dates[i].text, text);
    }
}
END_TEST

static bool parse(const char *text, time_t at, time_t *ret_time)
{
    return http_date_parse((struct http_span){moved_memory(text, strlen(text)), strlen(text)}, at,
                           ret_time);
}

START_TEST(each_form_of_the_rfc_is_understood)
{
    static const struct {
        const char *text;
        time_t time;
    } dates[] = {
        {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
        {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
        {"Sun Nov  6 08:49:37 1994", 784111777},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Wednesday, 01-Jan-70 00:00:00 GMT", 3155760000}, /* in 2070 */
        {"Thu Jan  1 00:00:00 1970", 0},
        {"Fri, 01 Jan 1960 00:00:00 GMT", -315619200},
        {"Mon, 01 Jan 1900 00:00:00 GMT", -2208988800},
        {"Tue, 29 Feb 2000 00:00:00 GMT", 951782400},
        {"Tuesday, 29-Feb-00 00:00:00 GMT", 951782400},
        {"Tue Feb 29 00:00:00 2000", 951782400},
        {"Tue, 19 Jan 2038 03:14:08 GMT", 2147483648},
        {"Sat, 06 Nov 2094 08:49:37 GMT", 3939871777},
        {"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799},
        {"Fri Dec 31 23:59:59 9999", 253402300799},
        /* 50 years ahead is the future; more is the past. */
        {"Thursday, 31-Dec-76 23:59:59 GMT", 3376684799},
        {"Saturday, 01-Jan-77 00:00:00 GMT", 220924800},
        {"Saturday, 21-Nov-26 00:00:00 GMT", 1795219200},
    };

    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        time_t time = -7;
        bool valid = parse(dates[i].text, now, &time);
        ck_assert_msg(valid && time == dates[i].time, "%s: expected %jd, got %s %jd", dates[i].text,
                      (intmax_t)dates[i].time, valid ? "valid" : "invalid", (intmax_t)time);
    }
}
END_TEST

START_TEST(the_century_of_two_digits_follows_the_present)
{
    static const struct {
        time_t now;
        const char *text;
        time_t time;
    } dates[] = {
        {784111777, "Sunday, 06-Nov-94 08:49:37 GMT", 784111777},     /* in 1994 */
        {784111777, "Thursday, 01-Jan-70 00:00:00 GMT", 0},           /* in 1994 */
        {3939871777, "Saturday, 06-Nov-94 08:49:37 GMT", 3939871777}, /* in 2094 */
        {4133980800, "Saturday, 01-Jan-01 00:00:00 GMT", 4133980800}, /* in 2101 */
    };

    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        time_t time = -7;
        bool valid = parse(dates[i].text, dates[i].now, &time);
        ck_assert_msg(valid && time == dates[i].time, "%s: expected %jd, got %s %jd", dates[i].text,
                      (intmax_t)dates[i].time, valid ? "valid" : "invalid", (intmax_t)time);
    }
}
END_TEST

START_TEST(anything_else_is_no_date)
{
    static const char *const texts[] = {
        "",
        "x",
        "0",
        "784111777",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 gmt",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 06 Nov 1994 08:49:37 GMTx",
        " Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
        "sun, 06 nov 1994 08:49:37 GMT",
        "SUN, 06 NOV 1994 08:49:37 GMT",
        "Sunday, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 November 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun,  6 Nov 1994 08:49:37 GMT",
        "Sun,06 Nov 1994 08:49:37 GMT",
        "Sun, 06  Nov 1994 08:49:37 GMT",
        "Sun, 06\tNov 1994 08:49:37 GMT",
        "Sun, 06-Nov-1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:00 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 1994 08:49:-1 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sat, 32 Dec 1994 08:49:37 GMT",
        "Thu, 31 Feb 2000 00:00:00 GMT",
        "Wed, 29 Feb 1995 00:00:00 GMT",
        "Mon, 06 Nov 1994 08:49:37 GMT", /* it was a Sunday */
        "Sun, 06 Nov 19994 08:49:37 GMT",
        "Sun, 06 Nov -994 08:49:37 GMT",
        "06 Nov 1994 08:49:37 GMT",
        "Monday, 06-Nov-94 08:49:37 GMT",
        "Thursday, 01-Jan-70 00:00:00 GMT", /* so it was in 1970, but 70 is 2070 now */
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sunday, 6-Nov-94 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov 06 08:49:37 1994",
        "Sun Nov  6 08:49:37 94",
        "Sun Nov  6 08:49:37 1994 GMT",
        "1994-11-06T08:49:37Z",
        "Sun, %d Nov 1994 08:49:37 GMT",
        "\"Sun, 06 Nov 1994 08:49:37 GMT\"",
    };
    char longer[300];

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        time_t time = -7;
        ck_assert_msg(!parse(texts[i], now, &time), "'%s' was taken for %jd", texts[i],
                      (intmax_t)time);
        ck_assert_msg(time == -7, "'%s' is invalid, but changed the result", texts[i]);
    }
    memset(longer, ' ', sizeof longer);
    memcpy(longer, "Sun, 06 Nov 1994 08:49:37 GMT", 29);
    longer[sizeof longer - 1] = '\0';
    ck_assert(!parse(longer, now, &(time_t){0}));
}
END_TEST

START_TEST(what_is_written_is_understood_as_the_same_second)
{
    enum { STEP = 86400 - 3671, STEPS = 60000 };
    char text[HTTP_DATE_TEXT];
    time_t read = 0;

    for (time_t time = -(time_t)STEPS / 2 * STEP; time < (time_t)STEPS * STEP; time += STEP) {
        http_date_format(time, text);
        bool valid = http_date_parse((struct http_span){text, strlen(text)}, now, &read);
        ck_assert_msg(valid && read == time, "%s: expected %jd, got %s %jd", text, (intmax_t)time,
                      valid ? "valid" : "invalid", (intmax_t)read);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http_date");
    TCase *writing = tcase_create("writing");
    TCase *reading = tcase_create("reading");

    tcase_add_test(writing, dates_are_written_in_the_form_of_the_rfc);
    suite_add_tcase(suite, writing);
    tcase_add_test(reading, each_form_of_the_rfc_is_understood);
    tcase_add_test(reading, the_century_of_two_digits_follows_the_present);
    tcase_add_test(reading, anything_else_is_no_date);
    tcase_add_test(reading, what_is_written_is_understood_as_the_same_second);
    suite_add_tcase(suite, reading);
    return run_suite(suite);
}
