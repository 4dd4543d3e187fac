/* What the client has already is not sent again. */
#include "test_static_files.h"

#include "client_fixture.h"
#include "server_fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TAG = 100, FIELDS = 300 };

static void take_tag(const char *target, char ret_tag[static TAG])
{
    ask(target);
    const char *tag = response_field(&fixture.response, "ETag");
    ck_assert_msg(tag != NULL, "%s has no tag", target);
    snprintf(ret_tag, TAG, "%s", tag);
    request_fixture_close(&fixture);
}

static void expect_field(const char *name, const char *expected)
{
    const char *got = response_field(&fixture.response, name);

    bool same = got != NULL && expected != NULL ? strcmp(got, expected) == 0 : got == expected;
    ck_assert_msg(same, "%s: expected %s, got %s", name, expected != NULL ? expected : "none",
                  got != NULL ? got : "none");
}

START_TEST(a_tag_is_strong_and_the_same_as_long_as_the_file_is)
{
    static const char *const targets[] = {"/small.bin", "/large.bin", "/empty.txt", "/"};

    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        char tag[TAG];
        char again[TAG];
        take_tag(targets[i], tag);
        take_tag(targets[i], again);
        ck_assert_str_eq(tag, again);
        size_t hex = strspn(tag + 1, "0123456789abcdef-");
        ck_assert_msg(tag[0] == '"' && hex > 0 && strcmp(tag + 1 + hex, "\"") == 0,
                      "%s: not a strong tag: %s", targets[i], tag);
    }
}
END_TEST

START_TEST(another_time_length_or_file_is_another_tag)
{
    char tags[5][TAG];

    file_tree_text("root/tagged.txt", "first");
    set_time("root/tagged.txt", 784111777, 5);
    take_tag("/tagged.txt", tags[0]);
    set_time("root/tagged.txt", 784111777, 6);
    take_tag("/tagged.txt", tags[1]);
    set_time("root/tagged.txt", 784111778, 6);
    take_tag("/tagged.txt", tags[2]);
    file_tree_text("root/tagged.txt", "longer");
    set_time("root/tagged.txt", 784111778, 6);
    take_tag("/tagged.txt", tags[3]);
    file_tree_text("root/other.txt", "LONGER");
    set_time("root/other.txt", 784111778, 6);
    ck_assert_int_eq(rename(file_tree_path("root/other.txt"), file_tree_path("root/tagged.txt")),
                     0);
    take_tag("/tagged.txt", tags[4]);
    for (int i = 0; i < 5; i++) {
        for (int j = 0; j < i; j++) {
            ck_assert_msg(strcmp(tags[i], tags[j]) != 0, "versions %d and %d both are %s", j, i,
                          tags[i]);
        }
    }
}
END_TEST

START_TEST(files_say_that_they_can_be_had_in_parts)
{
    static const char *const targets[] = {"/small.bin", "/large.bin", "/empty.txt", "/"};

    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        ask(targets[i]);
        expect_field("Accept-Ranges", "bytes");
        request_fixture_close(&fixture);
    }
    ask("/nothing");
    expect_field("Accept-Ranges", NULL);
    expect_field("ETag", NULL);
    expect_field("Last-Modified", NULL);
    request_fixture_close(&fixture);
}
END_TEST

START_TEST(a_copy_that_is_current_is_answered_without_a_body)
{
    static const char *const targets[] = {"/small.bin", "/large.bin", "/empty.txt"};
    int before = open_descriptors();

    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        char tag[TAG];
        char fields[FIELDS];
        take_tag(targets[i], tag);
        snprintf(fields, sizeof fields, "If-None-Match: %s\r\n", tag);
        ask_with("GET", targets[i], fields);
        ck_assert_int_eq(fixture.response.status, 304);
        ck_assert(!fixture.response.failed);
        ck_assert_ptr_null(fixture.response.type);
        ck_assert_ptr_null(fixture.response.source);
        ck_assert_uint_eq(fixture.response.length, 0);
        expect_field("ETag", tag);
        ck_assert_ptr_nonnull(response_field(&fixture.response, "Last-Modified"));
        request_fixture_close(&fixture);
        ck_assert_int_eq(open_descriptors(), before);
    }
}
END_TEST

