/* The page of a directory that has no index.html: names in, the same names out. */
#include "test_static_files.h"

#include "allocation_faults.h"
#include "escaped.h"
#include "listing_page.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct listing_page page;

static void list(const char *target)
{
    ask(target);
    ck_assert_msg(fixture.response.status == 200 && !fixture.response.failed,
                  "%s: expected 200, got %d", target, fixture.response.status);
    ck_assert_str_eq(fixture.response.type, "text/html; charset=utf-8");
    listing_page_take(&page, &fixture.response);
    request_fixture_close(&fixture);
}

static void expect_links(const char *target, const char *const *links, size_t count)
{
    list(target);
    for (size_t i = 0; i < count || i < page.row_count; i++) {
        const char *expected = i < count ? links[i] : "nothing more";
        const char *got = i < page.row_count ? page.rows[i].link : "nothing more";
        ck_assert_msg(strcmp(got, expected) == 0, "%s, row %zu: expected '%s', got '%s'", target, i,
                      escaped(expected, strlen(expected)), escaped(got, strlen(got)));
    }
}

#define EXPECT_LINKS(target, links) expect_links(target, links, sizeof(links) / sizeof(links)[0])

static void build_folders(void)
{
    build_site();
    file_tree_folder("root/list");
    file_tree_folder("root/list/zoo");
    file_tree_folder("root/list/Ant");
    file_tree_folder("root/list/.git");
    file_tree_text("root/list/b.txt", "12345");
    file_tree_text("root/list/a.txt", "");
    file_tree_text("root/list/B.txt", "1");
    file_tree_text("root/list/.env", "secret");
    file_tree_fifo("root/list/fifo");
    file_tree_link("root/list/to-sub", "../sub");
    file_tree_link("root/list/to-a", "a.txt");
    file_tree_link("root/list/to-secret", "../../secret");
    file_tree_link("root/list/to-parent", "../..");
    file_tree_link("root/list/to-nothing", "nothing");
}

static void close_page(void)
{
    listing_page_release(&page);
    close_files();
}

START_TEST(directories_come_first_and_names_in_order)
{
    static const char *const links[] = {"../",   "Ant/",  "to-sub/", "zoo/",
                                        "B.txt", "a.txt", "b.txt",   "to-a"};

    EXPECT_LINKS("/list/", links);
    EXPECT_LINKS("/list/?C=N", links);
}
END_TEST

START_TEST(an_empty_directory_leads_only_up)
{
    static const char *const links[] = {"../"};

    EXPECT_LINKS("/list/zoo/", links);
}
END_TEST

START_TEST(the_root_leads_nowhere_up)
{
    ck_assert_int_eq(unlink(file_tree_path("root/index.html")), 0);
    list("/");
    file_tree_text("root/index.html", "<p>welcome");
    ck_assert_uint_gt(page.row_count, 5);
    for (size_t i = 0; i < page.row_count; i++) {
        ck_assert_str_ne(page.rows[i].link, "../");
    }
}
END_TEST

START_TEST(a_file_has_its_size_and_date)
{
    set_time("root/list/b.txt", 784111777, 0);
    set_time("root/list/zoo", 784111778, 0);
    list("/list/");
    listing_page_expect(&page, "b.txt</a></td><td>5</td><td>Sun, 06 Nov 1994 08:49:37 GMT</td>");
    listing_page_expect(&page, "zoo/</a></td><td></td><td>Sun, 06 Nov 1994 08:49:38 GMT</td>");
    listing_page_expect(&page, "<title>/list/</title>");
}
END_TEST

static const char *const nasty[] = {
    "?a=b",
    "#top",
    "100%",
    "%41",
    "a b",
    "a&b",
    "&amp;",
    "&#65;",
    "<script>alert(1)",
    "<img src=x onerror=alert(1)>",
    "\"quoted\"",
    "'single'",
    "\"><b>",
    "a:b",
    "javascript:alert(1)",
    "-",
    "~",
    "a;b=c,d",
    "[x]{y}|^`",
    "a+b$@!*()",
    "\xc3\xbc \xe2\x82\xac",
    "\xff\xfe latin \xfc",
    "back\\slash",
    "line\nend\r",
    "bell\a\x1b[31m\x7f",
    " leading and trailing ",
    "index.html?",
};

