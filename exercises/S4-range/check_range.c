/* run-under: thread */
/*
 * The grader of S4-range. Each value lies between two pages that cannot be read, so that who looks
 * for a NUL behind it is seen.
 */
#include "byte_range.h"
#include "grader.h"
#include "guarded.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char THREADS[] = "any thread may call it, also at the same time (contract, thread)";
static const char UNIT[] =
    "a field in another unit, or one that is malformed anywhere, is as if it were not there: 200 "
    "(contract, 2 and 3)";
static const char ONE[] = "a range in the file: 206 with its first and last byte (contract, 4)";
static const char CLAMP[] =
    "what reaches over the end goes up to the end; -N with a large N is all of it (contract, 4)";
static const char NONE[] = "no byte of any range is in the file: 416 (contract, 5)";
static const char LIST[] =
    "white space only beside commas; empty items are passed over, but not alone (contract, 2)";
static const char LARGE[] =
    "a number that is too large for 64 bits is as good as 2^64 - 1, it does not wrap (contract, 6)";
static const char JOIN[] =
    "ranges that together are one piece, in any order: 206 with that piece (contract, 7)";
static const char GAP[] = "ranges with a gap between them: 200 with all of it (contract, 7)";
static const char MANY[] = "more than 8 ranges: 200 (contract, 8)";
static const char EMPTY[] =
    "of an empty file -N is all, which only 200 can say; F- and F-L are not in it (contract, 9)";
static const char FIELD[] =
    "Content-Range is 'bytes FIRST-LAST/SIZE' with 206, 'bytes */SIZE' with 416, else empty "
    "(contract, 1)";
static const char BOUNDS[] = "only the bytes of the value are there, and no NUL (contract, 2)";

struct range_case {
    const char *value;
    uint64_t size;
    int status;
    uint64_t first;
    uint64_t last;
    const char *rule;
};

static void expect_content_range(const struct range_case *one, const struct range_answer *answer)
{
    char expected[sizeof answer->content_range] = "";

    if (one->status == 206) {
        snprintf(expected, sizeof expected, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, one->first,
                 one->last, one->size);
    } else if (one->status == 416) {
        snprintf(expected, sizeof expected, "bytes */%" PRIu64, one->size);
    }
    bool ends = memchr(answer->content_range, '\0', sizeof answer->content_range) != NULL;
    grader_expect(ends && strcmp(answer->content_range, expected) == 0, FIELD,
                  "Range: %s, of %" PRIu64 " bytes: expected Content-Range '%s', got '%.*s'",
                  one->value, one->size, expected, (int)sizeof answer->content_range,
                  answer->content_range);
}

static void expect_answer(const struct range_case *one)
{
    for (enum guarded_side side = 0; side < GUARDED_SIDES; side++) {
        struct range_answer answer;
        size_t length = strlen(one->value);
        memset(&answer, 0xDB, sizeof answer);
        grader_step("Range: %s, of %" PRIu64 " bytes", one->value, one->size);
        const char *value = guarded_copy(one->value, length, side, BOUNDS);
        range_decide(value, length, one->size, &answer);
        grader_expect(answer.status == one->status, one->rule,
                      "Range: %s, of %" PRIu64 " bytes: expected status %d, got %d", one->value,
                      one->size, one->status, answer.status);
        if (one->status == 206) {
            grader_expect(answer.first == one->first && answer.last == one->last, one->rule,
                          "Range: %s, of %" PRIu64 " bytes: expected bytes %" PRIu64 " to %" PRIu64
                          ", got %" PRIu64 " to %" PRIu64,
                          one->value, one->size, one->first, one->last, answer.first, answer.last);
        }
        expect_content_range(one, &answer);
    }
}

#define EXPECT_ALL(cases)                                                                          \
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases)[0]; i++) {                                \
        expect_answer(&(cases)[i]);                                                                \
    }

START_TEST(another_unit_is_ignored)
{
    static const struct range_case cases[] = {
        {"items=0-4", 10, 200, 0, 0, UNIT}, {"bytesx=0-4", 10, 200, 0, 0, UNIT},
        {"byte=0-4", 10, 200, 0, 0, UNIT},  {"bytes", 10, 200, 0, 0, UNIT},
        {"0-4", 10, 200, 0, 0, UNIT},       {"", 10, 200, 0, 0, UNIT},
    };

    EXPECT_ALL(cases);
}
END_TEST

