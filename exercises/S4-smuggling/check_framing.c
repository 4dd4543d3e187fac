/* run-under: thread */
/* The grader of S4-smuggling: heads, and what has to come of them. */
#include "check_message.h"

#include "grader.h"

#include <pthread.h>

static const char THREADS[] = "any thread may call it, also at the same time (contract, thread)";
static const char LINES[] =
    "a name that is no token, or a CR, LF or NUL in a value, is refused, whatever field it is "
    "(contract, 1)";
static const char BODILESS[] =
    "responses to HEAD, with 1xx, 204 or 304 have no body, whatever the other fields say "
    "(contract, 2)";
static const char NUMBER[] =
    "Content-Length is digits, of a number below 2^64; nothing else is a length (contract, 3)";
static const char REPEATED[] =
    "several lengths, in a list or in lines, are one if they all are the same number; else refused "
    "(contract, 3)";
static const char CODING[] =
    "Transfer-Encoding: the lines are one list of tokens; 'chunked' is its last, and only once; a "
    "request without that is refused, a response ends with the connection (contract, 4)";
static const char BOTH[] =
    "Transfer-Encoding with a Content-Length, or in HTTP/1.0, is refused (contract, 5)";
static const char NEITHER[] =
    "without either field a request has no body, and a response ends with the connection "
    "(contract, 6)";
static const char NAMES[] = "names and codings are compared whole, whatever the case (contract, 7)";

static void expect_request(const struct framing_case *one)
{
    expect_message(one, 0, false, 1);
}

static void expect_response(const struct framing_case *one)
{
    expect_message(one, 200, false, 1);
}

#define EXPECT_ALL(expect, cases)                                                                  \
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases)[0]; i++) {                                \
        expect(&(cases)[i]);                                                                       \
    }

START_TEST(without_fields_the_kind_of_message_decides)
{
    static const struct framing_case request = {"Host: a", FRAMING_NONE, 0, NEITHER};
    static const struct framing_case response = {"Server: a", FRAMING_UNTIL_CLOSE, 0, NEITHER};
    static const struct framing_case nothing = {"", FRAMING_NONE, 0, NEITHER};

    for (int minor = 0; minor < 2; minor++) {
        expect_message(&request, 0, false, minor);
        expect_message(&response, 200, false, minor);
        expect_message(&response, 404, false, minor);
        expect_message(&nothing, 0, false, minor);
    }
}
END_TEST

START_TEST(a_length_is_a_number)
{
    static const struct framing_case cases[] = {
        {"Content-Length: 5", FRAMING_LENGTH, 5, NUMBER},
        {"Host: a|Content-Length:0|Accept: b", FRAMING_LENGTH, 0, NUMBER},
        {"Content-Length: \t 42 \t", FRAMING_LENGTH, 42, NUMBER},
        {"Content-Length: 0005", FRAMING_LENGTH, 5, NUMBER},
        {"Content-Length: 18446744073709551615", FRAMING_LENGTH, UINT64_MAX, NUMBER},
        {"Content-Length: 00000000000000000000000000000000007", FRAMING_LENGTH, 7, NUMBER},
    };

    EXPECT_ALL(expect_request, cases);
    EXPECT_ALL(expect_response, cases);
}
END_TEST

START_TEST(what_is_no_number_is_refused)
{
    static const struct framing_case cases[] = {
        {"Content-Length: +5", FRAMING_REFUSED, 0, NUMBER},
        {"Content-Length: -5", FRAMING_REFUSED, 0, NUMBER},
        {"Content-Length: 0x5", FRAMING_REFUSED, 0, NUMBER},
        {"Content-Length: 5 5", FRAMING_REFUSED, 0, NUMBER},
        {"Content-Length: 5x", FRAMING_REFUSED, 0, NUMBER},
        {"Content-Length: 5.0", FRAMING_REFUSED, 0, NUMBER},
        {"Content-Length: 5;a=b", FRAMING_REFUSED, 0, NUMBER},
        {"Content-Length: \"5\"", FRAMING_REFUSED, 0, NUMBER},
        {"Content-Length:", FRAMING_REFUSED, 0, NUMBER},
        {"Content-Length:  \t", FRAMING_REFUSED, 0, NUMBER},
        {"Content-Length: \v5", FRAMING_REFUSED, 0, NUMBER},
        {"Content-Length: 5\f", FRAMING_REFUSED, 0, NUMBER},
        {"Content-Length: five", FRAMING_REFUSED, 0, NUMBER},
        {"Content-Length: \xc2\xa0"
         "5",
         FRAMING_REFUSED, 0, NUMBER},
    };

    EXPECT_ALL(expect_request, cases);
    EXPECT_ALL(expect_response, cases);
}
END_TEST