START_TEST(conditions_choose_the_answer)
{
    static const struct {
        const char *method;
        const char *target;
        const char *fields;
        int status;
    } rows[] = {
        {"GET", "/dated.txt", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 304},
        {"HEAD", "/dated.txt", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 304},
        {"GET", "/dated.txt", "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", 200},
        {"GET", "/dated.txt", "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", 412},
        {"GET", "/dated.txt", "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 200},
        {"GET", "/dated.txt", "If-Match: \"other\"\r\n", 412},
        {"HEAD", "/large.bin", "If-Match: \"other\"\r\n", 412},
        {"GET", "/dated.txt", "If-Match: *\r\n", 200},
        {"GET", "/dated.txt", "If-None-Match: *\r\n", 304},
        {"GET", "/dated.txt", "If-None-Match: \"other\"\r\n", 200},
        {"GET", "/dated.txt", "If-None-Match: *\r\nRange: bytes=0-0\r\n", 304},
        {"GET", "/dated.txt", "If-Match: \"other\"\r\nRange: bytes=0-0\r\n", 412},
        /* RFC 9110, 13.2.1: what would fail anyway fails as it would. */
        {"GET", "/nothing", "If-None-Match: *\r\n", 404},
        {"GET", "/nothing", "If-Match: *\r\n", 404},
        {"GET", "/sub", "If-None-Match: *\r\n", 301},
        {"GET", "/", "If-None-Match: *\r\n", 304},
    };

    file_tree_text("root/dated.txt", "x");
    set_time("root/dated.txt", 784111777, 999999999);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ask_with(rows[i].method, rows[i].target, rows[i].fields);
        ck_assert_msg(fixture.response.status == rows[i].status, "%s %s %s: expected %d, got %d",
                      rows[i].method, rows[i].target, rows[i].fields, rows[i].status,
                      fixture.response.status);
        request_fixture_close(&fixture);
    }
}
END_TEST

/* A length in a 304 would be taken for that of a body by an old client. */
START_TEST(the_answer_behind_a_304_follows_at_once)
{
    open_file_server(static_files_handler);
    struct test_client client = client_open(stream_pair);
    client_sends(&client, "GET /large.bin HTTP/1.1\r\nHost: x\r\nIf-None-Match: *\r\n\r\n"
                          "GET /large.bin HTTP/1.1\r\nHost: x\r\nIf-Match: \"x\"\r\n\r\n"
                          "HEAD /large.bin HTTP/1.1\r\nHost: x\r\nIf-Match: \"x\"\r\n\r\n"
                          "HEAD / HTTP/1.1\r\nHost: x\r\nIf-None-Match: *\r\n\r\n"
                          "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    client_reads_all(&client);
    struct test_answer answer = client_takes_head(&client);
    ck_assert_int_eq(answer.status, 304);
    expect_answer_field(&answer, "Content-Length", NULL);
    expect_answer_field(&answer, "Content-Type", NULL);
    client_expects(&client, 412, "412 Precondition Failed\n");
    answer = client_takes_head(&client);
    ck_assert_int_eq(answer.status, 412);
    answer = client_takes_head(&client);
    ck_assert_int_eq(answer.status, 304);
    client_expects(&client, 200, "<p>welcome");
    client_expects_nothing(&client);
    client_close(&client);
    close_file_server();
}
END_TEST

TCase *static_files_conditions(void)
{
    TCase *cases = tcase_create("conditions");

    tcase_add_unchecked_fixture(cases, build_site, file_tree_remove);
    tcase_add_checked_fixture(cases, open_files, close_files);
    tcase_add_test(cases, a_tag_is_strong_and_the_same_as_long_as_the_file_is);
    tcase_add_test(cases, another_time_length_or_file_is_another_tag);
    tcase_add_test(cases, files_say_that_they_can_be_had_in_parts);
    tcase_add_test(cases, a_copy_that_is_current_is_answered_without_a_body);
    tcase_add_test(cases, conditions_choose_the_answer);
    tcase_add_test(cases, the_answer_behind_a_304_follows_at_once);
    return cases;
}
