#include "body_cases.h"
#include "escaped.h"
#include "moved_memory.h"
#include "random_numbers.h"
#include "suite_runner.h"

#include <stdio.h>
#include <string.h>

static const struct http_limits table_limits = {.body = BODY_LIMIT};

START_TEST(a_body_is_found_however_it_is_split)
{
    check_body_case(&good_bodies.cases[_i], &table_limits);
}
END_TEST

START_TEST(a_bad_body_gets_its_status_however_it_is_split)
{
    check_body_case(&bad_bodies.cases[_i], &table_limits);
}
END_TEST

/* What is no content may be so many bytes in a whole body, and so many more a byte of content. */
enum { OVERHEAD = 4096, OVERHEAD_PER_BYTE = 16 };

static void check_overhead(const char *front, size_t filling, const char *behind, int status)
{
    static char bytes[2 * OVERHEAD];
    struct http_request request = {.chunked = true};
    struct http_body body;
    struct buffer content = {0};
    size_t length = strlen(front) + filling + strlen(behind);
    size_t used;

    memset(mempcpy(bytes, front, strlen(front)), 'a', filling);
    memcpy(bytes + strlen(front) + filling, behind, strlen(behind));
    for (int whole = 0; whole <= 1; whole++) {
        enum http_progress progress = HTTP_PARTIAL;
        http_body_init(&body, &request, &table_limits);
        for (size_t fed = 0; fed < length && progress == HTTP_PARTIAL;) {
            size_t piece = whole ? length : 1;
            progress =
                http_body_feed(&body, moved_memory(bytes + fed, piece), piece, &content, &used);
            fed += piece;
        }
        ck_assert_msg(body.error_status == status && (status != 0 || progress == HTTP_COMPLETE),
                      "%s with %zu bytes more%s: expected status %d, got %d",
                      escaped(front, strlen(front)), filling, whole ? "" : ", byte by byte", status,
                      body.error_status);
    }
    buffer_release(&content);
}

START_TEST(an_extension_may_be_long_but_not_too_long)
{
    /* "5;" before it and the line end behind it count, too. */
    check_overhead("5;", OVERHEAD - 4, "\r\nhello\r\n0\r\n\r\n", 0);
    check_overhead("5;", OVERHEAD - 3, "\r\nhello\r\n0\r\n\r\n", 400);
    check_overhead("5;", OVERHEAD + 100, "", 400);
}
END_TEST

START_TEST(content_that_came_earns_room_for_more_framing)
{
    /* Before the second content: "1\r\n", "\r\n5;" and "\r\n". */
    size_t room = OVERHEAD + OVERHEAD_PER_BYTE - 9;

    check_overhead("1\r\na\r\n5;", room, "\r\nhello\r\n0\r\n\r\n", 0);
    check_overhead("1\r\na\r\n5;", room + 1, "\r\nhello\r\n0\r\n\r\n", 400);
}
END_TEST

START_TEST(zeros_before_a_size_are_bounded)
{
    char zeros[OVERHEAD + 2];

    memset(zeros, '0', sizeof zeros);
    zeros[sizeof zeros - 1] = '\0';
    check_overhead(zeros, 0, "", 400);
}
END_TEST

START_TEST(trailers_are_bounded_all_together)
{
    check_overhead("0\r\nA: ", OVERHEAD - 200, "\r\n\r\n", 0);
    check_overhead("0\r\nA: ", OVERHEAD, "\r\n\r\n", 400);
    check_overhead("0\r\nA: b\r\nB: c\r\nC: ", OVERHEAD - 10, "\r\n\r\n", 400);
}
END_TEST

/* Feeds `count` chunks of one byte with an extension each. Returns the status, 0 if all is well. */
static int feed_small_chunks(size_t count, size_t extension)
{
    const struct http_limits limits = HTTP_LIMITS_DEFAULT;
    char chunk[64] = "1;";
    struct http_request request = {.chunked = true};
    struct http_body body;
    struct buffer content = {0};
    size_t used;

    memset(chunk + 2, 'e', extension);
    memcpy(chunk + 2 + extension, "\r\nx\r\n", 5);
    http_body_init(&body, &request, &limits);
    for (size_t i = 0; i < count && body.error_status == 0; i++) {
        http_body_feed(&body, chunk, extension + 7, &content, &used);
    }
    buffer_release(&content);
    return body.error_status;
}