START_TEST(a_length_beyond_64_bits_is_refused)
{
    static const struct framing_case cases[] = {
        {"Content-Length: 18446744073709551616", FRAMING_REFUSED, 0, NUMBER},
        {"Content-Length: 18446744073709551621", FRAMING_REFUSED, 0, NUMBER},
        {"Content-Length: 18446744073709551625", FRAMING_REFUSED, 0, NUMBER},
        {"Content-Length: 30000000000000000000", FRAMING_REFUSED, 0, NUMBER},
        {"Content-Length: 36893488147419103237", FRAMING_REFUSED, 0, NUMBER},
        {"Content-Length: 184467440737095516150", FRAMING_REFUSED, 0, NUMBER},
        {"Content-Length: 99999999999999999999999999999999999999", FRAMING_REFUSED, 0, NUMBER},
        {"Content-Length: 18446744073709551616, 18446744073709551616", FRAMING_REFUSED, 0, NUMBER},
    };

    EXPECT_ALL(expect_request, cases);
    EXPECT_ALL(expect_response, cases);
}
END_TEST

START_TEST(several_lengths_are_one_or_none)
{
    static const struct framing_case cases[] = {
        {"Content-Length: 5, 5", FRAMING_LENGTH, 5, REPEATED},
        {"Content-Length: 5\t,5 ,\t5", FRAMING_LENGTH, 5, REPEATED},
        {"Content-Length: 5,05", FRAMING_LENGTH, 5, REPEATED},
        {"Content-Length: 5|Host: a|content-length: 5", FRAMING_LENGTH, 5, REPEATED},
        {"Content-Length: 0|Content-Length: 0", FRAMING_LENGTH, 0, REPEATED},
        {"Content-Length: 5, 5|Content-Length: 5", FRAMING_LENGTH, 5, REPEATED},
        {"Content-Length: 5, 6", FRAMING_REFUSED, 0, REPEATED},
        {"Content-Length: 5|Content-Length: 6", FRAMING_REFUSED, 0, REPEATED},
        {"Content-Length: 0|Content-Length: 5", FRAMING_REFUSED, 0, REPEATED},
        {"Content-Length: 5|Host: a|CONTENT-LENGTH: 50", FRAMING_REFUSED, 0, REPEATED},
        {"Content-Length: 5, 5|Content-Length: 5, 6", FRAMING_REFUSED, 0, REPEATED},
        {"Content-Length: 5|Content-Length: 5|Content-Length: 7", FRAMING_REFUSED, 0, REPEATED},
        {"Content-Length: 5|Content-Length: +5", FRAMING_REFUSED, 0, REPEATED},
        {"Content-Length: x|Content-Length: 5", FRAMING_REFUSED, 0, REPEATED},
        {"Content-Length: 5|Content-Length:", FRAMING_REFUSED, 0, REPEATED},
        {"Content-Length: 5,", FRAMING_REFUSED, 0, REPEATED},
        {"Content-Length: ,5", FRAMING_REFUSED, 0, REPEATED},
        {"Content-Length: 5,,5", FRAMING_REFUSED, 0, REPEATED},
        {"Content-Length: ,", FRAMING_REFUSED, 0, REPEATED},
    };

    EXPECT_ALL(expect_request, cases);
    EXPECT_ALL(expect_response, cases);
}
END_TEST

