/* What the handler answers: names, folders, redirects, errors, types. */
#include "test_static_files.h"

#include "http_date.h"
#include "mime.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static void expect_status(const char *target, int status)
{
    ask(target);
    ck_assert_msg(fixture.response.status == status, "%s: expected %d, got %d", target, status,
                  fixture.response.status);
    request_fixture_close(&fixture);
}

static void expect_copy(const char *target, const char *type, const char *content)
{
    ask(target);
    ck_assert_msg(fixture.response.status == 200, "%s: expected 200, got %d", target,
                  fixture.response.status);
    ck_assert_str_eq(fixture.response.type, type);
    ck_assert_msg(
        fixture.response.length == strlen(content) &&
            (content[0] == '\0' || memcmp(fixture.response.bytes, content, strlen(content)) == 0),
        "%s: expected '%s', got %.*s", target, content, (int)fixture.response.length,
        fixture.response.bytes);
    request_fixture_close(&fixture);
}

static void expect_redirect(const char *target, const char *location)
{
    ask(target);
    const char *got = response_field(&fixture.response, "Location");
    ck_assert_msg(fixture.response.status == 301 && got != NULL && strcmp(got, location) == 0,
                  "%s: expected 301 to %s, got %d to %s", target, location, fixture.response.status,
                  got != NULL ? got : "nowhere");
    request_fixture_close(&fixture);
}

START_TEST(files_are_found_by_their_decoded_names)
{
    expect_copy("/a%20b.txt", "text/plain; charset=utf-8", "spaced");
    expect_copy("/sub/style.css", "text/css; charset=utf-8", "p {}");
    expect_copy("/sub/style.css?v=1", "text/css; charset=utf-8", "p {}");
    expect_copy("/empty.txt", "text/plain; charset=utf-8", "");
    expect_copy("/in", "application/octet-stream", "p {}");
    expect_status("/nothing", 404);
    expect_status("/a%2520b.txt", 404);
}
END_TEST

START_TEST(a_folder_is_served_by_its_index)
{
    expect_copy("/", "text/html; charset=utf-8", "<p>welcome");
    expect_copy("/sub/", "text/html; charset=utf-8", "<p>sub");
    expect_copy("/sub/?a=b", "text/html; charset=utf-8", "<p>sub");
    expect_status("/bare/", 404);
    expect_status("/odd/", 404);
}
END_TEST

START_TEST(one_descriptor_is_enough_for_an_index)
{
    int spare = dup(0);
    unsigned long limit = exhaust_descriptors();

    close(spare);
    ask("/sub/");
    restore_descriptors(limit);
    ck_assert_int_eq(fixture.response.status, 200);
    request_fixture_close(&fixture);
}
END_TEST

/* Without the slash a relative link in the page would lead to the folder above. */
START_TEST(a_folder_without_its_slash_is_redirected_with_its_query)
{
    expect_redirect("/sub", "/sub/");
    expect_redirect("/sub?a=b&c", "/sub/?a=b&c");
    expect_redirect("/s%75b?", "/s%75b/");
    expect_redirect("http://x:80/sub?a", "/sub/?a");
}
END_TEST

/* "Location: //evil.example/" is a redirect to another host. */
START_TEST(no_redirect_leads_to_another_host)
{
    static const char *const targets[] = {"//sub",  "//",     "//x/",
                                          "/sub//", "///sub", "/sub//style.css"};

    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        expect_status(targets[i], 404);
    }
}
END_TEST

START_TEST(what_is_no_regular_file_below_the_root_does_not_exist)
{
    expect_status("/fifo", 404);
    expect_status("/out", 404);
    expect_status("/small.bin/", 404);
    expect_status("/small.bin/more", 404);
    expect_status("/root/secret", 404);
}
END_TEST

