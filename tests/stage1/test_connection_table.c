#include "allocation_faults.h"
#include "echo.h"
#include "loop_steps.h"
#include "recorder.h"
#include "sockets.h"
#include "suite_runner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CROWD = 500 };

static struct recorder crowd[CROWD];
static uint64_t ids[CROWD];

/* All connections of a crowd share one socket by dup: the table cares for descriptors only. */
static int shared_socket(void)
{
    int pair[2];

    stream_pair(pair);
    return pair[0];
}

static void adopt_copy(int fd, struct recorder *recorder)
{
    int copy = dup(fd);

    ck_assert_int_ge(copy, 0);
    int result =
        connection_table_adopt(recorder_table, copy, &recorder_callbacks, recorder, &recorder->id);
    ck_assert_msg(result == 0, "adopt: %s", strerror(-result));
}

static void adopt_crowd(void)
{
    int fd = shared_socket();

    allow_descriptors(CROWD + 100);
    for (int i = 0; i < CROWD; i++) {
        adopt_copy(fd, &crowd[i]);
        ids[i] = crowd[i].id;
    }
    close(fd);
}

START_TEST(a_connection_is_found_by_its_id_until_it_is_closed)
{
    static struct recorder one;

    adopt_stream(&one);
    ck_assert_uint_eq(connection_table_count(recorder_table), 1);
    ck_assert_ptr_eq(connection_table_find(recorder_table, one.id), one.connection);
    ck_assert_ptr_eq(tcp_connection_context(one.connection), &one);
    tcp_connection_abort(one.connection);
    ck_assert_ptr_null(connection_table_find(recorder_table, one.id));
    one_batch(recorder_loop);
    ck_assert_ptr_null(connection_table_find(recorder_table, one.id));
    ck_assert_uint_eq(connection_table_count(recorder_table), 0);
}
END_TEST

START_TEST(an_id_that_never_was_is_not_found)
{
    ck_assert_ptr_null(connection_table_find(recorder_table, 0));
    adopt_crowd();
    const uint64_t strangers[] = {0, ids[CROWD - 1] + 1, ids[0] + (UINT64_C(1) << 32), UINT64_MAX};
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        ck_assert_msg(connection_table_find(recorder_table, strangers[i]) == NULL,
                      "id %llu was found", (unsigned long long)strangers[i]);
    }
}
END_TEST

static void find_self(struct recorder *recorder)
{
    ck_assert_ptr_eq(connection_table_find(recorder_table, recorder->id), recorder->connection);
}

START_TEST(a_connection_finds_itself_in_on_open)
{
    static struct recorder one;

    one.on_open = find_self;
    adopt_stream(&one);
    ck_assert_int_eq(one.opens, 1);
}
END_TEST

START_TEST(ten_thousand_connections_have_ten_thousand_ids)
{
    enum { ROUNDS = 1000, EACH = 10 };
    uint64_t last = 0;
    int fd = shared_socket();
    int before = open_descriptors();

    for (int round = 0; round < ROUNDS; round++) {
        memset(crowd, 0, EACH * sizeof *crowd);
        for (int i = 0; i < EACH; i++) {
            adopt_copy(fd, &crowd[i]);
            ck_assert_msg(crowd[i].id > last, "round %d: id %llu after %llu", round,
                          (unsigned long long)crowd[i].id, (unsigned long long)last);
            last = crowd[i].id;
        }
        for (int i = 0; i < EACH; i++) {
            tcp_connection_abort(crowd[i].connection);
        }
        batch_ready_now(recorder_loop);
        ck_assert_uint_eq(connection_table_count(recorder_table), 0);
    }
    const struct connection_counters *counters = connection_table_counters(recorder_table);
    ck_assert_uint_eq(counter_read(&counters->opened), ROUNDS * EACH);
    ck_assert_uint_eq(counter_read(&counters->closed), ROUNDS * EACH);
    ck_assert_int_eq(recorder_removed, ROUNDS * EACH);
    ck_assert_int_eq(open_descriptors(), before);
}
END_TEST

static void assert_crowd_is_found_but_for_every_third(bool third_is_gone)
{
    for (int i = 0; i < CROWD; i++) {
        const struct tcp_connection *expected =
            third_is_gone && i % 3 == 0 ? NULL : crowd[i].connection;
        ck_assert_msg(connection_table_find(recorder_table, ids[i]) == expected,
                      "connection %d of %d is not where it should be", i, CROWD);
    }
}

START_TEST(a_table_that_grows_loses_nobody)
{
    adopt_crowd();
    ck_assert_uint_eq(connection_table_count(recorder_table), CROWD);
    assert_crowd_is_found_but_for_every_third(false);
    for (int i = 0; i < CROWD; i += 3) {
        tcp_connection_abort(crowd[i].connection);
    }
    batch_ready_now(recorder_loop);
    assert_crowd_is_found_but_for_every_third(true);
    ck_assert_uint_eq(connection_table_count(recorder_table), CROWD - (CROWD + 2) / 3);
}
END_TEST

