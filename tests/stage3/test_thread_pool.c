#include "thread_pool.h"

#include "capture.h"
#include "loop_calls.h"
#include "pool_fixture.h"
#include "scripted_dispatcher.h"
#include "scripted_wakeup.h"
#include "suite_runner.h"
#include "thread_faults.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 4, WILD_CHOICES = 1000 };

static struct pool_fixture fixture;

static struct reactor *reactor_at(size_t index)
{
    return thread_pool_reactor(fixture.pool, index);
}

START_TEST(every_reactor_of_the_pool_runs_on_a_thread_of_its_own)
{
    pid_t ids[THREADS];

    pool_fixture_open(&fixture, variant_at(_i), THREADS);
    ck_assert_uint_eq(thread_pool_size(fixture.pool), THREADS);
    for (size_t i = 0; i < THREADS; i++) {
        ids[i] = loop_thread_id(reactor_at(i)->mailbox);
        ck_assert_int_ne(ids[i], gettid());
        for (size_t k = 0; k < i; k++) {
            ck_assert_int_ne(ids[i], ids[k]);
        }
    }
    pool_fixture_end(&fixture);
}
END_TEST

static void read_thread_name(pid_t thread, char *ret_name, int capacity)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/self/task/%d/comm", thread);
    FILE *file = fopen(path, "re");
    ck_assert_msg(file != NULL && fgets(ret_name, capacity, file) != NULL, "cannot read %s", path);
    ret_name[strcspn(ret_name, "\n")] = '\0';
    fclose(file);
}

START_TEST(the_threads_are_named_after_their_place_in_the_pool)
{
    char expected[32];
    char name[32];

    pool_fixture_open(&fixture, variant_at(_i), THREADS);
    for (size_t i = 0; i < THREADS; i++) {
        snprintf(expected, sizeof expected, "sub-reactor-%zu", i);
        read_thread_name(loop_thread_id(reactor_at(i)->mailbox), name, sizeof name);
        ck_assert_str_eq(name, expected);
    }
    pool_fixture_end(&fixture);
}
END_TEST

START_TEST(the_main_reactor_takes_no_connections_when_there_are_threads)
{
    pool_fixture_open(&fixture, variant_at(_i), THREADS);
    ck_assert_ptr_null(thread_pool_main_load(fixture.pool));
    ck_assert_ptr_eq(thread_pool_main_reactor(fixture.pool), &fixture.main);
    for (size_t i = 0; i < THREADS; i++) {
        ck_assert_ptr_ne(reactor_at(i), &fixture.main);
        ck_assert_ptr_eq(thread_pool_load(fixture.pool, i), reactor_at(i)->load);
        ck_assert_uint_eq(loop_load_connections(thread_pool_load(fixture.pool, i)), 0);
    }
    pool_fixture_end(&fixture);
}
END_TEST

START_TEST(without_threads_the_pool_is_the_main_reactor)
{
    pool_fixture_open(&fixture, variant_at(_i), 0);
    ck_assert_uint_eq(footprint_take().threads, fixture.before.threads);
    ck_assert_uint_eq(thread_pool_size(fixture.pool), 1);
    ck_assert_ptr_nonnull(thread_pool_main_load(fixture.pool));
    ck_assert_ptr_eq(thread_pool_main_load(fixture.pool), thread_pool_load(fixture.pool, 0));
    ck_assert_ptr_eq(reactor_at(0), &fixture.main);
    ck_assert_ptr_eq(thread_pool_main_reactor(fixture.pool), &fixture.main);
    for (int i = 0; i < 3; i++) {
        ck_assert_ptr_eq(thread_pool_select(fixture.pool), &fixture.main);
    }
    pool_fixture_end(&fixture);
}
END_TEST