/* Else a body of a megabyte could cost a gigabyte. */
START_TEST(all_extensions_of_a_body_are_bounded_together)
{
    ck_assert_int_eq(feed_small_chunks(5000, OVERHEAD_PER_BYTE - 6), 0);
    ck_assert_int_eq(feed_small_chunks(5000, OVERHEAD_PER_BYTE - 5), 400);
}
END_TEST

/* Chunks of random sizes, in random case, with random extensions and trailers. */
static size_t encode(struct random_numbers *numbers, const char *content, size_t length, char *ret)
{
    static const char *const extensions[] = {"", "", ";a", ";name=value", ";q=\"a;b\""};
    char *end = ret;

    while (length > 0) {
        size_t chunk = 1 + random_below(numbers, length < 300 ? length : 300);
        const char *extension = extensions[random_below(numbers, 5)];
        bool capitals = random_below(numbers, 2) == 0;
        end += sprintf(end, "%s", random_below(numbers, 3) == 0 ? "00" : "");
        end += capitals ? sprintf(end, "%zX%s\r\n", chunk, extension)
                        : sprintf(end, "%zx%s\r\n", chunk, extension);
        end = mempcpy(mempcpy(end, content, chunk), "\r\n", 2);
        content += chunk;
        length -= chunk;
    }
    end = stpcpy(end, "0\r\n");
    if (random_below(numbers, 2) == 0) {
        end = stpcpy(end, "A: b\r\n");
    }
    return (size_t)(stpcpy(end, "\r\n") - ret);
}

static void check_random_body(uint64_t seed)
{
    static char content[2000];
    static char encoded[20000];
    const struct http_limits limits = {.body = sizeof content};
    struct http_request request = {.chunked = true};
    struct random_numbers numbers = random_numbers_from(seed);
    struct buffer decoded = {0};
    struct http_body body;
    size_t length = random_below(&numbers, sizeof content);

    for (size_t i = 0; i < length; i++) {
        content[i] = (char)random_below(&numbers, 256);
    }
    size_t total = encode(&numbers, content, length, encoded);
    enum http_progress progress = HTTP_PARTIAL;
    size_t fed = 0;
    http_body_init(&body, &request, &limits);
    while (progress == HTTP_PARTIAL && fed < total) {
        size_t used;
        size_t piece = random_below(&numbers, total - fed + 1);
        progress =
            http_body_feed(&body, moved_memory(encoded + fed, piece), piece, &decoded, &used);
        fed += used;
    }
    ck_assert_msg(progress == HTTP_COMPLETE && fed == total,
                  "seed %llu: expected %zu bytes used, got %zu, status %d",
                  (unsigned long long)seed, total, fed, body.error_status);
    ck_assert_msg(decoded.length == length &&
                      (length == 0 || memcmp(buffer_data(&decoded), content, length) == 0),
                  "seed %llu: what was decoded is not what was encoded", (unsigned long long)seed);
    buffer_release(&decoded);
}

START_TEST(random_bodies_in_random_chunks_and_pieces_come_out_whole)
{
    for (uint64_t seed = 1; seed <= 500; seed++) {
        check_random_body(seed);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http_body");
    TCase *good = tcase_create("good bodies");
    TCase *bad = tcase_create("bad bodies");
    TCase *bounds = tcase_create("bounds");

    tcase_add_loop_test(good, a_body_is_found_however_it_is_split, 0, good_bodies.count);
    tcase_add_test(good, random_bodies_in_random_chunks_and_pieces_come_out_whole);
    suite_add_tcase(suite, good);
    tcase_add_loop_test(bad, a_bad_body_gets_its_status_however_it_is_split, 0, bad_bodies.count);
    suite_add_tcase(suite, bad);
    tcase_add_test(bounds, an_extension_may_be_long_but_not_too_long);
    tcase_add_test(bounds, zeros_before_a_size_are_bounded);
    tcase_add_test(bounds, trailers_are_bounded_all_together);
    tcase_add_test(bounds, all_extensions_of_a_body_are_bounded_together);
    tcase_add_test(bounds, content_that_came_earns_room_for_more_framing);
    suite_add_tcase(suite, bounds);
    return run_suite(suite);
}
