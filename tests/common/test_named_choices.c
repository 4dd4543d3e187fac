#include "named_choices.h"
#include "suite_runner.h"

#include <errno.h>
#include <stdio.h>

START_TEST(names_and_tables_are_in_the_order_they_came)
{
    struct named_choices choices = {0};
    const int first = 1;
    const int second = 2;

    ck_assert_int_eq(named_choices_add(&choices, "first", &first), 0);
    ck_assert_int_eq(named_choices_add(&choices, "second", &second), 0);
    ck_assert_uint_eq(choices.count, 2);
    ck_assert_str_eq(choices.names[0], "first");
    ck_assert_str_eq(choices.names[1], "second");
    ck_assert_ptr_null(choices.names[2]);
    ck_assert_ptr_eq(choices.tables[0], &first);
    ck_assert_ptr_eq(choices.tables[1], &second);
}
END_TEST

START_TEST(a_name_that_is_taken_is_refused_and_changes_nothing)
{
    struct named_choices choices = {0};
    const int table = 1;
    const int other = 2;
    char same_text[] = "name";

    ck_assert_int_eq(named_choices_add(&choices, "name", &table), 0);
    ck_assert_int_eq(named_choices_add(&choices, same_text, &other), -EEXIST);
    ck_assert_uint_eq(choices.count, 1);
    ck_assert_ptr_eq(choices.tables[0], &table);
    ck_assert_ptr_null(choices.names[1]);
}
END_TEST

START_TEST(a_full_list_says_so_and_is_still_ended_by_null)
{
    static char names[NAMED_CHOICES_MAX][8];
    struct named_choices choices = {0};

    for (int i = 0; i < NAMED_CHOICES_MAX; i++) {
        snprintf(names[i], sizeof names[i], "n%d", i);
        ck_assert_int_eq(named_choices_add(&choices, names[i], names[i]), 0);
    }
    ck_assert_int_eq(named_choices_add(&choices, "one more", NULL), -ENOSPC);
    ck_assert_uint_eq(choices.count, NAMED_CHOICES_MAX);
    ck_assert_ptr_null(choices.names[NAMED_CHOICES_MAX]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("named_choices");
    TCase *adding = tcase_create("adding");

    tcase_add_test(adding, names_and_tables_are_in_the_order_they_came);
    tcase_add_test(adding, a_name_that_is_taken_is_refused_and_changes_nothing);
    tcase_add_test(adding, a_full_list_says_so_and_is_still_ended_by_null);
    suite_add_tcase(suite, adding);
    return run_suite(suite);
}
