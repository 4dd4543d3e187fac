/*
 * The grader of S4-split. Every piece lies between two pages that cannot be read, and is gone when
 * the next one comes.
 */
#include "check_feeding.h"

#include "escaped.h"
#include "grader.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

static const char RESULTS[] =
    "text is the line without its end, and the other numbers say what is in it (contract, 1)";
static const char OWN[] =
    "all that is remembered is in the struct: there are many connections (contract, 6)";
static const char LIMIT[] =
    "a line has at most 8,000 bytes without its end; the next one that is not the CR is bad "
    "(contract, 2)";
static const char ONCE[] =
    "the work is in proportion to the bytes, however they are cut (contract, 7)";

static const struct line_case good[] = {
    {"GET / HTTP/1.1\r\n", LINE_COMPLETE, 16, 3, 1, 1},
    {"GET /hello HTTP/1.0\r\nHost: a\r\n\r\n", LINE_COMPLETE, 21, 3, 6, 0},
    {"DELETE /a?b=c&d=~!#\"{} HTTP/1.9\r\n", LINE_COMPLETE, 33, 6, 15, 9},
    {"A /HTTP/1.1 HTTP/1.1\r\nGET / HTTP/1.1\r\n", LINE_COMPLETE, 22, 1, 9, 1},
    {"ABCDEFGHIJKLMNOP // HTTP/1.5\r\n\r\n", LINE_COMPLETE, 30, 16, 2, 5},
};

static const struct line_case bad[] = {
    {"get / HTTP/1.1\r\n", LINE_BAD, 0, 0, 0, 0},
    {" GET / HTTP/1.1\r\n", LINE_BAD, 0, 0, 0, 0},
    {"\x16\x03\x01 a client that speaks TLS", LINE_BAD, 0, 0, 0, 0},
    {"\r\nGET / HTTP/1.1\r\n", LINE_BAD, 0, 0, 0, 0},
    {"GE[ / HTTP/1.1\r\n", LINE_BAD, 2, 0, 0, 0},
    {"ABCDEFGHIJKLMNOPQ / HTTP/1.1\r\n", LINE_BAD, 16, 0, 0, 0},
    {"GET\t/ HTTP/1.1\r\n", LINE_BAD, 3, 0, 0, 0},
    {"GET  / HTTP/1.1\r\n", LINE_BAD, 4, 0, 0, 0},
    {"GET hello HTTP/1.1\r\n", LINE_BAD, 4, 0, 0, 0},
    {"OPTIONS * HTTP/1.1\r\n", LINE_BAD, 8, 0, 0, 0},
    {"GET http://a/ HTTP/1.1\r\n", LINE_BAD, 4, 0, 0, 0},
    {"GET\r\n", LINE_BAD, 3, 0, 0, 0},
    {"GET /\r\n", LINE_BAD, 5, 0, 0, 0},
    {"GET /a\tb HTTP/1.1\r\n", LINE_BAD, 6, 0, 0, 0},
    {"GET /\x7f HTTP/1.1\r\n", LINE_BAD, 5, 0, 0, 0},
    {"GET /\xc3\xa9 HTTP/1.1\r\n", LINE_BAD, 5, 0, 0, 0},
    {"GET /a  HTTP/1.1\r\n", LINE_BAD, 7, 0, 0, 0},
    {"GET /a b HTTP/1.1\r\n", LINE_BAD, 7, 0, 0, 0},
    {"GET /a http/1.1\r\n", LINE_BAD, 7, 0, 0, 0},
    {"GET /a HTTP/2.0\r\n", LINE_BAD, 12, 0, 0, 0},
    {"GET /a HTTP/1.\r\n", LINE_BAD, 14, 0, 0, 0},
    {"GET /a HTTP/1.:\r\n", LINE_BAD, 14, 0, 0, 0},
    {"GET /a HTTP/1.11\r\n", LINE_BAD, 15, 0, 0, 0},
    {"GET /a HTTP/1.1 \r\n", LINE_BAD, 15, 0, 0, 0},
    {"GET /a HTTP/1.1\nHost: a\r\n", LINE_BAD, 15, 0, 0, 0},
    {"GET /a HTTP/1.1\rHost: a\r\n", LINE_BAD, 16, 0, 0, 0},
    {"GET /a HTTP/1.1\r\r\n", LINE_BAD, 16, 0, 0, 0},
};

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static void expect_whole(const struct line_case *expected)
{
    size_t length = strlen(expected->bytes);

    for (enum guarded_side side = 0; side < GUARDED_SIDES; side++) {
        struct request_line *line = fresh_line();
        grader_step("feeding '%s' in one piece", escaped(expected->bytes, length));
        struct outcome outcome = feed(line, expected->bytes, length, side);
        expect_outcome(expected, outcome, LINE_THREE);
        expect_line(expected, line, RESULTS);
    }
}