START_TEST(one_range_is_206)
{
    static const struct range_case cases[] = {
        {"bytes=0-4", 10, 206, 0, 4, ONE},
        {"bytes=3-3", 10, 206, 3, 3, ONE},
        {"bytes=0-0", 1, 206, 0, 0, ONE},
        {"bytes=0-9", 10, 206, 0, 9, ONE},
        {"bytes=4-", 10, 206, 4, 9, ONE},
        {"bytes=9-", 10, 206, 9, 9, ONE},
        {"bytes=0-", 10, 206, 0, 9, ONE},
        {"bytes=-1", 10, 206, 9, 9, ONE},
        {"bytes=-4", 10, 206, 6, 9, ONE},
        {"BYTES=1-2", 10, 206, 1, 2, ONE},
        {"bytes=007-008", 10, 206, 7, 8, ONE},
        {"bytes=5000000000-", 5000000001, 206, 5000000000, 5000000000, ONE},
    };

    EXPECT_ALL(cases);
}
END_TEST

START_TEST(a_range_over_the_end_stops_there)
{
    static const struct range_case cases[] = {
        {"bytes=4-10", 10, 206, 4, 9, CLAMP},    {"bytes=9-1000", 10, 206, 9, 9, CLAMP},
        {"bytes=0-99999", 10, 206, 0, 9, CLAMP}, {"bytes=-10", 10, 206, 0, 9, CLAMP},
        {"bytes=-11", 10, 206, 0, 9, CLAMP},     {"bytes=-1000", 10, 206, 0, 9, CLAMP},
    };

    EXPECT_ALL(cases);
}
END_TEST

START_TEST(a_range_behind_the_end_is_416)
{
    static const struct range_case cases[] = {
        {"bytes=10-", 10, 416, 0, 0, NONE},       {"bytes=10-10", 10, 416, 0, 0, NONE},
        {"bytes=10-20", 10, 416, 0, 0, NONE},     {"bytes=-0", 10, 416, 0, 0, NONE},
        {"bytes=-000", 10, 416, 0, 0, NONE},      {"bytes=11-,-0", 10, 416, 0, 0, NONE},
        {"bytes=20-30,10-", 10, 416, 0, 0, NONE}, {"bytes=1-,-0", 1, 416, 0, 0, NONE},
    };

    EXPECT_ALL(cases);
}
END_TEST

START_TEST(a_malformed_field_is_ignored)
{
    static const char *const values[] = {
        "bytes=",      "bytes=-",       "bytes=a-b",   "bytes=0",     "bytes=0--1",  "bytes=--1",
        "bytes=--",    "bytes=+0-1",    "bytes=0-+1",  "bytes=0x1-2", "bytes=1-0x2", "bytes=4-3",
        "bytes=0-1-2", "bytes=0 -1",    "bytes=0- 1",  "bytes= 0-1",  "bytes =0-1",  "bytes=\t0-1",
        "bytes= ,0-1", "bytes=0-1;2-3", "bytes=0-1 2", "bytes=0-1x",  "bytes:0-1",   "bytes=1.0-2",
        "bytes==0-1",  "bytes=0-1=",    "bytes=- 5",   "bytes=1 1-",  "bytes=-5 5",  "bytes=20-19",
    };

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        expect_answer(&(struct range_case){values[i], 10, 200, 0, 0, UNIT});
    }
}
END_TEST

/* Wherever the malformed item stands, and whatever the others are. */
START_TEST(one_malformed_item_is_enough)
{
    static const char *const values[] = {
        "bytes=0-1,x",         "bytes=x,0-1",    "bytes=0-1,1-0", "bytes=4-3,0-1",
        "bytes=20-,x",         "bytes=x,20-",    "bytes=0-1,2",   "bytes=0-9,3-4,-",
        "bytes=0-1,bytes=2-3", "bytes=0-1,,5-4", "bytes=5-4,6-7", "bytes=0-1,2-3,4-5,6-7,9-8",
    };

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        expect_answer(&(struct range_case){values[i], 10, 200, 0, 0, UNIT});
    }
}
END_TEST