/* Nobody means to serve ".git"; only what is below "/.well-known/" is there to be found. */
START_TEST(names_that_begin_with_a_dot_do_not_exist)
{
    static const char *const names[] = {
        ".env",          ".git/config", "sub/.env", ".well-known/.secret", "sub/.well-known/x",
        ".well-knownx/x"};
    static const char *const targets[] = {"/.env",
                                          "/%2eenv",
                                          "/.git",
                                          "/.git/",
                                          "/.git/config",
                                          "/sub/.env",
                                          "/sub/.env?a",
                                          "/.well-known",
                                          "/.well-known/.secret",
                                          "/sub/.well-known/x",
                                          "/.well-knownx/x",
                                          "/..."};

    file_tree_folder("root/.git");
    file_tree_folder("root/sub/.well-known");
    file_tree_folder("root/.well-known");
    file_tree_folder("root/.well-knownx");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char name[64];
        snprintf(name, sizeof name, "root/%s", names[i]);
        file_tree_text(name, "hidden");
    }
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        expect_status(targets[i], 404);
    }
    file_tree_text("root/.well-known/security.txt", "found");
    file_tree_text("root/a.b", "found");
    file_tree_text("root/sub/-.b", "found");
    expect_copy("/.well-known/security.txt", "text/plain; charset=utf-8", "found");
    expect_copy("/%2ewell-known/security.txt", "text/plain; charset=utf-8", "found");
    expect_copy("/a.b", "application/octet-stream", "found");
    expect_copy("/sub/-.b", "application/octet-stream", "found");
    expect_copy("/?/.x", "text/html; charset=utf-8", "<p>welcome");
}
END_TEST

START_TEST(a_file_has_its_time)
{
    file_tree_text("root/dated.txt", "x");
    set_time("root/dated.txt", 784111777, 0);
    ask("/dated.txt");
    ck_assert_str_eq(response_field(&fixture.response, "Last-Modified"),
                     "Sun, 06 Nov 1994 08:49:37 GMT");
    request_fixture_close(&fixture);
}
END_TEST

/* RFC 9110, 8.8.2.1: not later than the Date of the answer. */
START_TEST(a_time_to_come_is_not_sent)
{
    const time_t year = 366 * 86400;
    time_t sent = 0;

    file_tree_text("root/dated.txt", "x");
    set_time("root/dated.txt", time(NULL) + year, 0);
    ask("/dated.txt");
    const char *text = response_field(&fixture.response, "Last-Modified");
    ck_assert(http_date_parse((struct http_span){text, strlen(text)}, 0, &sent));
    ck_assert_msg(sent <= time(NULL), "it is not %s yet", text);
    request_fixture_close(&fixture);
}
END_TEST

START_TEST(without_a_free_descriptor_it_is_503_and_afterwards_as_before)
{
    static const char *const targets[] = {"/small.bin", "/", "/sub/", "/sub"};

    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        unsigned long limit = exhaust_descriptors();
        ask(targets[i]);
        restore_descriptors(limit);
        ck_assert_msg(fixture.response.status == 503, "%s: expected 503, got %d", targets[i],
                      fixture.response.status);
        request_fixture_close(&fixture);
    }
    expect_copy("/", "text/html; charset=utf-8", "<p>welcome");
}
END_TEST

/* Root may read everything, so the test becomes somebody else; Check's fork makes that safe. */
START_TEST(what_must_not_be_read_is_403)
{
    enum { NOBODY = 65534 };

    ck_assert_int_eq(chmod(file_tree_path(""), 0755), 0);
    ck_assert_int_eq(chmod(file_tree_path("root/locked.txt"), 0), 0);
    ck_assert_int_eq(chmod(file_tree_path("root/locked"), 0), 0);
    if (geteuid() == 0) {
        ck_assert_int_eq(seteuid(NOBODY), 0);
    }
    expect_status("/locked.txt", 403);
    expect_status("/locked/", 403);
    expect_status("/locked/x", 403);
    ck_assert_int_eq(seteuid(getuid()), 0);
    prctl(PR_SET_DUMPABLE, 1); /* or a leak checker may not look at the process any more */
}
END_TEST

