#include "escaped.h"
#include "http_path.h"
#include "random_numbers.h"
#include "suite_runner.h"

#include "moved_memory.h"

#include <string.h>

/* Bytes, because a path may try to hold a NUL. */
struct path_case {
    const char *bytes;
    size_t length;
    const char *expected; /* NULL: 400 */
};

/* clang-format off */
#define PATH(bytes, expected) {bytes, sizeof(bytes) - 1, expected}
/* clang-format on */

static const struct path_case decoded[] = {
    PATH("", "/"),
    PATH("/", "/"),
    PATH("/a", "/a"),
    PATH("/a/b/", "/a/b/"),
    PATH("//a//b", "//a//b"),
    PATH("/%61", "/a"),
    PATH("/%41%5A%5a", "/AZZ"),
    PATH("/%20a%20", "/ a "),
    PATH("/%7e~", "/~~"),
    PATH("/%c3%a9", "/\xc3\xa9"),
    PATH("/%ff", "/\xff"),
    PATH("/%3f%23", "/?#"),
    /* RFC 3986, 2.4: decoding twice is what lets "%252e%252e%252f" out of a root. */
    PATH("/%2541", "/%41"),
    PATH("/%252e%252e%252fetc", "/%2e%2e%2fetc"),
    PATH("/%2500", "/%00"),
    PATH("/%25", "/%"),
    PATH("/%25%32%65", "/%2e"),
    PATH("/+", "/+"),
    PATH("/a.b", "/a.b"),
    PATH("/.a", "/.a"),
    PATH("/..a", "/..a"),
    PATH("/a..", "/a.."),
    PATH("/...", "/..."),
    PATH("/.../", "/.../"),
    PATH("/..;/a", "/..;/a"),
    PATH("/-_.!~*'():@&=+$,;", "/-_.!~*'():@&=+$,;"),
};

static const struct path_case refused[] = {
    PATH("/%00", NULL),       PATH("/a%00b", NULL),  PATH("/a%00.txt", NULL), PATH("/a\0b", NULL),
    PATH("/%2f", NULL),       PATH("/a%2Fb", NULL),  PATH("/..%2fetc", NULL), PATH("/%5c", NULL),
    PATH("/%5C", NULL),       PATH("/\\", NULL),     PATH("/..\\etc", NULL),  PATH("/%0a", NULL),
    PATH("/%0d%0aA:b", NULL), PATH("/%09", NULL),    PATH("/%1f", NULL),      PATH("/%7f", NULL),
    PATH("/\x7f", NULL),      PATH("/\x01", NULL),   PATH("/.", NULL),        PATH("/..", NULL),
    PATH("/./", NULL),        PATH("/../", NULL),    PATH("/./a", NULL),      PATH("/../a", NULL),
    PATH("/a/.", NULL),       PATH("/a/..", NULL),   PATH("/a/../b", NULL),   PATH("/a/./b", NULL),
    PATH("//..", NULL),       PATH("//../a", NULL),  PATH("/%2e", NULL),      PATH("/%2E%2e", NULL),
    PATH("/.%2e/a", NULL),    PATH("/%2e./a", NULL), PATH("/a/%2e%2e", NULL), PATH("/%", NULL),
    PATH("/%4", NULL),        PATH("/%zz", NULL),    PATH("/%4g", NULL),      PATH("/%g4", NULL),
    PATH("/%%41", NULL),      PATH("/%-1", NULL),    PATH("/%+1", NULL),      PATH("/% 1", NULL),
    PATH("/%u0041", NULL),    PATH("/a%2", NULL),
};

enum { DECODED = sizeof decoded / sizeof decoded[0], REFUSED = sizeof refused / sizeof refused[0] };

static int decode(const struct path_case *input, struct buffer *path)
{
    const char *bytes = moved_memory(input->bytes, input->length);

    return http_path_decode((struct http_span){bytes, input->length}, path);
}