START_TEST(chunked_is_the_last_coding)
{
    static const struct framing_case cases[] = {
        {"Transfer-Encoding: chunked", FRAMING_CHUNKED, 0, CODING},
        {"transfer-encoding:\tCHUNKED ", FRAMING_CHUNKED, 0, CODING},
        {"Transfer-Encoding: gzip, chunked", FRAMING_CHUNKED, 0, CODING},
        {"Transfer-Encoding: gzip\t,\tdeflate ,Chunked", FRAMING_CHUNKED, 0, CODING},
        {"Transfer-Encoding: gzip|Host: a|Transfer-Encoding: chunked", FRAMING_CHUNKED, 0, CODING},
        {"Transfer-Encoding: chunked, gzip", FRAMING_REFUSED, 0, CODING},
        {"Transfer-Encoding: chunked, chunked", FRAMING_REFUSED, 0, CODING},
        {"Transfer-Encoding: chunked|Transfer-Encoding: chunked", FRAMING_REFUSED, 0, CODING},
        {"Transfer-Encoding: chunked|Transfer-Encoding: gzip", FRAMING_REFUSED, 0, CODING},
        {"Transfer-Encoding: chunked, gzip, chunked", FRAMING_REFUSED, 0, CODING},
        {"Transfer-Encoding: chunked, identity", FRAMING_REFUSED, 0, CODING},
    };

    EXPECT_ALL(expect_request, cases);
    EXPECT_ALL(expect_response, cases);
}
END_TEST

START_TEST(what_is_not_chunked_ends_with_the_connection_or_not_at_all)
{
    static const char *const heads[] = {
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunkedx",
        "Transfer-Encoding: chunke",
        "Transfer-Encoding: x-chunked, identity",
        "Transfer-Encoding: gzip|Transfer-Encoding: deflate",
    };

    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        expect_request(&(struct framing_case){heads[i], FRAMING_REFUSED, 0, CODING});
        expect_response(&(struct framing_case){heads[i], FRAMING_UNTIL_CLOSE, 0, CODING});
    }
}
END_TEST

START_TEST(a_coding_is_a_token)
{
    static const struct framing_case cases[] = {
        {"Transfer-Encoding:", FRAMING_REFUSED, 0, CODING},
        {"Transfer-Encoding: chunked,", FRAMING_REFUSED, 0, CODING},
        {"Transfer-Encoding: ,chunked", FRAMING_REFUSED, 0, CODING},
        {"Transfer-Encoding: gzip,,chunked", FRAMING_REFUSED, 0, CODING},
        {"Transfer-Encoding: \"chunked\"", FRAMING_REFUSED, 0, CODING},
        {"Transfer-Encoding: chunked;a=b", FRAMING_REFUSED, 0, CODING},
        {"Transfer-Encoding: gzip;q=1, chunked", FRAMING_REFUSED, 0, CODING},
        {"Transfer-Encoding: gzip chunked", FRAMING_REFUSED, 0, CODING},
        {"Transfer-Encoding: \vchunked", FRAMING_REFUSED, 0, CODING},
        {"Transfer-Encoding: chunked\x01", FRAMING_REFUSED, 0, CODING},
        {"Transfer-Encoding: \xff\x63hunked", FRAMING_REFUSED, 0, CODING},
        {"Transfer-Encoding: chunked|Transfer-Encoding:", FRAMING_REFUSED, 0, CODING},
    };

    EXPECT_ALL(expect_request, cases);
    EXPECT_ALL(expect_response, cases);
}
END_TEST

