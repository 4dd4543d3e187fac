#include "selection_policy.h"

#include "suite_runner.h"
#include "variants.h"

#include <errno.h>

enum { LOOPS_MAX = 7, ROUNDS = 1000 };

START_TEST(round_robin_starts_at_loop_0_and_takes_each_in_turn)
{
    struct loop_load loads[LOOPS_MAX] = {0};

    for (size_t count = 1; count <= LOOPS_MAX; count++) {
        struct selection_state state = {0};
        for (size_t call = 0; call < 3 * count; call++) {
            size_t index = round_robin_policy.select(loads, count, &state);
            ck_assert_msg(index == call % count, "%zu loops, call %zu: expected loop %zu, got %zu",
                          count, call, call % count, index);
        }
    }
}
END_TEST

START_TEST(round_robin_is_even_whatever_the_loads_are)
{
    struct loop_load loads[LOOPS_MAX] = {0};
    struct selection_state state = {0};
    size_t chosen[LOOPS_MAX] = {0};

    for (size_t i = 0; i < LOOPS_MAX; i++) {
        atomic_store(&loads[i].connections, i * 100);
    }
    for (size_t call = 0; call < (size_t)ROUNDS * LOOPS_MAX; call++) {
        chosen[round_robin_policy.select(loads, LOOPS_MAX, &state)]++;
    }
    for (size_t i = 0; i < LOOPS_MAX; i++) {
        ck_assert_msg(chosen[i] == ROUNDS, "loop %zu: expected %d choices, got %zu", i, ROUNDS,
                      chosen[i]);
    }
}
END_TEST

START_TEST(each_pool_has_a_turn_of_its_own)
{
    struct loop_load loads[3] = {0};
    struct selection_state first = {0};
    struct selection_state second = {0};

    ck_assert_uint_eq(round_robin_policy.select(loads, 3, &first), 0);
    ck_assert_uint_eq(round_robin_policy.select(loads, 3, &first), 1);
    ck_assert_uint_eq(round_robin_policy.select(loads, 3, &second), 0);
    ck_assert_uint_eq(round_robin_policy.select(loads, 3, &first), 2);
}
END_TEST

START_TEST(round_robin_survives_the_wrap_around_of_its_counter)
{
    struct loop_load loads[3] = {0};
    struct selection_state state = {.words = {UINT64_MAX}};

    for (int i = 0; i < 4; i++) {
        ck_assert_uint_lt(round_robin_policy.select(loads, 3, &state), 3);
    }
}
END_TEST

START_TEST(two_loads_never_share_a_cache_line)
{
    static struct loop_load loads[2];

    ck_assert_uint_ge(sizeof loads[0], 64);
    ck_assert_uint_eq((uintptr_t)&loads[1] % 64, 0);
}
END_TEST

static const struct selection_policy own_policy = {.name = "own"};
static const struct selection_policy clashing_policy = {.name = "round-robin"};

static int list_with(const struct selection_policy *const *more, struct named_choices *ret_choices)
{
    const struct server_extensions extensions = {.policies = more};

    return policies_list(&extensions, ret_choices);
}

START_TEST(the_list_starts_with_round_robin_and_ends_with_the_extensions)
{
    const struct selection_policy *const more[] = {&own_policy, NULL};
    struct named_choices choices;

    ck_assert_int_eq(list_with(more, &choices), 0);
    ck_assert_uint_eq(choices.count, 2);
    ck_assert_ptr_eq(choices.tables[POLICIES_DEFAULT], &round_robin_policy);
    ck_assert_str_eq(choices.names[POLICIES_DEFAULT], "round-robin");
    ck_assert_ptr_eq(choices.tables[1], &own_policy);
    ck_assert_str_eq(choices.names[1], "own");
    ck_assert_ptr_null(choices.names[2]);
}
END_TEST

START_TEST(extensions_without_policies_are_an_empty_list)
{
    struct named_choices choices;

    ck_assert_int_eq(policies_list(NULL, &choices), 0);
    ck_assert_uint_eq(choices.count, 1);
    ck_assert_int_eq(list_with(NULL, &choices), 0);
    ck_assert_uint_eq(choices.count, 1);
}
END_TEST

START_TEST(a_name_that_is_taken_is_refused)
{
    const struct selection_policy *const clash[] = {&clashing_policy, NULL};
    const struct selection_policy *const twice[] = {&own_policy, &own_policy, NULL};
    struct named_choices choices;

    ck_assert_int_eq(list_with(clash, &choices), -EEXIST);
    ck_assert_int_eq(list_with(twice, &choices), -EEXIST);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("selection policy");

    add_case(suite, "round-robin", round_robin_starts_at_loop_0_and_takes_each_in_turn,
             round_robin_is_even_whatever_the_loads_are, each_pool_has_a_turn_of_its_own,
             round_robin_survives_the_wrap_around_of_its_counter);
    add_case(suite, "loads", two_loads_never_share_a_cache_line);
    add_case(suite, "list", the_list_starts_with_round_robin_and_ends_with_the_extensions,
             extensions_without_policies_are_an_empty_list, a_name_that_is_taken_is_refused);
    return run_suite(suite);
}
