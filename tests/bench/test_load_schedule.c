#include "load_schedule.h"
#include "suite_runner.h"

static const uint64_t second = 1000000000;
static const uint64_t start = 5000000000;

static const uint64_t rates[] = {1, 3, 7, 1000, 999999, 1000000};

START_TEST(a_request_waits_from_the_moment_it_is_due_and_not_before)
{
    struct load_schedule schedule = {
        .start_ns = start, .end_ns = start + 600 * second, .rate = rates[_i]};

    for (int i = 0; i < 10000 && load_schedule_next_ns(&schedule) < schedule.end_ns; i++) {
        uint64_t due = load_schedule_next_ns(&schedule);
        ck_assert_uint_eq(load_schedule_waiting(&schedule, due - 1), 0);
        ck_assert_uint_eq(load_schedule_waiting(&schedule, due), 1);
        ck_assert_uint_eq(load_schedule_take(&schedule), due);
    }
}
END_TEST

START_TEST(a_second_has_as_many_as_the_rate_says)
{
    struct load_schedule schedule = {
        .start_ns = start, .end_ns = start + second, .rate = rates[_i]};

    ck_assert_uint_eq(load_schedule_waiting(&schedule, start + 600 * second), rates[_i]);
    ck_assert_uint_eq(load_schedule_waiting(&schedule, start + second - 1), rates[_i]);
}
END_TEST

START_TEST(what_was_not_taken_in_time_waits_with_its_own_time)
{
    struct load_schedule schedule = {
        .start_ns = start, .end_ns = start + 10 * second, .rate = 1000};
    uint64_t now = start + second / 5;

    /* Nothing for 200 ms, then all that has come due, the first at the start itself. */
    ck_assert_uint_eq(load_schedule_waiting(&schedule, now), 201);
    for (uint64_t i = 0; i <= 200; i++) {
        ck_assert_uint_eq(load_schedule_take(&schedule), start + i * second / 1000);
    }
    ck_assert_uint_eq(load_schedule_waiting(&schedule, now), 0);
}
END_TEST

START_TEST(ten_minutes_of_a_million_a_second_do_not_overflow)
{
    struct load_schedule schedule = {
        .start_ns = UINT64_MAX / 4, .end_ns = UINT64_MAX / 4 + 600 * second, .rate = 1000000};

    ck_assert_uint_eq(load_schedule_waiting(&schedule, UINT64_MAX), 600000000);
    schedule.taken = 599999999;
    ck_assert_uint_eq(load_schedule_take(&schedule), schedule.end_ns - 1000);
    ck_assert_uint_eq(load_schedule_waiting(&schedule, UINT64_MAX), 0);
}
END_TEST

START_TEST(before_the_start_nothing_is_due)
{
    struct load_schedule schedule = {.start_ns = start, .end_ns = start + second, .rate = 1000};

    ck_assert_uint_eq(load_schedule_waiting(&schedule, start - 1), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("load_schedule");
    TCase *tcase = tcase_create("schedule");

    tcase_add_loop_test(tcase, a_request_waits_from_the_moment_it_is_due_and_not_before, 0,
                        (int)(sizeof rates / sizeof *rates));
    tcase_add_loop_test(tcase, a_second_has_as_many_as_the_rate_says, 0,
                        (int)(sizeof rates / sizeof *rates));
    tcase_add_test(tcase, what_was_not_taken_in_time_waits_with_its_own_time);
    tcase_add_test(tcase, ten_minutes_of_a_million_a_second_do_not_overflow);
    tcase_add_test(tcase, before_the_start_nothing_is_due);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
