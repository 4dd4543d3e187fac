#include "allocation_faults.h"
#include "channel_map.h"
#include "suite_runner.h"

#include <errno.h>
#include <signal.h>

START_TEST(an_empty_map_finds_nothing)
{
    struct channel_map map = {0};

    ck_assert_ptr_null(channel_map_find(&map, 0));
    ck_assert_ptr_null(channel_map_find(&map, 100000));
    ck_assert_uint_eq(channel_map_generation(&map, 5), 0);
}
END_TEST

START_TEST(a_channel_is_found_by_its_descriptor_and_by_no_other)
{
    struct channel_map map = {0};
    struct channel channel = {.fd = 7};

    ck_assert_int_eq(channel_map_insert(&map, &channel), 0);
    ck_assert_ptr_eq(channel_map_find(&map, 7), &channel);
    ck_assert_ptr_null(channel_map_find(&map, 6));
    ck_assert_ptr_null(channel_map_find(&map, 8));
    channel_map_release(&map);
}
END_TEST

START_TEST(growing_keeps_channels_and_generations)
{
    enum { COUNT = 3000 };
    static struct channel channels[COUNT];
    struct channel_map map = {0};

    for (int fd = 0; fd < COUNT; fd++) {
        channels[fd].fd = fd;
        ck_assert_int_eq(channel_map_insert(&map, &channels[fd]), 0);
        /* Every third has been taken out once: its generation must survive the growth, too. */
        if (fd % 3 == 0) {
            channel_map_erase(&map, fd);
            ck_assert_int_eq(channel_map_insert(&map, &channels[fd]), 0);
        }
    }
    for (int fd = 0; fd < COUNT; fd++) {
        ck_assert_msg(channel_map_find(&map, fd) == &channels[fd], "descriptor %d: another channel",
                      fd);
        ck_assert_msg(channel_map_generation(&map, fd) == (fd % 3 == 0),
                      "descriptor %d: expected generation %d, got %u", fd, fd % 3 == 0,
                      channel_map_generation(&map, fd));
    }
    channel_map_release(&map);
}
END_TEST

START_TEST(a_high_descriptor_comes_with_empty_slots_below)
{
    struct channel_map map = {0};
    struct channel channel = {.fd = 5000};

    ck_assert_int_eq(channel_map_insert(&map, &channel), 0);
    for (int fd = 0; fd < 5000; fd++) {
        ck_assert_msg(channel_map_find(&map, fd) == NULL, "descriptor %d has a channel", fd);
        ck_assert_uint_eq(channel_map_generation(&map, fd), 0);
    }
    ck_assert_ptr_eq(channel_map_find(&map, 5000), &channel);
    ck_assert_ptr_null(channel_map_find(&map, 5001));
    channel_map_release(&map);
}
END_TEST

START_TEST(only_taking_out_changes_the_generation)
{
    struct channel_map map = {0};
    struct channel channel = {.fd = 3};

    for (unsigned times = 0; times < 5; times++) {
        ck_assert_int_eq(channel_map_insert(&map, &channel), 0);
        ck_assert_uint_eq(channel_map_generation(&map, 3), times);
        channel_map_erase(&map, 3);
        ck_assert_uint_eq(channel_map_generation(&map, 3), times + 1);
        ck_assert_ptr_null(channel_map_find(&map, 3));
        ck_assert_uint_eq(channel_map_generation(&map, 4), 0);
    }
    channel_map_release(&map);
}
END_TEST

START_TEST(without_memory_insert_fails_and_changes_nothing)
{
    struct channel_map map = {0};
    struct channel low = {.fd = 1};
    struct channel high = {.fd = 5000};

    ck_assert_int_eq(channel_map_insert(&map, &low), 0);
    allocations_fail_after(0);
    int result = channel_map_insert(&map, &high);
    allocations_succeed();

    ck_assert_int_eq(result, -ENOMEM);
    ck_assert_ptr_eq(channel_map_find(&map, 1), &low);
    ck_assert_ptr_null(channel_map_find(&map, 5000));
    ck_assert_int_eq(channel_map_insert(&map, &high), 0);
    channel_map_release(&map);
}
END_TEST

#ifndef NDEBUG
START_TEST(two_channels_for_one_descriptor_are_a_programmer_s_error)
{
    struct channel_map map = {0};
    struct channel first = {.fd = 3};
    struct channel second = {.fd = 3};

    ck_assert_int_eq(channel_map_insert(&map, &first), 0);
    channel_map_insert(&map, &second);
}
END_TEST

START_TEST(erasing_what_is_not_there_is_a_programmer_s_error)
{
    struct channel_map map = {0};

    channel_map_erase(&map, 3);
}
END_TEST
#endif

int main(void)
{
    Suite *suite = suite_create("channel_map");

    TCase *finding = tcase_create("finding");
    tcase_add_test(finding, an_empty_map_finds_nothing);
    tcase_add_test(finding, a_channel_is_found_by_its_descriptor_and_by_no_other);
    suite_add_tcase(suite, finding);

    TCase *growth = tcase_create("growth");
    tcase_add_test(growth, growing_keeps_channels_and_generations);
    tcase_add_test(growth, a_high_descriptor_comes_with_empty_slots_below);
    tcase_add_test(growth, without_memory_insert_fails_and_changes_nothing);
    suite_add_tcase(suite, growth);

    TCase *generations = tcase_create("generations");
    tcase_add_test(generations, only_taking_out_changes_the_generation);
    suite_add_tcase(suite, generations);

#ifndef NDEBUG
    TCase *assertions = tcase_create("assertions");
    tcase_add_checked_fixture(assertions, silence_assertions, NULL);
    tcase_add_test_raise_signal(assertions,
                                two_channels_for_one_descriptor_are_a_programmer_s_error, SIGABRT);
    tcase_add_test_raise_signal(assertions, erasing_what_is_not_there_is_a_programmer_s_error,
                                SIGABRT);
    suite_add_tcase(suite, assertions);
#endif
    return run_suite(suite);
}
