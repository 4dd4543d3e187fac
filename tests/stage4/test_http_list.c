#include "escaped.h"
#include "http_list.h"
#include "moved_memory.h"
#include "request_fixture.h"
#include "suite_runner.h"

#include <stdio.h>
#include <string.h>

static void add(char *items, size_t capacity, struct http_span item)
{
    size_t length = strlen(items);

    snprintf(items + length, capacity - length, "[%.*s]", (int)item.length, item.data);
}

static void expect_items(const char *input, const char *items, const char *expected)
{
    ck_assert_msg(strcmp(items, expected) == 0, "%s: expected %s, got %s",
                  escaped(input, strlen(input)), expected, escaped(items, strlen(items)));
}

START_TEST(a_value_is_taken_apart_at_its_commas)
{
    static const struct {
        const char *value;
        const char *items;
    } values[] = {
        {"", ""},
        {"a", "[a]"},
        {"a,b", "[a][b]"},
        {"a, b ,c", "[a][b][c]"},
        {"a\t,\t b", "[a][b]"},
        {"a b,c", "[a b][c]"},
        {",", ""},
        {" , ,,\t", ""},
        {",a,,b,", "[a][b]"},
        {" a ", "[a]"},
        {"\"a,b\",c", "[\"a,b\"][c]"},
        {"\"a\",\"b\"", "[\"a\"][\"b\"]"},
        {"\"\\\",\"b\"", "[\"\\\"][\"b\"]"},
        {"W/\"a, b\" , W/\"c\"", "[W/\"a, b\"][W/\"c\"]"},
        {"a\",b\"c,d", "[a\",b\"c][d]"},
        {"\"a,b", "[\"a,b]"},
        {"a,\"", "[a][\"]"},
    };

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        size_t length = strlen(values[i].value);
        struct http_span rest = {moved_memory(values[i].value, length), length};
        struct http_span item;
        char items[200] = "";
        while (http_list_item(&rest, &item)) {
            add(items, sizeof items, item);
        }
        expect_items(values[i].value, items, values[i].items);
    }
}
END_TEST

START_TEST(all_lines_of_a_name_are_one_list)
{
    static const struct {
        const char *fields;
        const char *items;
    } heads[] = {
        {"", ""},
        {"Other: a\r\n", ""},
        {"List:\r\n", ""},
        {"List: a, b\r\n", "[a][b]"},
        {"List: a\r\nList: b\r\n", "[a][b]"},
        {"list: a,b\r\nOther: x, y\r\nLIST: c\r\nLists: z\r\n", "[a][b][c]"},
        {"List: a\r\nList:\r\nList: ,\r\nList: b\r\n", "[a][b]"},
        /* A quote that is open at the end of a line does not reach into the next. */
        {"List: \"a\r\nList: b, \"c\r\n", "[\"a][b][\"c]"},
    };

    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        struct request_fixture fixture;
        struct http_list list;
        struct http_span item;
        char items[200] = "";
        request_fixture_open_with(&fixture, "GET", "/", heads[i].fields);
        http_list_init(&list, &fixture.request, "List");
        while (http_list_next(&list, &item)) {
            add(items, sizeof items, item);
        }
        ck_assert_msg(!http_list_next(&list, &item), "it went on behind its end");
        request_fixture_close(&fixture);
        expect_items(heads[i].fields, items, heads[i].items);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http_list");
    TCase *lists = tcase_create("lists");

    tcase_add_test(lists, a_value_is_taken_apart_at_its_commas);
    tcase_add_test(lists, all_lines_of_a_name_are_one_list);
    suite_add_tcase(suite, lists);
    return run_suite(suite);
}