START_TEST(a_path_is_decoded_exactly_once)
{
    const struct path_case *input = &decoded[_i];
    struct buffer path = {0};
    int status = decode(input, &path);

    ck_assert_msg(status == 0, "%s: expected %s, got status %d", input->bytes, input->expected,
                  status);
    ck_assert_msg(path.length == strlen(input->expected) &&
                      strcmp(buffer_data(&path), input->expected) == 0,
                  "%s: expected %s, got %s", input->bytes, input->expected,
                  escaped(buffer_data(&path), path.length));
    buffer_release(&path);
}
END_TEST

START_TEST(a_path_that_may_mean_another_place_is_refused)
{
    const struct path_case *input = &refused[_i];
    struct buffer path = {0};
    int status = decode(input, &path);

    ck_assert_msg(status == 400, "%s: expected 400, got %d and %s",
                  escaped(input->bytes, input->length), status,
                  escaped(buffer_data(&path), path.length));
    buffer_release(&path);
}
END_TEST

START_TEST(a_buffer_that_is_used_again_holds_only_the_last_path)
{
    const struct path_case longer = PATH("/a/longer/path", NULL);
    const struct path_case bad = PATH("/bad/..", NULL);
    const struct path_case shorter = PATH("/b", NULL);
    struct buffer path = {0};

    ck_assert_int_eq(decode(&longer, &path), 0);
    ck_assert_int_eq(decode(&bad, &path), 400);
    ck_assert_int_eq(decode(&shorter, &path), 0);
    ck_assert_str_eq(buffer_data(&path), "/b");
    ck_assert_uint_eq(path.length, 2);
    buffer_release(&path);
}
END_TEST

static bool has_dot_segment(const char *path)
{
    for (const char *slash = path; (slash = strchr(slash, '/')) != NULL; slash++) {
        size_t length = strcspn(slash + 1, "/");
        if ((length == 1 || length == 2) && strspn(slash + 1, ".") >= length) {
            return true;
        }
    }
    return false;
}

/* Pieces of which attacks are made, so that most of the random paths are close to one. */
static size_t random_path(struct random_numbers *numbers, char *ret, size_t most)
{
    static const char *const pieces[] = {"/",   "/",   ".",   "..", "%2e", "%2E",
                                         "%2f", "%5c", "\\",  "%",  "a",   "%25",
                                         "%00", "2e",  "%41", ";",  "%0a", "\x7f"};
    size_t count = random_below(numbers, 10);
    char *end = stpcpy(ret, "/");

    for (size_t i = 0; i < count; i++) {
        if ((size_t)(end - ret) + 4 < most) {
            end = stpcpy(end, pieces[random_below(numbers, sizeof pieces / sizeof pieces[0])]);
        }
    }
    return (size_t)(end - ret);
}

START_TEST(no_random_path_comes_out_with_a_dot_segment_or_a_control_character)
{
    struct random_numbers numbers = random_numbers_from(4711);
    struct buffer path = {0};
    int accepted = 0;

    for (int i = 0; i < 50000; i++) {
        char text[64];
        struct path_case input = {text, random_path(&numbers, text, sizeof text), NULL};
        if (decode(&input, &path) != 0) {
            continue;
        }
        const char *result = buffer_data(&path);
        accepted++;
        ck_assert_msg(strlen(result) == path.length, "%s: a NUL inside", text);
        ck_assert_msg(!has_dot_segment(result), "%s: expected no dot segment, got %s", text,
                      result);
        ck_assert_msg(strpbrk(result, "\\\n\r\x7f") == NULL, "%s: got %s", text,
                      escaped(result, path.length));
    }
    ck_assert_msg(accepted > 1000, "only %d of the random paths were accepted", accepted);
    buffer_release(&path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http_path");
    TCase *decoding = tcase_create("decoding");
    TCase *refusals = tcase_create("refusals");

    tcase_add_loop_test(decoding, a_path_is_decoded_exactly_once, 0, DECODED);
    tcase_add_test(decoding, a_buffer_that_is_used_again_holds_only_the_last_path);
    suite_add_tcase(suite, decoding);
    tcase_add_loop_test(refusals, a_path_that_may_mean_another_place_is_refused, 0, REFUSED);
    tcase_add_test(refusals, no_random_path_comes_out_with_a_dot_segment_or_a_control_character);
    suite_add_tcase(suite, refusals);
    return run_suite(suite);
}