/* Cut in two at each place; empty pieces included. */
static void expect_splits(const struct line_case *expected)
{
    size_t length = strlen(expected->bytes);

    grader_step("feeding '%s', cut in two at each place", escaped(expected->bytes, length));
    for (size_t cut = 0; cut <= length; cut++) {
        for (enum guarded_side side = 0; side < GUARDED_SIDES; side++) {
            struct request_line *line = fresh_line();
            struct outcome outcome =
                feed_cut(line, expected->bytes, length, (struct cuts){cut, length}, side);
            if (outcome.progress != expected->progress || outcome.used != expected->used) {
                grader_step("feeding '%s', then '%s'", escaped(expected->bytes, cut),
                            escaped(expected->bytes + cut, length - cut));
            }
            expect_outcome(expected, outcome, LINE_SPLIT);
            expect_line(expected, line, LINE_SPLIT);
        }
    }
}

/* Every byte is a piece, with an empty piece before each. */
static void expect_bytes(const struct line_case *expected)
{
    size_t length = strlen(expected->bytes);
    struct request_line *line = fresh_line();
    struct outcome outcome = {LINE_PARTIAL, 0};

    grader_step("feeding '%s' byte by byte", escaped(expected->bytes, length));
    for (size_t i = 0; i < 2 * length && outcome.progress == LINE_PARTIAL; i++) {
        struct outcome one = feed(line, expected->bytes + i / 2, i % 2, GUARDED_END);
        outcome = (struct outcome){one.progress, outcome.used + one.used};
    }
    expect_outcome(expected, outcome, LINE_SPLIT);
    expect_line(expected, line, LINE_SPLIT);
}

static void expect_three(const struct line_case *expected)
{
    size_t length = strlen(expected->bytes);

    for (struct cuts cuts = {0, 0}; cuts.first <= length; cuts.first++) {
        for (cuts.second = cuts.first; cuts.second <= length; cuts.second++) {
            struct request_line *line = fresh_line();
            struct outcome outcome = feed_cut(line, expected->bytes, length, cuts, GUARDED_END);
            if (outcome.progress != expected->progress || outcome.used != expected->used) {
                grader_step("feeding '%s', cut after %zu and after %zu bytes",
                            escaped(expected->bytes, length), cuts.first, cuts.second);
            }
            expect_outcome(expected, outcome, LINE_SPLIT);
            expect_line(expected, line, LINE_SPLIT);
        }
    }
}

START_TEST(a_whole_line_is_complete)
{
    for (int i = 0; i < COUNT(good); i++) {
        expect_whole(&good[i]);
    }
}
END_TEST

START_TEST(a_line_cut_in_two_gives_the_same_result)
{
    for (int i = 0; i < COUNT(good); i++) {
        expect_splits(&good[i]);
    }
}
END_TEST

START_TEST(a_line_in_many_pieces_gives_the_same_result)
{
    for (int i = 0; i < COUNT(good); i++) {
        expect_bytes(&good[i]);
        expect_three(&good[i]);
    }
}
END_TEST