START_TEST(close_all_closes_each_once_after_the_batch)
{
    adopt_crowd();
    int fd = tcp_connection_fd(crowd[7].connection);
    tcp_connection_abort(crowd[7].connection);
    connection_table_close_all(recorder_table);
    ck_assert_int_eq(recorder_removed, 0);
    batch_ready_now(recorder_loop);
    for (int i = 0; i < CROWD; i++) {
        ck_assert_msg(crowd[i].closes == 1, "connection %d: expected one on_closed, got %d", i,
                      crowd[i].closes);
    }
    ck_assert_int_eq(recorder_removed, CROWD);
    ck_assert_uint_eq(connection_table_count(recorder_table), 0);
    ck_assert(!descriptor_is_open(fd));
}
END_TEST

START_TEST(destroying_the_table_closes_the_rest)
{
    static struct recorder idle;
    static struct recorder busy;
    static struct recorder aborted;

    recorder_setup();
    adopt_stream(&idle);
    adopt_stream(&busy);
    adopt_stream(&aborted);
    int fd = tcp_connection_fd(idle.connection);
    say(&busy, "too late");
    tcp_connection_abort(aborted.connection);
    recorder_teardown();
    ck_assert_int_eq(idle.closes, 1);
    ck_assert_int_eq(busy.closes, 1);
    ck_assert_int_eq(aborted.closes, 1);
    ck_assert_int_eq(recorder_removed, 3);
    ck_assert(!descriptor_is_open(fd));
    peer_sees_end(idle.peer);
    connection_table_destroy(NULL);
}
END_TEST

static void assert_failed_adopt_left_nothing(int fd, const struct recorder *recorder)
{
    ck_assert_msg(descriptor_is_open(fd), "the descriptor of a failed adopt is closed");
    ck_assert_int_eq(recorder->opens + recorder->closes + recorder_removed, 0);
    ck_assert_uint_eq(connection_table_count(recorder_table), 0);
    ck_assert_uint_eq(counter_read(&connection_table_counters(recorder_table)->opened), 0);
    for (uint64_t id = 0; id < 5; id++) {
        ck_assert_ptr_null(connection_table_find(recorder_table, id));
    }
}

/* After it, the table is as good as before. */
static int adopt_another_way(int fd)
{
    return connection_table_adopt(recorder_table, fd, &recorder_callbacks, &crowd[0], NULL);
}

START_TEST(an_adopt_that_the_dispatcher_refuses_leaves_the_descriptor_with_the_caller)
{
    int fd = shared_socket();
    uint64_t id = 99;

    loop_steps_fail_add(0, ERANGE);
    ck_assert_int_eq(
        connection_table_adopt(recorder_table, fd, &recorder_callbacks, &crowd[0], &id), -ERANGE);
    ck_assert_uint_eq(id, 99);
    assert_failed_adopt_left_nothing(fd, &crowd[0]);
    loop_steps_fail_add(0, 0);
    ck_assert_int_eq(adopt_another_way(fd), 0);
}
END_TEST

/* `_i` allocations succeed: then the connection has no memory, or the channel map, or poll. */
START_TEST(an_adopt_without_memory_leaves_the_descriptor_with_the_caller)
{
    int fd = shared_socket();

    /* Check itself allocates, so nothing is asserted while memory is short. */
    allocations_fail_after(_i);
    int result = adopt_another_way(fd);
    allocations_succeed();
    ck_assert_int_eq(result, -ENOMEM);
    assert_failed_adopt_left_nothing(fd, &crowd[0]);
    ck_assert_int_eq(adopt_another_way(fd), 0);
}
END_TEST

START_TEST(a_table_without_memory_is_none_and_leaks_nothing)
{
    const struct connection_table_config config = {.limits = CONNECTION_LIMITS_DEFAULT};
    struct connection_table *table = NULL;

    allocations_fail_after(_i);
    int result = connection_table_create(recorder_loop, &config, &table);
    allocations_succeed();
    ck_assert_int_eq(result, -ENOMEM);
    ck_assert_ptr_null(table);
}
END_TEST

START_TEST(without_memory_to_grow_everybody_is_still_found)
{
    /* A first crowd makes loop and dispatcher grow; the table is then a new one, and small. */
    adopt_crowd();
    connection_table_close_all(recorder_table);
    batch_ready_now(recorder_loop);
    recorder_limit(1000, 4000, 1000);
    int fd = shared_socket();
    for (int i = 0; i < CROWD; i++) {
        int copy = dup(fd);
        ck_assert_int_ge(copy, 0);
        /* One for the connection itself, and none for a larger table. */
        allocations_fail_after(1);
        int result = connection_table_adopt(recorder_table, copy, &echo_callbacks, NULL, &ids[i]);
        allocations_succeed();
        ck_assert_int_eq(result, 0);
    }
    for (int i = 0; i < CROWD; i++) {
        const struct tcp_connection *found = connection_table_find(recorder_table, ids[i]);
        ck_assert_ptr_nonnull(found);
        ck_assert_uint_eq(tcp_connection_id(found), ids[i]);
    }
    close(fd);
}
END_TEST