START_TEST(a_root_that_cannot_be_opened_says_why)
{
    struct static_files *none = NULL;
    int before = open_descriptors();

    ck_assert_int_eq(static_files_create(
                         &(struct static_files_config){.root = file_tree_path("nothing")}, &none),
                     -ENOENT);
    ck_assert_int_eq(
        static_files_create(&(struct static_files_config){.root = file_tree_path("secret")}, &none),
        -ENOTDIR);
    ck_assert_ptr_null(none);
    ck_assert_int_eq(open_descriptors(), before);
    static_files_destroy(NULL);
}
END_TEST

START_TEST(no_answer_leaves_a_descriptor_behind)
{
    static const char *const targets[] = {"/",        "/sub",  "/sub/",      "/fifo",
                                          "/out",     "/odd/", "/small.bin", "/large.bin",
                                          "/nothing", "/bare/"};
    int before = open_descriptors();

    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        ask(targets[i]);
        request_fixture_close(&fixture);
        ck_assert_msg(open_descriptors() == before, "%s left a descriptor behind", targets[i]);
    }
}
END_TEST

START_TEST(types_follow_the_end_of_a_name)
{
    static const struct {
        const char *path;
        const char *type;
    } types[] = {
        {"a.html", "text/html; charset=utf-8"},
        {"a/b.HTML", "text/html; charset=utf-8"},
        {"a.tar.gz", "application/gzip"},
        {"a.js", "text/javascript; charset=utf-8"},
        {"a.svg", "image/svg+xml"},
        {"a.png", "image/png"},
        {"a.json", "application/json"},
        {"a.woff2", "font/woff2"},
        {"a", "application/octet-stream"},
        {"a.", "application/octet-stream"},
        {"a.htmlx", "application/octet-stream"},
        {"a.htm/b", "application/octet-stream"},
        {"", "application/octet-stream"},
        {"html", "application/octet-stream"},
    };

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        ck_assert_msg(strcmp(mime_type(types[i].path), types[i].type) == 0,
                      "'%s': expected %s, got %s", types[i].path, types[i].type,
                      mime_type(types[i].path));
    }
}
END_TEST

START_TEST(files_up_to_16_kib_are_copied_and_larger_ones_come_from_a_source)
{
    ask("/small.bin");
    ck_assert_ptr_null(fixture.response.source);
    ck_assert_uint_eq(fixture.response.length, SMALL_FILE);
    request_fixture_close(&fixture);
    ask("/over.bin");
    ck_assert_ptr_nonnull(fixture.response.source);
    ck_assert_uint_eq(fixture.response.length, SMALL_FILE + 1);
    ck_assert_str_eq(fixture.response.type, "application/octet-stream");
    request_fixture_close(&fixture);
}
END_TEST

TCase *static_files_answers(void)
{
    TCase *cases = tcase_create("answers");

    tcase_add_unchecked_fixture(cases, build_site, file_tree_remove);
    tcase_add_checked_fixture(cases, open_files, close_files);
    tcase_add_test(cases, files_are_found_by_their_decoded_names);
    tcase_add_test(cases, a_folder_is_served_by_its_index);
    tcase_add_test(cases, one_descriptor_is_enough_for_an_index);
    tcase_add_test(cases, a_folder_without_its_slash_is_redirected_with_its_query);
    tcase_add_test(cases, no_redirect_leads_to_another_host);
    tcase_add_test(cases, what_is_no_regular_file_below_the_root_does_not_exist);
    tcase_add_test(cases, names_that_begin_with_a_dot_do_not_exist);
    tcase_add_test(cases, a_file_has_its_time);
    tcase_add_test(cases, a_time_to_come_is_not_sent);
    tcase_add_test(cases, without_a_free_descriptor_it_is_503_and_afterwards_as_before);
    tcase_add_test(cases, what_must_not_be_read_is_403);
    tcase_add_test(cases, a_root_that_cannot_be_opened_says_why);
    tcase_add_test(cases, no_answer_leaves_a_descriptor_behind);
    tcase_add_test(cases, types_follow_the_end_of_a_name);
    tcase_add_test(cases, files_up_to_16_kib_are_copied_and_larger_ones_come_from_a_source);
    return cases;
}
