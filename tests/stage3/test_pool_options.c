#include "pool_options.h"

#include "suite_runner.h"
#include "thread_pool.h"
#include "variants.h"

#include <errno.h>
#include <string.h>

static struct pool_options options;
static int wanted_count;

static int own_count(void)
{
    return wanted_count;
}

static int init_with_count(int count)
{
    const struct server_extensions extensions = {.default_thread_count = own_count};

    wanted_count = count;
    return pool_options_init(&options, &extensions);
}

START_TEST(the_defaults_are_epoll_socketpair_round_robin_and_a_thread_for_each_cpu)
{
    ck_assert_int_eq(pool_options_init(&options, NULL), 0);
    ck_assert_str_eq(options.dispatchers.names[options.dispatcher], "epoll");
    ck_assert_str_eq(options.wakeups.names[options.wakeup], "socketpair");
    ck_assert_str_eq(options.policies.names[options.policy], "round-robin");
    int cpus = thread_pool_default_count();
    ck_assert_int_eq(options.threads,
                     cpus < POOL_OPTIONS_MAX_THREADS ? cpus : POOL_OPTIONS_MAX_THREADS);
}
END_TEST

START_TEST(a_count_of_the_extensions_is_the_default_and_told_in_the_help)
{
    ck_assert_int_eq(init_with_count(5), 0);
    ck_assert_int_eq(options.threads, 5);
    ck_assert_msg(strstr(options.threads_help, "(5 here)") != NULL, "the help says '%s'",
                  options.threads_help);
}
END_TEST

START_TEST(both_ends_of_the_range_are_good_counts)
{
    ck_assert_int_eq(init_with_count(0), 0);
    ck_assert_int_eq(options.threads, 0);
    ck_assert_int_eq(init_with_count(POOL_OPTIONS_MAX_THREADS), 0);
    ck_assert_int_eq(options.threads, POOL_OPTIONS_MAX_THREADS);
}
END_TEST

START_TEST(a_count_that_makes_no_sense_is_refused)
{
    ck_assert_int_eq(init_with_count(-1), -ERANGE);
    ck_assert_int_eq(init_with_count(POOL_OPTIONS_MAX_THREADS + 1), -ERANGE);
}
END_TEST

START_TEST(tables_of_the_extensions_stand_behind_the_built_in_ones)
{
    static const struct event_dispatcher dispatcher = {.name = "own-dispatcher"};
    static const struct wakeup wakeup = {.name = "own-wakeup"};
    static const struct selection_policy policy = {.name = "own-policy"};
    const struct event_dispatcher *const dispatchers[] = {&dispatcher, NULL};
    const struct wakeup *const wakeups[] = {&wakeup, NULL};
    const struct selection_policy *const policies[] = {&policy, NULL};
    const struct server_extensions extensions = {dispatchers, wakeups, policies, NULL};

    ck_assert_int_eq(pool_options_init(&options, &extensions), 0);
    ck_assert_ptr_eq(options.dispatchers.tables[options.dispatchers.count - 1], &dispatcher);
    ck_assert_ptr_eq(options.wakeups.tables[options.wakeups.count - 1], &wakeup);
    ck_assert_ptr_eq(options.policies.tables[options.policies.count - 1], &policy);
}
END_TEST

START_TEST(a_name_that_is_taken_is_refused_in_every_list)
{
    static const struct event_dispatcher dispatcher = {.name = "select"};
    static const struct wakeup wakeup = {.name = "socketpair"};
    static const struct selection_policy policy = {.name = "round-robin"};
    const struct event_dispatcher *const dispatchers[] = {&dispatcher, NULL};
    const struct wakeup *const wakeups[] = {&wakeup, NULL};
    const struct selection_policy *const policies[] = {&policy, NULL};
    const struct server_extensions clashes[] = {
        {.dispatchers = dispatchers},
        {.wakeups = wakeups},
        {.policies = policies},
    };

    for (size_t i = 0; i < 3; i++) {
        int result = pool_options_init(&options, &clashes[i]);
        ck_assert_msg(result == -EEXIST, "list %zu: expected %d, got %d", i, -EEXIST, result);
    }
}
END_TEST

START_TEST(more_tables_than_there_is_room_for_are_refused)
{
    static char names[NAMED_CHOICES_MAX][4];
    static struct wakeup many[NAMED_CHOICES_MAX];
    const struct wakeup *wakeups[NAMED_CHOICES_MAX + 1] = {NULL};
    const struct server_extensions extensions = {.wakeups = wakeups};

    for (int i = 0; i < NAMED_CHOICES_MAX; i++) {
        names[i][0] = 'n';
        names[i][1] = (char)('A' + i);
        many[i].name = names[i];
        wakeups[i] = &many[i];
    }
    ck_assert_int_eq(pool_options_init(&options, &extensions), -ENOSPC);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pool options");

    add_case(suite, "defaults",
             the_defaults_are_epoll_socketpair_round_robin_and_a_thread_for_each_cpu);
    add_case(suite, "thread count", a_count_of_the_extensions_is_the_default_and_told_in_the_help,
             both_ends_of_the_range_are_good_counts, a_count_that_makes_no_sense_is_refused);
    add_case(suite, "extensions", tables_of_the_extensions_stand_behind_the_built_in_ones,
             a_name_that_is_taken_is_refused_in_every_list,
             more_tables_than_there_is_room_for_are_refused);
    return run_suite(suite);
}