enum { NASTY = sizeof nasty / sizeof nasty[0] };

static const struct listing_row *find_row(const char *name)
{
    for (size_t i = 0; i < page.row_count; i++) {
        if (strcmp(page.rows[i].link, name) == 0) {
            return &page.rows[i];
        }
    }
    ck_abort_msg("%s is not on the page", escaped(name, strlen(name)));
}

/* A path decoder takes neither control bytes nor a backslash (http_path). */
static bool can_be_asked_for(const char *name)
{
    for (; *name != '\0'; name++) {
        if ((unsigned char)*name < ' ' || *name == 0x7f || *name == '\\') {
            return false;
        }
    }
    return true;
}

static void expect_text(const struct listing_row *row, const char *name)
{
    char expected[NAME_MAX];

    snprintf(expected, sizeof expected, "%s", name);
    for (char *c = expected; *c != '\0'; c++) {
        *c = (unsigned char)*c < ' ' || *c == 0x7f ? '?' : *c;
    }
    ck_assert_msg(strcmp(row->text, expected) == 0, "%s is shown as %s",
                  escaped(name, strlen(name)), escaped(row->text, strlen(row->text)));
}

START_TEST(no_name_is_too_nasty_to_be_shown_and_found)
{
    char name[NAME_MAX + 20];

    file_tree_folder("root/nasty");
    for (size_t i = 0; i < NASTY; i++) {
        snprintf(name, sizeof name, "root/nasty/%s", nasty[i]);
        file_tree_text(name, nasty[i]);
    }
    list("/nasty/");
    ck_assert_uint_eq(page.row_count, NASTY + 1);
    for (size_t i = 0; i < NASTY; i++) {
        const struct listing_row *row = find_row(nasty[i]);
        expect_text(row, nasty[i]);
        if (can_be_asked_for(nasty[i])) {
            char target[sizeof row->target + 8];
            snprintf(target, sizeof target, "/nasty/%s", row->target);
            ask(target);
            ck_assert_msg(fixture.response.status == 200 &&
                              fixture.response.length == strlen(nasty[i]) &&
                              memcmp(fixture.response.bytes, nasty[i], strlen(nasty[i])) == 0,
                          "%s does not lead to its file", target);
            request_fixture_close(&fixture);
        }
    }
}
END_TEST

START_TEST(a_nasty_directory_has_a_harmless_title)
{
    file_tree_folder("root/<b>&'");
    list("/%3Cb%3E&'/");
    listing_page_expect(&page, "<h1>/&#60;b&#62;&#38;&#39;/</h1>");
    listing_page_expect(&page, "<title>/&#60;b&#62;&#38;&#39;/</title>");
}
END_TEST

START_TEST(a_huge_directory_is_cut_off_and_the_page_says_so)
{
    static const char note[] = "names were looked at; there are more";
    char name[64];

    file_tree_folder("root/huge");
    for (int i = 0; i < LISTING_MOST; i++) {
        snprintf(name, sizeof name, "root/huge/%d", i);
        file_tree_text(name, "");
    }
    list("/huge/");
    ck_assert_uint_eq(page.row_count, LISTING_MOST + 1);
    ck_assert_ptr_null(strstr(page.text, note));
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "root/huge/more-%d", i);
        file_tree_text(name, "");
        list("/huge/");
        /* "../" is always there, and "." and ".." need not be among the first. */
        ck_assert_uint_ge(page.row_count, LISTING_MOST + 1);
        ck_assert_uint_le(page.row_count, LISTING_MOST + 3);
        listing_page_expect(&page, note);
    }
}
END_TEST