START_TEST(a_number_too_large_is_behind_the_end)
{
    static const struct range_case cases[] = {
        {"bytes=0-18446744073709551615", 10, 206, 0, 9, LARGE},
        {"bytes=0-18446744073709551616", 10, 206, 0, 9, LARGE},
        {"bytes=4-18446744073709551617", 10, 206, 4, 9, LARGE},
        {"bytes=0-99999999999999999999999999999999", 10, 206, 0, 9, LARGE},
        {"bytes=18446744073709551615-", 10, 416, 0, 0, LARGE},
        {"bytes=18446744073709551616-", 10, 416, 0, 0, LARGE},
        {"bytes=18446744073709551618-18446744073709551620", 10, 416, 0, 0, LARGE},
        {"bytes=99999999999999999999999999999999-", 10, 416, 0, 0, LARGE},
        {"bytes=-18446744073709551616", 10, 206, 0, 9, LARGE},
        {"bytes=-18446744073709551619", 10, 206, 0, 9, LARGE},
        {"bytes=-9223372036854775808", 10, 206, 0, 9, LARGE},
        {"bytes=18446744073709551613-", UINT64_MAX, 206, UINT64_MAX - 2, UINT64_MAX - 1, LARGE},
        {"bytes=0-18446744073709551615", UINT64_MAX, 206, 0, UINT64_MAX - 1, LARGE},
        {"bytes=18446744073709551615-", UINT64_MAX, 416, 0, 0, LARGE},
        {"bytes=-2", UINT64_MAX, 206, UINT64_MAX - 2, UINT64_MAX - 1, LARGE},
    };

    EXPECT_ALL(cases);
}
END_TEST

START_TEST(a_list_may_have_white_space_and_empty_items)
{
    static const struct range_case cases[] = {
        {"bytes=0-1,", 10, 206, 0, 1, LIST},     {"bytes=,0-1", 10, 206, 0, 1, LIST},
        {"bytes=,,0-1,,", 10, 206, 0, 1, LIST},  {"bytes=0-1 ,", 10, 206, 0, 1, LIST},
        {"bytes=0-1, \t,", 10, 206, 0, 1, LIST}, {"bytes=,\t 0-1", 10, 206, 0, 1, LIST},
        {"bytes=,", 10, 200, 0, 0, LIST},        {"bytes=, ,\t,", 10, 200, 0, 0, LIST},
        {"bytes=,10-", 10, 416, 0, 0, LIST},
    };

    EXPECT_ALL(cases);
}
END_TEST

START_TEST(ranges_that_make_one_piece_are_joined)
{
    static const struct range_case cases[] = {
        {"bytes=0-4,5-9", 10, 206, 0, 9, JOIN},
        {"bytes=0-4,3-6", 10, 206, 0, 6, JOIN},
        {"bytes=0-4,0-4", 10, 206, 0, 4, JOIN},
        {"bytes=0-8,2-3", 10, 206, 0, 8, JOIN},
        {"bytes=2-3,0-8", 10, 206, 0, 8, JOIN},
        {"bytes=5-6, 3-4", 10, 206, 3, 6, JOIN},
        {"bytes=-3\t,\t5-6", 10, 206, 5, 9, JOIN},
        {"bytes=0-,-1", 10, 206, 0, 9, JOIN},
        {"bytes=1-2,20-30", 10, 206, 1, 2, JOIN},
        {"bytes=20-,-0,3-4", 10, 206, 3, 4, JOIN},
        {"bytes=0-0,2-2,1-1", 10, 206, 0, 2, JOIN},
        {"bytes=8-9,0-1,4-5,6-7,2-3", 10, 206, 0, 9, JOIN},
        {"bytes=7-7,0-0,5-5,2-2,3-3,6-6,1-1,4-4", 10, 206, 0, 7, JOIN},
        {"bytes=1-1,9-9,3-3,5-5,7-7,2-8", 10, 206, 1, 9, JOIN},
    };

    EXPECT_ALL(cases);
}
END_TEST

START_TEST(ranges_with_a_gap_get_the_whole)
{
    static const struct range_case cases[] = {
        {"bytes=0-1,3-4", 10, 200, 0, 0, GAP},
        {"bytes=3-4,0-1", 10, 200, 0, 0, GAP},
        {"bytes=0-0,-1", 10, 200, 0, 0, GAP},
        {"bytes=0-1,2-3,5-6", 10, 200, 0, 0, GAP},
        {"bytes=5-6,2-3,0-1", 10, 200, 0, 0, GAP},
        {"bytes=0-3,1-2,5-9,6-7", 10, 200, 0, 0, GAP},
        {"bytes=0-1,20-30,3-", 10, 200, 0, 0, GAP},
        {"bytes=7-7,0-0,5-5,2-2,3-3,6-6,1-1", 10, 200, 0, 0, GAP},
    };

    EXPECT_ALL(cases);
}
END_TEST

