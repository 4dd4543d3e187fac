#include "counter.h"
#include "suite_runner.h"

#include <pthread.h>
#include <stdbool.h>

START_TEST(a_counter_adds_up)
{
    struct counter counter = {0};

    ck_assert_uint_eq(counter_read(&counter), 0);
    counter_add(&counter, 3);
    counter_add(&counter, 0);
    counter_add(&counter, UINT64_C(1) << 40);
    ck_assert_uint_eq(counter_read(&counter), (UINT64_C(1) << 40) + 3);
}
END_TEST

START_TEST(a_high_water_mark_only_rises)
{
    struct counter counter = {0};

    counter_raise(&counter, 5);
    counter_raise(&counter, 3);
    ck_assert_uint_eq(counter_read(&counter), 5);
    counter_raise(&counter, 6);
    ck_assert_uint_eq(counter_read(&counter), 6);
}
END_TEST

enum { LAST = 200000 };

static void *read_until_last(void *argument)
{
    const struct counter *counter = argument;
    static bool fell;
    uint64_t before = 0;

    while (before < LAST) {
        uint64_t now = counter_read(counter);
        fell = fell || now < before;
        before = now;
    }
    return &fell;
}

/* Under the thread sanitizer this also shows that reading needs no lock. */
START_TEST(another_thread_may_read_and_never_sees_it_fall)
{
    struct counter counter = {0};
    pthread_t reader;
    void *fell;

    ck_assert_int_eq(pthread_create(&reader, NULL, read_until_last, &counter), 0);
    for (int i = 0; i < LAST; i++) {
        counter_add(&counter, 1);
    }
    ck_assert_int_eq(pthread_join(reader, &fell), 0);
    ck_assert_msg(!*(bool *)fell, "the reader saw a smaller value after a larger one");
    ck_assert_uint_eq(counter_read(&counter), LAST);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("counter");
    TCase *values = tcase_create("values");

    tcase_add_test(values, a_counter_adds_up);
    tcase_add_test(values, a_high_water_mark_only_rises);
    tcase_add_test(values, another_thread_may_read_and_never_sees_it_fall);
    suite_add_tcase(suite, values);
    return run_suite(suite);
}