START_TEST(everything_else_is_as_without_a_listing)
{
    static const struct {
        const char *target;
        int status;
    } targets[] = {
        {"/list", 301},       {"/list/nothing", 404},    {"/nothing/", 404},
        {"/list/.git/", 404}, {"/list/.env", 404},       {"/list/fifo", 404},
        {"/odd/", 404},       {"/list/to-parent/", 404}, {"/list/to-sub", 301},
        {"/list//", 404},
    };

    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        ask(targets[i].target);
        ck_assert_msg(fixture.response.status == targets[i].status, "%s: expected %d, got %d",
                      targets[i].target, targets[i].status, fixture.response.status);
        request_fixture_close(&fixture);
    }
    /* An index that is there and may not be served is no reason to show what is beside it. */
    file_tree_folder("root/guarded");
    file_tree_link("root/guarded/index.html", "../../secret");
    ask("/guarded/");
    ck_assert_int_eq(fixture.response.status, 404);
    request_fixture_close(&fixture);
    ask("/sub/");
    ck_assert_uint_eq(fixture.response.length, strlen("<p>sub"));
    request_fixture_close(&fixture);
}
END_TEST

START_TEST(a_page_has_no_validators_and_no_ranges)
{
    ask_with("GET", "/list/", "If-None-Match: *\r\nRange: bytes=0-0\r\n");
    ck_assert_int_eq(fixture.response.status, 200);
    ck_assert_ptr_null(response_field(&fixture.response, "ETag"));
    ck_assert_ptr_null(response_field(&fixture.response, "Accept-Ranges"));
    request_fixture_close(&fixture);
}
END_TEST

START_TEST(a_head_of_a_page_has_the_length_of_the_page)
{
    ask("/list/");
    uint64_t length = fixture.response.length;
    request_fixture_close(&fixture);
    ask_with("HEAD", "/list/", "");
    ck_assert_int_eq(fixture.response.status, 200);
    ck_assert_uint_eq(fixture.response.length, length);
    request_fixture_close(&fixture);
}
END_TEST

/* Whichever allocation fails: a page that is whole, or an error. */
START_TEST(without_memory_there_is_no_half_page)
{
    enum { MOST_ALLOCATIONS = 200 };
    int before = open_descriptors();
    int spared = 0;
    bool whole = false;

    list("/list/");
    size_t length = strlen(page.text);
    for (; !whole && spared < MOST_ALLOCATIONS; spared++) {
        request_fixture_open(&fixture, "GET", "/list/");
        allocations_fail_after(spared);
        ask_again();
        allocations_succeed();
        whole = fixture.response.status == 200 && !fixture.response.failed &&
                fixture.response.length == length;
        ck_assert_msg(whole || fixture.response.failed || fixture.response.status == 503,
                      "after %d allocations: %d, %d bytes", spared, fixture.response.status,
                      (int)fixture.response.length);
        request_fixture_close(&fixture);
        ck_assert_int_eq(open_descriptors(), before);
    }
    ck_assert_msg(whole && spared > 3, "whole after %d allocations", spared);
}
END_TEST

START_TEST(without_a_free_descriptor_there_is_no_page_but_503)
{
    unsigned long limit = exhaust_descriptors();

    ask("/list/");
    restore_descriptors(limit);
    ck_assert_int_eq(fixture.response.status, 503);
    request_fixture_close(&fixture);
}
END_TEST

TCase *static_files_listing(void)
{
    TCase *cases = tcase_create("listing");

    tcase_add_unchecked_fixture(cases, build_folders, file_tree_remove);
    tcase_add_checked_fixture(cases, open_files_with_listing, close_page);
    tcase_add_test(cases, directories_come_first_and_names_in_order);
    tcase_add_test(cases, an_empty_directory_leads_only_up);
    tcase_add_test(cases, the_root_leads_nowhere_up);
    tcase_add_test(cases, a_file_has_its_size_and_date);
    tcase_add_test(cases, no_name_is_too_nasty_to_be_shown_and_found);
    tcase_add_test(cases, a_nasty_directory_has_a_harmless_title);
    tcase_add_test(cases, a_huge_directory_is_cut_off_and_the_page_says_so);
    tcase_add_test(cases, everything_else_is_as_without_a_listing);
    tcase_add_test(cases, a_page_has_no_validators_and_no_ranges);
    tcase_add_test(cases, a_head_of_a_page_has_the_length_of_the_page);
    tcase_add_test(cases, without_memory_there_is_no_half_page);
    tcase_add_test(cases, without_a_free_descriptor_there_is_no_page_but_503);
    return cases;
}