START_TEST(a_bad_byte_is_noticed_when_it_comes)
{
    for (int i = 0; i < COUNT(bad); i++) {
        expect_whole(&bad[i]);
        /* Nothing comes behind the bad byte: nobody may wait for the end of such a line. */
        size_t length = bad[i].used + 1;
        grader_step("feeding '%s', and nothing else", escaped(bad[i].bytes, length));
        struct outcome outcome = feed(fresh_line(), bad[i].bytes, length, GUARDED_END);
        expect_outcome(&bad[i], outcome, LINE_THREE);
    }
}
END_TEST

/* A NUL cannot stand in the table. Wherever it comes, it is bad. */
START_TEST(a_nul_is_a_byte_like_any_other)
{
    static const char text[] = "GET /hello HTTP/1.1\r\n";

    for (size_t at = 0; at + 1 < sizeof text; at++) {
        char bytes[sizeof text - 1];
        memcpy(bytes, text, sizeof bytes);
        bytes[at] = '\0';
        grader_step("feeding '%s'", escaped(bytes, sizeof bytes));
        struct outcome outcome = feed(fresh_line(), bytes, sizeof bytes, GUARDED_END);
        grader_expect(outcome.progress == LINE_BAD && outcome.used == at, LINE_THREE,
                      "expected LINE_BAD after %zu bytes, got %s after %zu", at,
                      name_of(outcome.progress), outcome.used);
    }
}
END_TEST

START_TEST(a_bad_line_in_pieces_gives_the_same_result)
{
    for (int i = 0; i < COUNT(bad); i++) {
        expect_splits(&bad[i]);
        expect_bytes(&bad[i]);
        expect_three(&bad[i]);
    }
}
END_TEST

START_TEST(lines_of_two_connections_do_not_meet)
{
    static struct request_line lines[2];
    struct outcome outcomes[2] = {{LINE_PARTIAL, 0}, {LINE_PARTIAL, 0}};

    memset(lines, 0, sizeof lines);
    grader_step("feeding two lines, a byte of the one, a byte of the other");
    for (size_t i = 0; i < 2 * strlen(good[2].bytes); i++) {
        int which = (int)(i % 2);
        if (outcomes[which].progress != LINE_PARTIAL) {
            continue;
        }
        struct outcome one = feed(&lines[which], &good[which + 1].bytes[i / 2], 1, GUARDED_END);
        outcomes[which] = (struct outcome){one.progress, outcomes[which].used + one.used};
    }
    for (int which = 0; which < 2; which++) {
        expect_outcome(&good[which + 1], outcomes[which], OWN);
        expect_line(&good[which + 1], &lines[which], OWN);
    }
}
END_TEST

/* A line of so many bytes without its end. Returns its length with the end. */
static size_t make_line(char *bytes, size_t length)
{
    memset(bytes, 'a', length);
    memcpy(bytes, "GET /", 5);
    memcpy(bytes + length - 9, " HTTP/1.1\r\n", 11);
    return length + 2;
}