START_TEST(two_ways_to_find_the_end_are_refused)
{
    static const struct framing_case cases[] = {
        {"Transfer-Encoding: chunked|Content-Length: 5", FRAMING_REFUSED, 0, BOTH},
        {"Content-Length: 5|Transfer-Encoding: chunked", FRAMING_REFUSED, 0, BOTH},
        {"content-length: 0|Host: a|TRANSFER-ENCODING: chunked", FRAMING_REFUSED, 0, BOTH},
        {"Transfer-Encoding: gzip|Content-Length: 5", FRAMING_REFUSED, 0, BOTH},
        {"Transfer-Encoding: xchunked|Content-Length: 5", FRAMING_REFUSED, 0, BOTH},
        {"Transfer-Encoding:|Content-Length: 5", FRAMING_REFUSED, 0, BOTH},
        {"Transfer-Encoding: chunked|Content-Length: x", FRAMING_REFUSED, 0, BOTH},
    };
    static const struct framing_case newer = {"Transfer-Encoding: chunked", FRAMING_CHUNKED, 0,
                                              BOTH};
    static const struct framing_case old[] = {
        {"Transfer-Encoding: chunked", FRAMING_REFUSED, 0, BOTH},
        {"Transfer-Encoding: gzip", FRAMING_REFUSED, 0, BOTH},
    };

    EXPECT_ALL(expect_request, cases);
    EXPECT_ALL(expect_response, cases);
    for (int i = 0; i < 2; i++) {
        expect_message(&old[i], 0, false, 0);
        expect_message(&old[i], 200, false, 0);
    }
    expect_message(&newer, 0, false, 2);
    expect_message(&newer, 200, false, 9);
}
END_TEST

START_TEST(some_responses_never_have_a_body)
{
    static const struct framing_case cases[] = {
        {"Content-Length: 5", FRAMING_NONE, 0, BODILESS},
        {"Transfer-Encoding: chunked", FRAMING_NONE, 0, BODILESS},
        {"Transfer-Encoding: chunked|Content-Length: 5", FRAMING_NONE, 0, BODILESS},
        {"Content-Length: x", FRAMING_NONE, 0, BODILESS},
        {"Server: a", FRAMING_NONE, 0, BODILESS},
    };
    static const int statuses[] = {100, 101, 199, 204, 304};
    static const struct framing_case other = {"Content-Length: 5", FRAMING_LENGTH, 5, BODILESS};
    static const int others[] = {200, 205, 206, 301, 303, 305, 404, 500};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t k = 0; k < sizeof statuses / sizeof statuses[0]; k++) {
            expect_message(&cases[i], statuses[k], false, 1);
        }
        expect_message(&cases[i], 200, true, 1);
        expect_message(&cases[i], 200, true, 0);
    }
    for (size_t k = 0; k < sizeof others / sizeof others[0]; k++) {
        grader_step("a response with status %d", others[k]);
        expect_message(&other, others[k], false, 1);
    }
}
END_TEST

START_TEST(a_field_has_all_of_its_name)
{
    static const struct framing_case cases[] = {
        {"Content-Length-X: 5", FRAMING_NONE, 0, NAMES},
        {"X-Content-Length: 5", FRAMING_NONE, 0, NAMES},
        {"Content-Lengt: 5", FRAMING_NONE, 0, NAMES},
        {"Content_Length: 5", FRAMING_NONE, 0, NAMES},
        {"Transfer-Encodin: chunked", FRAMING_NONE, 0, NAMES},
        {"Transfer-Encoding2: chunked", FRAMING_NONE, 0, NAMES},
        {"TE: chunked", FRAMING_NONE, 0, NAMES},
        {"Transfer-Encoding: xchunked, chunked", FRAMING_CHUNKED, 0, NAMES},
        {"X: Content-Length: 5", FRAMING_NONE, 0, NAMES},
        {"cOnTeNt-lEnGtH: 5", FRAMING_LENGTH, 5, NAMES},
        {"Transfer-Encoding2: chunked|Content-Length: 5", FRAMING_LENGTH, 5, NAMES},
    };

    EXPECT_ALL(expect_request, cases);
}
END_TEST