START_TEST(nine_ranges_are_too_many)
{
    static const struct range_case cases[] = {
        {"bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7", 10, 206, 0, 7, MANY},
        {"bytes=,0-0,,1-1,,2-2,,3-3,4-4,5-5,6-6,7-7,,", 10, 206, 0, 7, MANY},
        {"bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7,8-8", 10, 200, 0, 0, MANY},
        {"bytes=0-9,0-9,0-9,0-9,0-9,0-9,0-9,0-9,0-9", 10, 200, 0, 0, MANY},
        {"bytes=10-,10-,10-,10-,10-,10-,10-,10-,10-", 10, 200, 0, 0, MANY},
        {"bytes=10-,10-,10-,10-,10-,10-,10-,10-,1-1", 10, 200, 0, 0, MANY},
        {"bytes=10-,10-,10-,10-,10-,10-,10-,1-1", 10, 206, 1, 1, MANY},
    };
    static char many[6 + 4 * 10000 + 1] = "bytes=";

    EXPECT_ALL(cases);
    for (size_t at = 6; at < sizeof many - 1; at += 4) {
        memcpy(many + at, "0-0,", 4);
    }
    struct range_answer answer;
    grader_step("Range: bytes=0-0,0-0,… and so on, ten thousand times");
    range_decide(guarded_copy(many, sizeof many - 1, GUARDED_END, BOUNDS), sizeof many - 1, 10,
                 &answer);
    grader_expect(answer.status == 200, MANY, "expected status 200, got %d", answer.status);
}
END_TEST

START_TEST(an_empty_file_has_nothing_to_cut)
{
    static const struct range_case cases[] = {
        {"bytes=0-", 0, 416, 0, 0, EMPTY},    {"bytes=0-0", 0, 416, 0, 0, EMPTY},
        {"bytes=-0", 0, 416, 0, 0, EMPTY},    {"bytes=5-9,0-", 0, 416, 0, 0, EMPTY},
        {"bytes=-1", 0, 200, 0, 0, EMPTY},    {"bytes=-18446744073709551616", 0, 200, 0, 0, EMPTY},
        {"bytes=0-,-1", 0, 200, 0, 0, EMPTY},
    };

    EXPECT_ALL(cases);
}
END_TEST

/* What has to come of it is checked elsewhere; here two threads ask at once, and agree. */
static void *ask(void *argument)
{
    bool *ret_same = argument;
    static const char value[] = "bytes=4-5,0-1,2-3,6-";

    for (int i = 0; i < 1000; i++) {
        struct range_answer answer;
        range_decide(value, sizeof value - 1, 10, &answer);
        *ret_same = *ret_same && answer.status == 206 && answer.first == 0 && answer.last == 9;
    }
    return NULL;
}

START_TEST(two_threads_may_ask_at_once)
{
    bool same[2] = {true, true};
    pthread_t threads[2];

    grader_step("two threads ask for the same, a thousand times each");
    for (int i = 0; i < 2; i++) {
        int error = pthread_create(&threads[i], NULL, ask, &same[i]);
        ck_assert_msg(error == 0, "the grader has no thread");
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    grader_expect(same[0] && same[1], THREADS,
                  "expected the same answer each time, got another one");
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("ranges", NULL, NULL);
    grader_add(another_unit_is_ignored);
    grader_add(one_range_is_206);
    grader_add(a_range_over_the_end_stops_there);
    grader_add(a_range_behind_the_end_is_416);
    grader_add(a_malformed_field_is_ignored);
    grader_add(one_malformed_item_is_enough);
    grader_add(a_number_too_large_is_behind_the_end);
    grader_add(a_list_may_have_white_space_and_empty_items);
    grader_add(ranges_that_make_one_piece_are_joined);
    grader_add(ranges_with_a_gap_get_the_whole);
    grader_add(nine_ranges_are_too_many);
    grader_add(an_empty_file_has_nothing_to_cut);
    grader_add(two_threads_may_ask_at_once);
    return grader_run(argc, argv);
}
