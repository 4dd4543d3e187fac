#include "allocation_faults.h"
#include "loop_calls.h"
#include "mailbox_fixture.h"
#include "pool_fixture.h"
#include "sockets.h"
#include "suite_runner.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

enum { THREADS = 2, TRIES_MAX = 100, PATIENCE_MS = 5000 };

static struct pool_fixture fixture;
static struct reactor *reported[THREADS];
static size_t reports;
static size_t reports_wanted;

static struct reactor *reactor_at(size_t index)
{
    return thread_pool_reactor(fixture.pool, index);
}

static void on_drained(struct reactor *reactor, void *context)
{
    ck_assert_ptr_eq(context, &fixture);
    ck_assert_msg(event_loop_is_owner(fixture.main.loop), "not on the loop of home");
    ck_assert_msg(reports < reports_wanted, "a drain was reported twice");
    reported[reports++] = reactor;
    if (reports == reports_wanted) {
        event_loop_quit(fixture.main.loop);
    }
}

static void drain(struct reactor *reactor, unsigned timeout_ms)
{
    reports_wanted++;
    reactor_drain(reactor, timeout_ms, fixture.main.mailbox, on_drained, &fixture);
}

static void await_reports(void)
{
    ck_assert_int_eq(event_loop_run(fixture.main.loop), 0);
    ck_assert_uint_eq(reports, reports_wanted);
}

static int hand_over_to(struct reactor *reactor)
{
    int pair[2];

    stream_pair(pair);
    reactor_hand_over(reactor, pair[0]);
    return pair[1];
}

START_TEST(a_drain_ends_quiet_connections_and_is_reported_to_home)
{
    pool_fixture_open(&fixture, variant_at(_i), THREADS);
    int peer = hand_over_to(reactor_at(1));
    drain(reactor_at(1), PATIENCE_MS);
    await_reports();
    ck_assert_ptr_eq(reported[0], reactor_at(1));
    ck_assert_uint_eq(reactor_at(1)->drain.cut_off, 0);
    peer_sees_end(peer);
    close(peer);
    pool_fixture_end(&fixture);
}
END_TEST

START_TEST(every_reactor_reports_its_drain_once)
{
    pool_fixture_open(&fixture, variant_at(_i), THREADS);
    drain(reactor_at(0), PATIENCE_MS);
    drain(reactor_at(1), PATIENCE_MS);
    await_reports();
    ck_assert_ptr_ne(reported[0], reported[1]);
    pool_fixture_end(&fixture);
}
END_TEST

START_TEST(without_threads_the_main_reactor_drains_itself)
{
    pool_fixture_open(&fixture, variant_at(_i), 0);
    int peer = hand_over_to(&fixture.main);
    drain(&fixture.main, PATIENCE_MS);
    await_reports();
    ck_assert_ptr_eq(reported[0], &fixture.main);
    peer_sees_end(peer);
    close(peer);
    pool_fixture_end(&fixture);
}
END_TEST

static void keep_on(struct tcp_connection *connection)
{
    (void)connection;
}

static size_t use_all(struct tcp_connection *connection, char *bytes, size_t length)
{
    (void)connection;
    (void)bytes;
    return length;
}

/* A connection that does not end when it is asked to. */
static const struct tcp_connection_callbacks stubborn_callbacks = {
    .on_bytes = use_all,
    .on_eof = keep_on,
    .on_drain = keep_on,
};

static void open_with_stubborn_connections(int index)
{
    pool_fixture_prepare(&fixture, variant_at(index), THREADS);
    fixture.reactor.callbacks = &stubborn_callbacks;
    pool_fixture_create(&fixture);
    ck_assert_int_eq(thread_pool_start(fixture.pool, &fixture.main), 0);
}

START_TEST(who_does_not_end_in_time_is_cut_off)
{
    open_with_stubborn_connections(_i);
    int peer = hand_over_to(reactor_at(0));
    drain(reactor_at(0), 1);
    await_reports();
    ck_assert_uint_eq(reactor_at(0)->drain.cut_off, 1);
    peer_sees_end(peer);
    close(peer);
    pool_fixture_end(&fixture);
}
END_TEST

START_TEST(a_reactor_that_has_ended_by_itself_counts_as_drained)
{
    struct loop_hold end = {0};

    pool_fixture_open(&fixture, variant_at(_i), THREADS);
    loop_break(&end, reactor_at(0)->mailbox, -EBADF);
    sem_wait(&fixture.failed);
    drain(reactor_at(0), PATIENCE_MS);
    await_reports();
    ck_assert_ptr_eq(reported[0], reactor_at(0));
    pool_fixture_end(&fixture);
}
END_TEST

START_TEST(a_reactor_that_ends_by_itself_before_the_order_comes_counts_as_drained)
{
    struct loop_hold end = {.wait_error = -EBADF};

    pool_fixture_open(&fixture, variant_at(_i), THREADS);
    loop_hold(&end, reactor_at(0)->mailbox);
    drain(reactor_at(0), PATIENCE_MS);
    loop_release(&end);
    await_reports();
    ck_assert_ptr_eq(reported[0], reactor_at(0));
    pool_fixture_end(&fixture);
}
END_TEST