/* Every place a thread can have: the first, one in between, the last. */
static void expect_failed_start(struct fault *fault, int armed_with, int expected)
{
    for (int k = 1; k <= THREADS; k++) {
        fault_arm(fault, k, armed_with);
        unsigned entered = atomic_load(&fixture.hooks.entered);
        int result = thread_pool_start(fixture.pool, &fixture.main);
        ck_assert_msg(result == expected, "thread %d of %d: expected %s, got %s", k, THREADS,
                      strerrorname_np(-expected),
                      result < 0 ? strerrorname_np(-result) : "a start");
        /* Those before it ran, and have ended; those after it never were. */
        ck_assert_uint_eq(atomic_load(&fixture.hooks.entered) - entered, (unsigned)k - 1);
        ck_assert_uint_eq(atomic_load(&fixture.hooks.left) + 1,
                          atomic_load(&fixture.hooks.entered));
        await_thread_count(fixture.before.threads);
    }
    pool_fixture_close(&fixture);
    ck_assert_int_eq(atomic_load(&thread_faults.not_joined), 0);
    ck_assert_int_eq(atomic_load(&fixture.failure), 0);
}

START_TEST(a_dispatcher_that_fails_at_any_thread_fails_the_start)
{
    pool_fixture_prepare(&fixture, variant_at(_i), THREADS);
    pool_fixture_create(&fixture);
    expect_failed_start(&dispatcher_script.create, -EMFILE, -EMFILE);
}
END_TEST

START_TEST(a_wakeup_that_fails_at_any_thread_fails_the_start)
{
    struct variant variant = variant_at(_i);

    variant.wakeup = scripted_wakeup(variant.wakeup);
    pool_fixture_prepare(&fixture, variant, THREADS);
    pool_fixture_create(&fixture);
    expect_failed_start(&wakeup_script.open, -ENFILE, -ENFILE);
}
END_TEST

START_TEST(an_enter_that_fails_at_any_thread_fails_the_start)
{
    pool_fixture_prepare(&fixture, variant_at(_i), THREADS);
    pool_fixture_create(&fixture);
    expect_failed_start(&fixture.hooks.enter, -ETIME, -ETIME);
}
END_TEST

START_TEST(a_thread_that_cannot_be_created_fails_the_start)
{
    pool_fixture_prepare(&fixture, variant_at(_i), THREADS);
    pool_fixture_create(&fixture);
    expect_failed_start(&thread_faults.create, EAGAIN, -EAGAIN);
}
END_TEST

START_TEST(a_loop_that_ends_by_itself_is_reported_and_the_others_go_on)
{
    struct loop_hold end = {0};

    pool_fixture_open(&fixture, variant_at(_i), THREADS);
    loop_break(&end, reactor_at(1)->mailbox, -EBADF);
    sem_wait(&fixture.failed);
    ck_assert_int_eq(atomic_load(&fixture.failure), -EBADF);
    ck_assert_int_ne(loop_thread_id(reactor_at(0)->mailbox), 0);
    ck_assert_int_ne(loop_thread_id(reactor_at(2)->mailbox), 0);
    pool_fixture_end(&fixture);
}
END_TEST

static struct loop_hold last_loop;
static size_t quits_seen;
static unsigned left_at_last_quit = THREADS;

/* On the main thread, which posts nothing but one quit to each loop. The last one is held. */
static void look_at_quit(void)
{
    if (++quits_seen == THREADS) {
        left_at_last_quit = atomic_load(&fixture.hooks.left);
        loop_release(&last_loop);
    }
}

/* A handler of the last loop may be reading the counters of the first. */
START_TEST(no_loop_is_released_before_all_have_ended)
{
    struct variant variant = variant_at(_i);

    variant.wakeup = scripted_wakeup(variant.wakeup);
    pool_fixture_open(&fixture, variant, THREADS);
    loop_hold(&last_loop, reactor_at(THREADS - 1)->mailbox);
    wakeup_script.on_wake = look_at_quit;
    pool_fixture_end(&fixture);
    ck_assert_msg(left_at_last_quit == 0, "%u loops had been released when the last had to quit",
                  left_at_last_quit);
}
END_TEST

START_TEST(destroy_accepts_null)
{
    struct footprint before = footprint_take();

    thread_pool_destroy(NULL);
    footprint_expect(before);
}
END_TEST

static struct {
    const struct loop_load *loads;
    size_t count;
    uint64_t calls;
} seen;