/* CPU time of this thread, for so many lines of so many bytes, each fed byte by byte. */
static double seconds_for(size_t lines, const char *bytes, size_t length)
{
    struct timespec from;
    struct timespec to;
    size_t used;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    for (size_t i = 0; i < lines; i++) {
        struct request_line *line = fresh_line();
        for (size_t at = 0; at < length; at++) {
            request_line_feed(line, bytes + at, 1, &used);
        }
    }
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

/*
 * The same number of bytes, as one long line and as many short ones. Who starts from the beginning
 * with each byte needs for the long line as many times more as it is longer. Of several
 * measurements the fastest is the one that was disturbed least.
 */
START_TEST(no_byte_is_looked_at_again_and_again)
{
    enum { TIMES = 16, ROUNDS = 5, MOST = 4 };
    char bytes[REQUEST_LINE_MAX + 2];
    char one_short[REQUEST_LINE_MAX / TIMES + 2];
    double fastest_long = 1e9;
    double fastest_short = 1e9;
    size_t length = make_line(bytes, REQUEST_LINE_MAX);
    size_t short_length = make_line(one_short, REQUEST_LINE_MAX / TIMES);

    grader_step("feeding %d lines of %d bytes, then one of %d, byte by byte", TIMES,
                REQUEST_LINE_MAX / TIMES, REQUEST_LINE_MAX);
    for (int round = 0; round < ROUNDS; round++) {
        double now = seconds_for(TIMES, one_short, short_length);
        fastest_short = now < fastest_short ? now : fastest_short;
        now = seconds_for(1, bytes, length);
        fastest_long = now < fastest_long ? now : fastest_long;
    }
    grader_expect(fastest_long < MOST * fastest_short, ONCE,
                  "expected the one to cost what the %d cost together, it cost %.1f times that",
                  TIMES, fastest_long / fastest_short);
}
END_TEST

START_TEST(the_limit_is_8000_bytes)
{
    char bytes[REQUEST_LINE_MAX + 64];

    for (size_t size = REQUEST_LINE_MAX - 2; size <= REQUEST_LINE_MAX + 12; size++) {
        size_t length = make_line(bytes, size);
        bool is_good = size <= REQUEST_LINE_MAX;
        size_t end = is_good ? length : REQUEST_LINE_MAX;
        grader_step("feeding a line of %zu bytes, cut near its end", size);
        for (size_t cut = REQUEST_LINE_MAX - 12; cut <= length; cut++) {
            struct request_line *line = fresh_line();
            struct outcome outcome =
                feed_cut(line, bytes, length, (struct cuts){cut, length}, GUARDED_END);
            grader_expect(outcome.progress == (is_good ? LINE_COMPLETE : LINE_BAD), LIMIT,
                          "expected %s, got %s", name_of(is_good ? LINE_COMPLETE : LINE_BAD),
                          name_of(outcome.progress));
            grader_expect(outcome.used == end, LIMIT, "expected it after %zu bytes, got %zu", end,
                          outcome.used);
            bool is_text = !is_good || (line->length == size && line->target_length == size - 13 &&
                                        memcmp(line->text, bytes, size) == 0);
            grader_expect(is_text, RESULTS,
                          "expected all %zu bytes in text, and a target of %zu; got %zu, and %zu",
                          size, size - 13, line->length, line->target_length);
        }
    }
}
END_TEST

START_TEST(a_line_that_never_ends_is_refused)
{
    char bytes[REQUEST_LINE_MAX + 1000];
    struct request_line *line = fresh_line();
    struct outcome outcome = {LINE_PARTIAL, 0};

    make_line(bytes, sizeof bytes - 2);
    grader_step("feeding 'GET /aaaa…' in pieces of 100 bytes, without end");
    for (size_t at = 0; at < sizeof bytes - 100 && outcome.progress == LINE_PARTIAL; at += 100) {
        struct outcome one = feed(line, bytes + at, 100, GUARDED_END);
        outcome = (struct outcome){one.progress, outcome.used + one.used};
    }
    grader_expect(outcome.progress == LINE_BAD && outcome.used == REQUEST_LINE_MAX, LIMIT,
                  "expected LINE_BAD after 8000 bytes, got %s after %zu", name_of(outcome.progress),
                  outcome.used);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("request lines", NULL, NULL);
    grader_add(a_whole_line_is_complete);
    grader_add(a_line_cut_in_two_gives_the_same_result);
    grader_add(a_line_in_many_pieces_gives_the_same_result);
    grader_add(a_bad_byte_is_noticed_when_it_comes);
    grader_add(a_nul_is_a_byte_like_any_other);
    grader_add(a_bad_line_in_pieces_gives_the_same_result);
    grader_add(lines_of_two_connections_do_not_meet);
    grader_add(no_byte_is_looked_at_again_and_again);
    grader_add(the_limit_is_8000_bytes);
    grader_add(a_line_that_never_ends_is_refused);
    return grader_run(argc, argv);
}