START_TEST(only_the_quiet_are_told_to_drain)
{
    static struct recorder busy;
    static struct recorder idle;

    adopt_stream(&busy);
    adopt_stream(&idle);
    ck_assert(!connection_table_draining(recorder_table));
    /* Who has just come is not quiet yet. */
    connection_table_drain_quiet(recorder_table);
    ck_assert(connection_table_draining(recorder_table));
    ck_assert_int_eq(busy.drains + idle.drains, 0);
    peer_says(&busy, "x");
    one_batch(recorder_loop);
    connection_table_drain_quiet(recorder_table);
    ck_assert_int_eq(busy.drains, 0);
    ck_assert_int_eq(idle.drains, 1);
    say(&busy, "x");
    one_batch(recorder_loop);
    connection_table_drain_quiet(recorder_table);
    ck_assert_int_eq(busy.drains, 0);
    connection_table_drain_quiet(recorder_table);
    ck_assert_int_eq(busy.drains, 1);
    ck_assert_int_eq(idle.drains, 3);
    tcp_connection_abort(idle.connection);
    connection_table_drain_quiet(recorder_table);
    ck_assert_int_eq(idle.drains, 3);
}
END_TEST

static size_t leave_all(struct recorder *recorder, char *bytes, size_t length)
{
    (void)recorder;
    (void)bytes;
    (void)length;
    return 0;
}

START_TEST(who_is_still_owed_something_is_not_told_to_drain)
{
    static char owed[250000];
    static struct recorder asked;
    static struct recorder slow;

    asked.on_bytes = leave_all;
    adopt_stream(&asked);
    adopt_stream(&slow);
    peer_says(&asked, "half a question");
    shrink_buffers(tcp_connection_fd(slow.connection));
    ck_assert_int_eq(tcp_connection_send(slow.connection, owed, sizeof owed), 0);
    batches_until_quiet(recorder_loop);
    ck_assert_uint_eq(tcp_connection_left_over(asked.connection), strlen("half a question"));
    for (int step = 0; step < 3; step++) {
        connection_table_drain_quiet(recorder_table);
    }
    ck_assert_int_eq(asked.drains + slow.drains, 0);
    asked.on_bytes = NULL;
    tcp_connection_resume_reading(asked.connection);
    one_batch(recorder_loop);
    ck_assert_uint_eq(tcp_connection_left_over(asked.connection), 0);
    for (int step = 0; step < 2; step++) {
        connection_table_drain_quiet(recorder_table);
    }
    ck_assert_int_gt(asked.drains, 0);
    ck_assert_int_eq(slow.drains, 0);
}
END_TEST

START_TEST(a_table_knows_its_loop_and_its_context)
{
    ck_assert_ptr_eq(connection_table_loop(recorder_table), recorder_loop);
    ck_assert_ptr_eq(connection_table_context(recorder_table), &recorder_removed);
}
END_TEST

static TCase *new_case(Suite *suite, const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, recorder_setup, recorder_teardown);
    suite_add_tcase(suite, tcase);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("connection_table");

    TCase *finding = new_case(suite, "finding");
    tcase_add_test(finding, a_connection_is_found_by_its_id_until_it_is_closed);
    tcase_add_test(finding, an_id_that_never_was_is_not_found);
    tcase_add_test(finding, a_connection_finds_itself_in_on_open);
    tcase_add_test(finding, ten_thousand_connections_have_ten_thousand_ids);
    tcase_add_test(finding, a_table_that_grows_loses_nobody);
    tcase_add_test(finding, a_table_knows_its_loop_and_its_context);
    tcase_set_timeout(finding, 15);

    TCase *closing = new_case(suite, "closing");
    tcase_add_test(closing, close_all_closes_each_once_after_the_batch);
    tcase_add_test(closing, only_the_quiet_are_told_to_drain);
    tcase_add_test(closing, who_is_still_owed_something_is_not_told_to_drain);

    TCase *destroying = tcase_create("destroying");
    tcase_add_test(destroying, destroying_the_table_closes_the_rest);
    suite_add_tcase(suite, destroying);

    TCase *failing = new_case(suite, "failing");
    tcase_add_test(failing,
                   an_adopt_that_the_dispatcher_refuses_leaves_the_descriptor_with_the_caller);
    tcase_add_loop_test(failing, an_adopt_without_memory_leaves_the_descriptor_with_the_caller, 0,
                        4);
    tcase_add_loop_test(failing, a_table_without_memory_is_none_and_leaks_nothing, 0, 3);
    tcase_add_test(failing, without_memory_to_grow_everybody_is_still_found);
    return run_suite(suite);
}