START_TEST(a_reactor_that_ends_by_itself_during_its_drain_counts_as_drained)
{
    struct loop_hold end = {0};

    open_with_stubborn_connections(_i);
    int peer = hand_over_to(reactor_at(0));
    drain(reactor_at(0), PATIENCE_MS);
    loop_break(&end, reactor_at(0)->mailbox, -EBADF);
    await_reports();
    ck_assert_ptr_eq(reported[0], reactor_at(0));
    peer_sees_end(peer);
    close(peer);
    pool_fixture_end(&fixture);
}
END_TEST

START_TEST(a_home_that_has_ended_hears_nothing)
{
    struct mailbox_fixture home;

    mailbox_fixture_open(&home, variant_at(_i));
    mailbox_close(home.mailbox);
    pool_fixture_open(&fixture, variant_at(_i), THREADS);
    int peer = hand_over_to(reactor_at(0));
    reactor_drain(reactor_at(0), PATIENCE_MS, home.mailbox, on_drained, &fixture);
    peer_sees_end(peer);
    close(peer);
    pool_fixture_end(&fixture);
    ck_assert_uint_eq(reports, 0);
    mailbox_fixture_close(&home);
}
END_TEST

static size_t connections_at_leave = SIZE_MAX;

static void count_connections(struct reactor *reactor, void *context)
{
    (void)context;
    connections_at_leave = connection_table_count(reactor->table);
}

START_TEST(a_release_closes_the_connections_before_the_hooks_leave)
{
    struct reactor_config config = variant_reactor_config(variant_at(_i));
    struct footprint before = footprint_take();
    struct loop_load load = {0};
    struct reactor reactor;

    config.hooks.leave = count_connections;
    ck_assert_int_eq(reactor_init(&reactor, &config, NULL, &load), 0);
    int peer = hand_over_to(&reactor);
    ck_assert_uint_eq(connection_table_count(reactor.table), 1);
    reactor_release(&reactor);
    ck_assert_uint_eq(connections_at_leave, 0);
    ck_assert_uint_eq(loop_load_connections(&load), 0);
    peer_sees_end(peer);
    close(peer);
    footprint_expect(before);
}
END_TEST

static struct hook_record hooks;

static int try_init(struct reactor *reactor, const struct reactor_config *config)
{
    struct loop_load load = {0};
    int result = reactor_init(reactor, config, NULL, &load);

    if (result == 0) {
        reactor_release(reactor);
    }
    return result;
}

/* One more allocation succeeds at each try, so that every step of the start fails once. */
START_TEST(a_reactor_that_cannot_get_memory_leaves_nothing_behind)
{
    struct reactor_config config = variant_reactor_config(variant_at(_i));
    struct footprint before = footprint_take();
    struct reactor reactor;
    int result = -ENOMEM;

    config.hooks = hook_record_hooks(&hooks);
    for (int spared = 0; result != 0; spared++) {
        ck_assert_int_lt(spared, TRIES_MAX);
        allocations_fail_after(spared);
        result = try_init(&reactor, &config);
        allocations_succeed();
        ck_assert_msg(result == 0 || result == -ENOMEM, "%d allocations: expected %d, got %d",
                      spared, -ENOMEM, result);
        footprint_expect(before);
    }
    ck_assert_uint_eq(atomic_load(&hooks.entered), 1);
    ck_assert_uint_eq(atomic_load(&hooks.left), 1);
}
END_TEST

static void spare_descriptors(int spared)
{
    struct rlimit limit;

    exhaust_descriptors();
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur += (rlim_t)spared;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

START_TEST(a_reactor_that_cannot_get_descriptors_leaves_nothing_behind)
{
    struct reactor_config config = variant_reactor_config(variant_at(_i));
    struct footprint before = footprint_take();
    struct reactor reactor;
    int result = -EMFILE;

    for (int spared = 0; result != 0; spared++) {
        ck_assert_int_lt(spared, TRIES_MAX);
        struct rlimit limit;
        ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
        spare_descriptors(spared);
        result = try_init(&reactor, &config);
        restore_descriptors(limit.rlim_cur);
        ck_assert_msg(result == 0 || result == -EMFILE, "%d descriptors: expected %d, got %d",
                      spared, -EMFILE, result);
        footprint_expect(before);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reactor");

    add_case_for_each_variant(
        suite, "drain", a_drain_ends_quiet_connections_and_is_reported_to_home,
        every_reactor_reports_its_drain_once, without_threads_the_main_reactor_drains_itself,
        who_does_not_end_in_time_is_cut_off);
    add_case_for_each_variant(
        suite, "drain of what has ended", a_reactor_that_has_ended_by_itself_counts_as_drained,
        a_reactor_that_ends_by_itself_before_the_order_comes_counts_as_drained,
        a_reactor_that_ends_by_itself_during_its_drain_counts_as_drained,
        a_home_that_has_ended_hears_nothing);
    add_case_for_each_variant(suite, "release",
                              a_release_closes_the_connections_before_the_hooks_leave);
    add_case_for_each_variant(suite, "failed start",
                              a_reactor_that_cannot_get_memory_leaves_nothing_behind,
                              a_reactor_that_cannot_get_descriptors_leaves_nothing_behind);
    return run_suite(suite);
}
