#include "answer_parser.h"
#include "suite_runner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OK "HTTP/1.1 200 OK\r\n"
#define LENGTH(n) "Content-Length: " #n "\r\n"

/* What came out of a stream of answers. */
struct outcome {
    int complete;
    int status; /* of the last complete one */
    bool closes;
    int error;   /* that ended it, or 0 */
    size_t left; /* bytes not used at the end */
};

/*
 * Gives the text in pieces, as a connection does: what was not used comes again with the next one.
 * Each piece is in memory of its own size, so that a sanitizer sees a byte read too many.
 */
static struct outcome feed(const char *text, size_t length, size_t piece)
{
    struct answer_parser parser = {0};
    struct outcome outcome = {0};
    size_t start = 0;

    for (size_t end = 0; end < length && outcome.error == 0;) {
        end = length - end < piece ? length : end + piece;
        int result = 1;
        while (result == 1 && start < end) {
            size_t used = 0;
            char *bytes = malloc(end - start);
            ck_assert_ptr_nonnull(bytes);
            memcpy(bytes, text + start, end - start);
            result = answer_parser_feed(&parser, bytes, end - start, &used);
            free(bytes);
            start += used;
            if (result == 1) {
                outcome.complete++;
                outcome.status = parser.status;
                outcome.closes = parser.closes;
            }
        }
        outcome.error = result < 0 ? result : 0;
    }
    outcome.left = length - start;
    return outcome;
}

static const struct {
    const char *text;
    int complete;
    int status;
    bool closes;
    size_t left;
} valid[] = {
    {OK LENGTH(0) "\r\n", 1, 200, false, 0},
    {OK LENGTH(5) "\r\nhello", 1, 200, false, 0},
    {OK "content-length:5\r\n\r\nhello", 1, 200, false, 0},
    {OK "CONTENT-LENGTH: \t 5 \t\r\n\r\nhello", 1, 200, false, 0},
    {OK LENGTH(5) LENGTH(5) "\r\nhello", 1, 200, false, 0},
    {OK LENGTH(005) "\r\nhello", 1, 200, false, 0},
    {OK "Content-Length-Not: 9\r\nX-Content-Length: 9\r\n" LENGTH(1) "\r\n!", 1, 200, false, 0},
    {OK "no colon\r\n" LENGTH(1) "\r\n!", 1, 200, false, 0},
    {OK LENGTH(14) "\r\nHTTP/1.1 999\r\n", 1, 200, false, 0},
    {"HTTP/1.1 200\r\n" LENGTH(0) "\r\n", 1, 200, false, 0},
    {"HTTP/1.1 200 \r\n" LENGTH(0) "\r\n", 1, 200, false, 0},
    {"HTTP/1.1 404 Not Found\r\n" LENGTH(3) "\r\nno!", 1, 404, false, 0},
    {"HTTP/1.1 204 No Content\r\n\r\n", 1, 204, false, 0},
    {"HTTP/1.1 304 Not Modified\r\n" LENGTH(77) "\r\n", 1, 304, false, 0},
    {OK LENGTH(0) "Connection: close\r\n\r\n", 1, 200, true, 0},
    {OK LENGTH(0) "connection:CLOSE \r\n\r\n", 1, 200, true, 0},
    {OK LENGTH(0) "Connection: keep-alive\r\n\r\n", 1, 200, false, 0},
    {OK LENGTH(0) "Connection: closed\r\n\r\n", 1, 200, false, 0},
    {"HTTP/1.0 200 OK\r\n" LENGTH(0) "\r\n", 1, 200, true, 0},
    /* Two and three in a row; each is on its own. */
    {OK LENGTH(2) "Connection: close\r\n\r\nhi" OK LENGTH(1) "\r\n!", 2, 200, false, 0},
    {OK LENGTH(0) "\r\n" OK LENGTH(0) "\r\nHTTP/1.1 503 No\r\n" LENGTH(1) "\r\n!", 3, 503, false,
     0},
    /* Not complete yet: the beginning of a head is left over, that of a body is used. */
    {"H", 0, 0, false, 1},
    {OK, 0, 0, false, sizeof OK - 1},
    {OK LENGTH(5) "\r", 0, 0, false, sizeof(OK LENGTH(5) "\r") - 1},
    {OK LENGTH(5) "\r\nhell", 0, 0, false, 0},
    {OK LENGTH(1) "\r\n!HTTP", 1, 200, false, 4},
    {OK LENGTH(18446744073709551615) "\r\nhell", 0, 0, false, 0},
};