/* Takes the last loop, and counts in the state how often it was asked. */
static size_t select_last(const struct loop_load *loads, size_t count,
                          struct selection_state *state)
{
    seen.loads = loads;
    seen.count = count;
    seen.calls = ++state->words[3];
    return count - 1;
}

static const struct selection_policy last_policy = {.name = "last", .select = select_last};

START_TEST(the_policy_gets_the_loads_their_number_and_the_pools_state)
{
    pool_fixture_prepare(&fixture, variant_at(_i), 2);
    fixture.config.policy = &last_policy;
    pool_fixture_create(&fixture);
    ck_assert_int_eq(thread_pool_start(fixture.pool, &fixture.main), 0);
    for (uint64_t call = 1; call <= 3; call++) {
        ck_assert_ptr_eq(thread_pool_select(fixture.pool), reactor_at(1));
        ck_assert_uint_eq(seen.calls, call);
    }
    ck_assert_ptr_eq(seen.loads, thread_pool_load(fixture.pool, 0));
    ck_assert_uint_eq(seen.count, 2);
    pool_fixture_end(&fixture);
}
END_TEST

static size_t wild_index;

static size_t select_wildly(const struct loop_load *loads, size_t count,
                            struct selection_state *state)
{
    (void)loads;
    (void)count;
    (void)state;
    return wild_index;
}

static const struct selection_policy wild_policy = {.name = "wild", .select = select_wildly};

START_TEST(a_wild_choice_goes_to_loop_0_and_is_told_but_not_a_thousand_times)
{
    struct capture errors;

    pool_fixture_prepare(&fixture, variant_at(_i), 2);
    fixture.config.policy = &wild_policy;
    pool_fixture_create(&fixture);
    ck_assert_int_eq(thread_pool_start(fixture.pool, &fixture.main), 0);
    capture_begin(&errors, STDERR_FILENO);
    for (int i = 0; i < WILD_CHOICES; i++) {
        wild_index = i % 2 == 0 ? 2 : SIZE_MAX;
        ck_assert_ptr_eq(thread_pool_select(fixture.pool), reactor_at(0));
    }
    capture_end(&errors);
    ck_assert_msg(strstr(errors.text, "wild") != NULL, "the policy is not named in: %s",
                  errors.text);
    int lines = capture_lines(&errors);
    ck_assert_msg(lines < 10, "expected one line a second, got %d lines", lines);
    pool_fixture_end(&fixture);
}
END_TEST

START_TEST(the_default_count_is_the_number_of_cpus_this_process_may_use)
{
    cpu_set_t all;
    cpu_set_t one;
    size_t first = 0;

    ck_assert_int_eq(sched_getaffinity(0, sizeof all, &all), 0);
    ck_assert_int_eq(thread_pool_default_count(), CPU_COUNT(&all));
    while (!CPU_ISSET(first, &all)) {
        first++;
    }
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
    ck_assert_int_eq(thread_pool_default_count(), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("thread pool");

    add_case_for_each_variant(suite, "threads",
                              every_reactor_of_the_pool_runs_on_a_thread_of_its_own,
                              the_threads_are_named_after_their_place_in_the_pool,
                              the_main_reactor_takes_no_connections_when_there_are_threads);
    add_case_for_each_variant(suite, "stop", no_loop_is_released_before_all_have_ended);
    add_case_for_each_variant(suite, "no threads", without_threads_the_pool_is_the_main_reactor);
    add_case_for_each_variant(suite, "failed start",
                              a_dispatcher_that_fails_at_any_thread_fails_the_start,
                              a_wakeup_that_fails_at_any_thread_fails_the_start,
                              an_enter_that_fails_at_any_thread_fails_the_start,
                              a_thread_that_cannot_be_created_fails_the_start);
    add_case_for_each_variant(suite, "end by itself",
                              a_loop_that_ends_by_itself_is_reported_and_the_others_go_on);
    add_case(suite, "policy", the_policy_gets_the_loads_their_number_and_the_pools_state,
             a_wild_choice_goes_to_loop_0_and_is_told_but_not_a_thousand_times);
    add_case(suite, "default count", the_default_count_is_the_number_of_cpus_this_process_may_use);
    add_case(suite, "destroy", destroy_accepts_null);
    return run_suite(suite);
}
