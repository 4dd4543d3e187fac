/*
 * tcp_server_run in this very process, where it can be seen what it leaves behind. What clients see
 * of it, the integration tests tell.
 */
#include "tcp_server.h"

#include "capture.h"
#include "descriptor_audit.h"
#include "footprint.h"
#include "hook_record.h"
#include "scripted_dispatcher.h"
#include "scripted_wakeup.h"
#include "signals.h"
#include "suite_runner.h"
#include "variants.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 2, LOOPS = 1 + THREADS };

static struct server_options options = SERVER_OPTIONS_DEFAULT;
static struct tcp_server_config config;
static struct hook_record hooks;
static struct capture output;
static struct capture errors;

static void prepare(int index, size_t thread_count)
{
    struct variant variant = variant_at(index);

    variant.dispatcher = scripted_dispatcher(variant.dispatcher);
    variant.wakeup = scripted_wakeup(variant.wakeup);
    options.port = 0;
    options.log_level = LOG_ERROR;
    config = (struct tcp_server_config){
        .program = "tested",
        .scheme = "",
        .suffix = "",
        .options = &options,
        .policy = &round_robin_policy,
        .thread_count = thread_count,
        .reactor = variant_reactor_config(variant),
    };
    config.reactor.hooks = hook_record_hooks(&hooks);
}

/* Runs the server to its end and fails the test if it leaves anything behind. */
static int run_server(void)
{
    struct footprint before = footprint_take();

    capture_begin(&output, STDOUT_FILENO);
    capture_begin(&errors, STDERR_FILENO);
    int status = tcp_server_run(&config);
    capture_end(&errors);
    capture_end(&output);
    footprint_expect(before);
    ck_assert_uint_eq(atomic_load(&descriptor_bad_closes), 0);
    ck_assert_uint_eq(atomic_load(&hooks.entered), atomic_load(&hooks.left));
    return status;
}

/* One place after the other: the main reactor, the first thread, the last thread. */
static void expect_failed_starts(int index, struct fault *fault, int error)
{
    for (int k = 1; k <= LOOPS; k++) {
        prepare(index, THREADS);
        fault_arm(fault, k, error);
        int status = run_server();
        ck_assert_msg(status == 1, "loop %d of %d: expected status 1, got %d", k, LOOPS, status);
        ck_assert_msg(capture_lines(&errors) == 1 && strstr(errors.text, strerror(-error)) != NULL,
                      "expected one line that says '%s', got: %s", strerror(-error), errors.text);
        ck_assert_str_eq(output.text, "");
    }
}

START_TEST(a_dispatcher_that_fails_is_told_and_nothing_is_left)
{
    expect_failed_starts(_i, &dispatcher_script.create, -EMFILE);
}
END_TEST

START_TEST(a_wakeup_that_fails_is_told_and_nothing_is_left)
{
    expect_failed_starts(_i, &wakeup_script.open, -ENFILE);
}
END_TEST

START_TEST(an_enter_that_fails_is_told_and_nothing_is_left)
{
    expect_failed_starts(_i, &hooks.enter, -ETIME);
}
END_TEST

/* The signal is there before the server is: blocked, it waits until somebody reads it. */
static void expect_end_by_signal(void)
{
    signals_block();
    ck_assert_int_eq(raise(SIGTERM), 0);
    ck_assert_int_eq(run_server(), 0);
    ck_assert_msg(strncmp(output.text, "tested listening on 127.0.0.1:", 30) == 0, "it said '%s'",
                  output.text);
    ck_assert_str_eq(errors.text, "");
}

START_TEST(a_signal_ends_it_with_status_0_and_nothing_is_left)
{
    prepare(_i, THREADS);
    expect_end_by_signal();
    ck_assert_uint_eq(atomic_load(&hooks.left), LOOPS);
}
END_TEST

START_TEST(without_threads_a_signal_ends_it_as_well)
{
    prepare(_i, 0);
    expect_end_by_signal();
    ck_assert_uint_eq(atomic_load(&hooks.left), 1);
}
END_TEST

static unsigned breaking_loop; /* the how-many-th to enter ends by itself */
static struct mailbox_task breaker;

static void run_breaker(struct mailbox_task *task)
{
    (void)task;
    dispatcher_wait_error = -EBADF;
}

static void drop_breaker(struct mailbox_task *task)
{
    (void)task;
    ck_abort_msg("the task that breaks a loop was dropped");
}

static int enter_and_break(struct reactor *reactor, void *context)
{
    (void)context;
    if (atomic_fetch_add(&hooks.entered, 1) + 1 == breaking_loop) {
        breaker = (struct mailbox_task){.run = run_breaker, .drop = drop_breaker};
        mailbox_queue_in_loop(reactor->mailbox, &breaker);
    }
    return 0;
}

static void expect_status_1_when_a_loop_breaks(void)
{
    config.reactor.hooks.enter = enter_and_break;
    ck_assert_int_eq(run_server(), 1);
    ck_assert_msg(strstr(errors.text, strerror(EBADF)) != NULL, "expected '%s', got: %s",
                  strerror(EBADF), errors.text);
}

START_TEST(a_loop_that_ends_by_itself_ends_the_server_with_status_1)
{
    breaking_loop = 2;
    prepare(_i, THREADS);
    expect_status_1_when_a_loop_breaks();
    ck_assert_uint_eq(atomic_load(&hooks.left), LOOPS);
}
END_TEST

START_TEST(a_main_loop_that_ends_by_itself_ends_the_server_with_status_1)
{
    breaking_loop = 1;
    prepare(_i, THREADS);
    expect_status_1_when_a_loop_breaks();
    ck_assert_uint_eq(atomic_load(&hooks.left), LOOPS);
}
END_TEST

START_TEST(without_threads_the_only_loop_that_ends_by_itself_ends_the_server)
{
    breaking_loop = 1;
    prepare(_i, 0);
    expect_status_1_when_a_loop_breaks();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp server");

    add_case_for_each_variant(suite, "failed start",
                              a_dispatcher_that_fails_is_told_and_nothing_is_left,
                              a_wakeup_that_fails_is_told_and_nothing_is_left,
                              an_enter_that_fails_is_told_and_nothing_is_left);
    add_case_for_each_variant(suite, "signal", a_signal_ends_it_with_status_0_and_nothing_is_left,
                              without_threads_a_signal_ends_it_as_well);
    add_case_for_each_variant(suite, "end by itself",
                              a_loop_that_ends_by_itself_ends_the_server_with_status_1,
                              a_main_loop_that_ends_by_itself_ends_the_server_with_status_1,
                              without_threads_the_only_loop_that_ends_by_itself_ends_the_server);
    return run_suite(suite);
}