static const struct {
    const char *text;
    int error;
} broken[] = {
    {"x", -EPROTO},
    {"HTTP/2", -EPROTO},
    {"\r\n" OK, -EPROTO},
    {"\n", -EPROTO},
    {"SSH-2.0-OpenSSH\r\n", -EPROTO},
    {"HTTP/1.1200 OK\r\n", -EPROTO},
    {"HTTP/1.x 200 OK\r\n", -EPROTO},
    {"HTTP/1.1 2000\r\n", -EPROTO},
    {"HTTP/1.1 20\r\n", -EPROTO},
    {"HTTP/1.1 2x0 OK\r\n", -EPROTO},
    {"HTTP/1.1 100 Continue\r\n\r\n", -EPROTO},
    {"HTTP/1.1 600 What\r\n\r\n", -EPROTO},
    {"HTTP/1.1 200 OK\n", -EPROTO},
    {OK "Content-Length: 5\n", -EPROTO},
    {OK "\n", -EPROTO},
    {OK "Content-Length:\r\n", -EPROTO},
    {OK "Content-Length: x\r\n", -EPROTO},
    {OK "Content-Length: 5x\r\n", -EPROTO},
    {OK "Content-Length: -5\r\n", -EPROTO},
    {OK "Content-Length: 5 5\r\n", -EPROTO},
    {OK "Content-Length: 18446744073709551616\r\n", -EPROTO},
    {OK LENGTH(5) LENGTH(6), -EPROTO},
    {OK LENGTH(1) "\r\n!?", -EPROTO},
    {OK "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", -ENOTSUP},
    {OK LENGTH(5) "transfer-encoding: gzip, chunked\r\n", -ENOTSUP},
    {OK "\r\n", -ENODATA},
    {OK "Connection: close\r\n\r\nto the end", -ENODATA},
    {"HTTP/1.1 404 Not Found\r\n\r\n", -ENODATA},
};

START_TEST(a_valid_answer_is_read_to_its_end_in_pieces_of_any_size)
{
    const char *text = valid[_i].text;
    size_t length = strlen(text);

    for (size_t piece = 1; piece <= length; piece++) {
        struct outcome got = feed(text, length, piece);
        ck_assert_msg(got.error == 0 && got.complete == valid[_i].complete &&
                          got.status == valid[_i].status && got.closes == valid[_i].closes &&
                          got.left == valid[_i].left,
                      "in pieces of %zu: %s\nexpected %d answers, status %d, closes %d, left %zu; "
                      "got %d, %d, %d, %zu and error %d",
                      piece, text, valid[_i].complete, valid[_i].status, valid[_i].closes,
                      valid[_i].left, got.complete, got.status, got.closes, got.left, got.error);
    }
}
END_TEST

START_TEST(a_broken_answer_is_the_same_error_in_pieces_of_any_size)
{
    const char *text = broken[_i].text;
    size_t length = strlen(text);

    for (size_t piece = 1; piece <= length; piece++) {
        struct outcome got = feed(text, length, piece);
        ck_assert_msg(got.error == broken[_i].error,
                      "in pieces of %zu: %s\nexpected '%s', got '%s' (%d)", piece, text,
                      strerror(-broken[_i].error), strerror(-got.error), got.error);
    }
}
END_TEST

START_TEST(a_head_may_have_16_KiB_and_not_a_byte_more)
{
    char text[ANSWER_HEAD_MOST + 2];
    const size_t pieces[] = {1, 1000, sizeof text};
    int lead = snprintf(text, sizeof text, OK LENGTH(0) "Filler: ");

    for (size_t length = ANSWER_HEAD_MOST; length <= ANSWER_HEAD_MOST + 1; length++) {
        memset(text + lead, 'x', length - (size_t)lead - 4);
        memcpy(text + length - 4, "\r\n\r\n", 4);
        for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
            struct outcome got = feed(text, length, pieces[i]);
            ck_assert_int_eq(got.error, length > ANSWER_HEAD_MOST ? -EMSGSIZE : 0);
            ck_assert_int_eq(got.complete, length > ANSWER_HEAD_MOST ? 0 : 1);
        }
    }
}
END_TEST

START_TEST(a_head_that_never_ends_is_an_error_at_16_KiB)
{
    char text[ANSWER_HEAD_MOST];
    int lead = snprintf(text, sizeof text, OK "Filler: ");

    memset(text + lead, 'x', sizeof text - (size_t)lead);
    ck_assert_int_eq(feed(text, sizeof text - 1, 1000).error, 0);
    ck_assert_int_eq(feed(text, sizeof text, 1000).error, -EMSGSIZE);
}
END_TEST

START_TEST(a_large_body_is_used_as_it_comes)
{
    static const char head[] = OK "Content-Length: 10485760\r\n\r\n";
    static char block[65536];
    struct answer_parser parser = {0};
    size_t used = 0;

    ck_assert_int_eq(answer_parser_feed(&parser, head, sizeof head - 1, &used), 0);
    ck_assert_uint_eq(used, sizeof head - 1);
    for (size_t i = 0; i < 10485760 / sizeof block; i++) {
        int last = i + 1 == 10485760 / sizeof block;
        ck_assert_int_eq(answer_parser_feed(&parser, block, sizeof block, &used), last);
        ck_assert_uint_eq(used, sizeof block);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("answer_parser");

    TCase *tables = tcase_create("tables");
    tcase_add_loop_test(tables, a_valid_answer_is_read_to_its_end_in_pieces_of_any_size, 0,
                        (int)(sizeof valid / sizeof *valid));
    tcase_add_loop_test(tables, a_broken_answer_is_the_same_error_in_pieces_of_any_size, 0,
                        (int)(sizeof broken / sizeof *broken));
    suite_add_tcase(suite, tables);

    TCase *sizes = tcase_create("sizes");
    tcase_add_test(sizes, a_head_may_have_16_KiB_and_not_a_byte_more);
    tcase_add_test(sizes, a_head_that_never_ends_is_an_error_at_16_KiB);
    tcase_add_test(sizes, a_large_body_is_used_as_it_comes);
    suite_add_tcase(suite, sizes);
    return run_suite(suite);
}