START_TEST(a_line_that_is_no_line_is_refused)
{
    static const struct framing_case cases[] = {
        {"Content-Length : 5", FRAMING_REFUSED, 0, LINES},
        {"Content-Length\t: 5", FRAMING_REFUSED, 0, LINES},
        {" Content-Length: 5", FRAMING_REFUSED, 0, LINES},
        {"Transfer-Encoding : chunked|Content-Length: 5", FRAMING_REFUSED, 0, LINES},
        {"Transfer-Encoding\v: chunked|Content-Length: 5", FRAMING_REFUSED, 0, LINES},
        {": chunked", FRAMING_REFUSED, 0, LINES},
        {"A B: c", FRAMING_REFUSED, 0, LINES},
        {"(a): c", FRAMING_REFUSED, 0, LINES},
        {"\xc3\xa9: c", FRAMING_REFUSED, 0, LINES},
        {"A\x7f: c", FRAMING_REFUSED, 0, LINES},
        {"Content-Length: 5|A B: c", FRAMING_REFUSED, 0, LINES},
        {"Content-Length:\r\n 5", FRAMING_REFUSED, 0, LINES},
        {"Content-Length: 5\r\n\t6", FRAMING_REFUSED, 0, LINES},
        {"Transfer-Encoding:\r\n chunked", FRAMING_REFUSED, 0, LINES},
        {"X: a\nTransfer-Encoding: chunked", FRAMING_REFUSED, 0, LINES},
        {"X: a\rb", FRAMING_REFUSED, 0, LINES},
        {"X: a\r\n b|Content-Length: 5", FRAMING_REFUSED, 0, LINES},
    };

    EXPECT_ALL(expect_request, cases);
    EXPECT_ALL(expect_response, cases);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect_message(&cases[i], 304, false, 1);
        expect_message(&cases[i], 200, true, 1);
    }
}
END_TEST

/* All marks that a token may have, and a NUL, which cannot stand in the tables. */
START_TEST(names_are_tokens_and_values_have_no_nul)
{
    static const struct framing_case good = {
        "!#$%&'*+-.^_`~09azAZ: (b\t\"\xff\")|Content-Length: 5", FRAMING_LENGTH, 5, LINES};
    static const struct framing_case bar = {"", FRAMING_LENGTH, 5, LINES};
    static const struct framing_case refused = {"", FRAMING_REFUSED, 0, LINES};
    struct field_line lines[] = {{{"X|", 2}, {"b", 1}}, {{"Content-Length", 14}, {"5", 1}}};
    const struct message message = {0, false, 1, lines, 2};

    expect_request(&good);
    grader_step("a request with the lines 'X|:b' and 'Content-Length:5'");
    expect_kind(&bar, framing_of(&message));
    lines[0].value = (struct text){"a\0b", 3};
    grader_step("the same, with a NUL in the first value");
    expect_kind(&refused, framing_of(&message));
    lines[0] = (struct field_line){{"X\0", 2}, {"b", 1}};
    grader_step("the same, with a NUL in the first name");
    expect_kind(&refused, framing_of(&message));
    lines[0] = (struct field_line){{"X", 1}, {"b", 1}};
    lines[1].value = (struct text){"5\0", 2};
    grader_step("the same, with a NUL behind the length");
    expect_kind(&refused, framing_of(&message));
}
END_TEST

/* What has to come of it is checked elsewhere; here two threads ask at once, and agree. */
static void *ask(void *argument)
{
    bool *ret_same = argument;
    const struct field_line lines[] = {
        {{"Content-Length", 14}, {" 5 , 5,05", 9}},
        {{"X", 1}, {"y", 1}},
    };
    const struct message message = {0, false, 1, lines, 2};

    for (int i = 0; i < 1000; i++) {
        struct framing framing = framing_of(&message);
        *ret_same = *ret_same && framing.kind == FRAMING_LENGTH && framing.length == 5;
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
    grader_group("fields", NULL, NULL);
    grader_add(without_fields_the_kind_of_message_decides);
    grader_add(a_length_is_a_number);
    grader_add(what_is_no_number_is_refused);
    grader_add(a_length_beyond_64_bits_is_refused);
    grader_add(several_lengths_are_one_or_none);
    grader_add(chunked_is_the_last_coding);
    grader_add(what_is_not_chunked_ends_with_the_connection_or_not_at_all);
    grader_add(a_coding_is_a_token);
    grader_add(two_ways_to_find_the_end_are_refused);
    grader_add(some_responses_never_have_a_body);
    grader_add(a_field_has_all_of_its_name);
    grader_add(a_line_that_is_no_line_is_refused);
    grader_add(names_are_tokens_and_values_have_no_nul);
    grader_add(two_threads_may_ask_at_once);
    return grader_run(argc, argv);
}
