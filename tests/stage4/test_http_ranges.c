#include "http_ranges.h"
#include "moved_memory.h"
#include "suite_runner.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define THIRTY_DIGITS "999999999999999999999999999999"

enum { TEXT = 1024 };

struct row {
    const char *value;
    uint64_t length;
    const char *expected; /* "200", "416", or "206" with each offset+length */
};

static void describe(enum http_ranges_result result, const struct http_ranges *ranges,
                     char ret_text[static TEXT])
{
    static const char *const statuses[] = {
        [HTTP_RANGES_WHOLE] = "200",
        [HTTP_RANGES_PARTIAL] = "206",
        [HTTP_RANGES_UNSATISFIABLE] = "416",
    };
    size_t count = result == HTTP_RANGES_PARTIAL ? ranges->count : 0;
    int used = snprintf(ret_text, TEXT, "%s", statuses[result]);

    for (size_t i = 0; i < count; i++) {
        used += snprintf(ret_text + used, TEXT - (size_t)used, " %" PRIu64 "+%" PRIu64,
                         ranges->items[i].offset, ranges->items[i].length);
    }
}

static void expect_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct http_ranges ranges;
        size_t length = strlen(rows[i].value);
        const struct http_span value = {moved_memory(rows[i].value, length), length};
        enum http_ranges_result result = http_ranges_parse(value, rows[i].length, &ranges);
        char text[TEXT];
        describe(result, &ranges, text);
        ck_assert_msg(strcmp(text, rows[i].expected) == 0,
                      "'%s' of %" PRIu64 " bytes: expected %s, got %s", rows[i].value,
                      rows[i].length, rows[i].expected, text);
    }
}

#define EXPECT_ROWS(rows) expect_rows(rows, sizeof(rows) / sizeof(rows)[0])

START_TEST(one_range_is_found)
{
    static const struct row rows[] = {
        {"bytes=0-0", 100, "206 0+1"},
        {"bytes=0-99", 100, "206 0+100"},
        {"bytes=0-", 100, "206 0+100"},
        {"bytes=99-", 100, "206 99+1"},
        {"bytes=99-99", 100, "206 99+1"},
        {"bytes=10-19", 100, "206 10+10"},
        {"bytes=010-0019", 100, "206 10+10"},
        {"bytes=90-100", 100, "206 90+10"},
        {"bytes=90-1000000", 100, "206 90+10"},
        {"bytes=-1", 100, "206 99+1"},
        {"bytes=-100", 100, "206 0+100"},
        {"bytes=-101", 100, "206 0+100"},
        {"bytes=0-0", 1, "206 0+1"},
        {"bytes=-1", 1, "206 0+1"},
        {"BYTES=1-2", 100, "206 1+2"},
        {"Bytes=-5", 100, "206 95+5"},
    };

    EXPECT_ROWS(rows);
}
END_TEST

START_TEST(several_ranges_keep_their_order)
{
    static const struct row rows[] = {
        {"bytes=0-0,-1", 100, "206 0+1 99+1"},
        {"bytes=50-59,0-9", 100, "206 50+10 0+10"},
        {"bytes=0-0 , 5-5", 100, "206 0+1 5+1"},
        {"bytes=0-0\t,\t5-5", 100, "206 0+1 5+1"},
        {"bytes=0-0,,,5-5", 100, "206 0+1 5+1"},
        {"bytes=,0-0", 100, "206 0+1"},
        {"bytes=, ,0-0, ,", 100, "206 0+1"},
        {"bytes=0-0,100-", 100, "206 0+1"},
        {"bytes=200-300,0-0,-0,500-", 100, "206 0+1"},
        {"bytes=0-49,50-99", 100, "206 0+50 50+50"},
        {"bytes=0-0,-1", 2, "206 0+1 1+1"},
        {"bytes=0-,100-", 100, "206 0+100"},
    };

    EXPECT_ROWS(rows);
}
END_TEST

START_TEST(what_is_not_in_the_file_is_416)
{
    static const struct row rows[] = {
        {"bytes=100-", 100, "416"},
        {"bytes=100-200", 100, "416"},
        {"bytes=-0", 100, "416"},
        {"bytes=-00", 100, "416"},
        {"bytes=100-,-0,300-400", 100, "416"},
        {"bytes=0-", 0, "416"},
        {"bytes=0-0", 0, "416"},
        {"bytes=-0", 0, "416"},
    };

    EXPECT_ROWS(rows);
}
END_TEST

/* The end of an empty file can be had, but no Content-Range could say it. */
START_TEST(the_end_of_an_empty_file_is_all_of_it)
{
    static const struct row rows[] = {
        {"bytes=-1", 0, "200"},
        {"bytes=-" THIRTY_DIGITS, 0, "200"},
        {"bytes=0-0,-5", 0, "200"},
        {"bytes=-5,0-0", 0, "200"},
    };

    EXPECT_ROWS(rows);
}
END_TEST

START_TEST(anything_invalid_is_as_if_it_were_not_there)
{
    static const struct row rows[] = {
        {"", 100, "200"},
        {"bytes", 100, "200"},
        {"bytes=", 100, "200"},
        {"bytes=,", 100, "200"},
        {"bytes=,,  ,", 100, "200"},
        {"bytes=-", 100, "200"},
        {"bytes=--1", 100, "200"},
        {"bytes=-1-", 100, "200"},
        {"bytes=5-2", 100, "200"},
        {"bytes=500-200", 100, "200"},
        {"bytes=5", 100, "200"},
        {"bytes=a-b", 100, "200"},
        {"bytes=0-b", 100, "200"},
        {"bytes=0-1x", 100, "200"},
        {"bytes=0x0-1", 100, "200"},
        {"bytes=+0-1", 100, "200"},
        {"bytes=0--1", 100, "200"},
        {"bytes=0-1-2", 100, "200"},
        {"bytes=1.0-2", 100, "200"},
        {"bytes=0 -1", 100, "200"},
        {"bytes=0- 1", 100, "200"},
        {"bytes=- 1", 100, "200"},
        {"bytes=0-1 2-3", 100, "200"},
        {"bytes=0-1;2-3", 100, "200"},
        {"bytes= 0-1", 100, "200"},
        {"bytes=\t0-1", 100, "200"},
        {"bytes =0-1", 100, "200"},
        {" bytes=0-", 100, "200"},
        {"bytes:0-1", 100, "200"},
        {"bytes=0-1,5-2", 100, "200"},
        {"bytes=5-2,0-1", 100, "200"},
        {"bytes=0-1,x", 100, "200"},
        {"bytes=100-,x", 100, "200"},
        {"bytes=\"0-1\"", 100, "200"},
        {"bytes=*", 100, "200"},
        {"byte=0-1", 100, "200"},
        {"items=0-1", 100, "200"},
        {"none", 100, "200"},
        {"bytesx=0-1", 100, "200"},
        {"bytes=bytes=0-1", 100, "200"},
        {"bytes 0-1/100", 100, "200"},
    };

    EXPECT_ROWS(rows);
}
END_TEST

START_TEST(numbers_too_large_for_64_bits_are_as_good_as_the_largest)
{
    static const struct row rows[] = {
        {"bytes=0-18446744073709551614", 100, "206 0+100"},
        {"bytes=0-18446744073709551615", 100, "206 0+100"},
        {"bytes=0-18446744073709551616", 100, "206 0+100"},
        {"bytes=0-18446744073709551617", 100, "206 0+100"},
        {"bytes=0-" THIRTY_DIGITS, 100, "206 0+100"},
        {"bytes=18446744073709551615-", 100, "416"},
        {"bytes=18446744073709551616-", 100, "416"},
        {"bytes=18446744073709551617-18446744073709551618", 100, "416"},
        {"bytes=" THIRTY_DIGITS "-", 100, "416"},
        {"bytes=" THIRTY_DIGITS "-" THIRTY_DIGITS, 100, "416"},
        {"bytes=18446744073709551616-5", 100, "200"},
        {"bytes=-18446744073709551615", 100, "206 0+100"},
        {"bytes=-18446744073709551616", 100, "206 0+100"},
        {"bytes=-" THIRTY_DIGITS, 100, "206 0+100"},
        {"bytes=9223372036854775806-", INT64_MAX, "206 9223372036854775806+1"},
        {"bytes=0-9223372036854775807", INT64_MAX, "206 0+9223372036854775807"},
        {"bytes=1-18446744073709551615", UINT64_MAX, "206 1+18446744073709551614"},
        {"bytes=0-,0-", UINT64_MAX, "200"},
    };

    EXPECT_ROWS(rows);
}
END_TEST

START_TEST(what_would_cost_too_much_is_the_whole_file)
{
    static const struct row rows[] = {
        {"bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16,18-18,20-20,22-22,24-24,26-26,28-28,"
         "30-30",
         100, "206 0+1 2+1 4+1 6+1 8+1 10+1 12+1 14+1 16+1 18+1 20+1 22+1 24+1 26+1 28+1 30+1"},
        {"bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16,18-18,20-20,22-22,24-24,26-26,28-28,"
         "30-30,32-32",
         100, "200"},
        {"bytes=200-,200-,200-,200-,200-,200-,200-,200-,200-,200-,200-,200-,200-,200-,200-,200-,"
         "200-",
         100, "200"},
        {"bytes=0-9,5-14", 100, "206 0+10 5+10"},
        {"bytes=0-9,0-9", 100, "206 0+10 0+10"},
        {"bytes=0-9,9-9", 100, "206 0+10 9+1"},
        {"bytes=0-9,5-14,10-19", 100, "200"},
        {"bytes=0-9,0-9,0-9", 100, "200"},
        {"bytes=0-9,50-59,55-64,5-14", 100, "200"},
        {"bytes=0-9,10-19,20-29,30-39", 100, "206 0+10 10+10 20+10 30+10"},
        {"bytes=30-39,20-29,10-19,0-9", 100, "206 30+10 20+10 10+10 0+10"},
        {"bytes=0-9,5-14,50-59", 100, "206 0+10 5+10 50+10"},
        {"bytes=0-,0-", 100, "200"},
        {"bytes=0-49,49-99", 100, "200"},
        {"bytes=0-0,-1", 1, "200"},
    };

    EXPECT_ROWS(rows);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http_ranges");
    TCase *ranges = tcase_create("ranges");

    tcase_add_test(ranges, one_range_is_found);
    tcase_add_test(ranges, several_ranges_keep_their_order);
    tcase_add_test(ranges, what_is_not_in_the_file_is_416);
    tcase_add_test(ranges, the_end_of_an_empty_file_is_all_of_it);
    tcase_add_test(ranges, anything_invalid_is_as_if_it_were_not_there);
    tcase_add_test(ranges, numbers_too_large_for_64_bits_are_as_good_as_the_largest);
    tcase_add_test(ranges, what_would_cost_too_much_is_the_whole_file);
    suite_add_tcase(suite, ranges);
    return run_suite(suite);
}
