/* reactor_hand_over: every descriptor is closed exactly once, and its load goes with it. */
#include "allocation_faults.h"
#include "capture.h"
#include "descriptor_audit.h"
#include "loop_calls.h"
#include "pool_fixture.h"
#include "scripted_dispatcher.h"
#include "sockets.h"
#include "suite_runner.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { THREADS = 3, CROWD = 300, ROUNDS = 8 };

static struct pool_fixture fixture;
static int peers[CROWD];

static struct reactor *reactor_at(size_t index)
{
    return thread_pool_reactor(fixture.pool, index);
}

static size_t load_of(size_t index)
{
    return loop_load_connections(thread_pool_load(fixture.pool, index));
}

static void await_load(size_t index, size_t expected)
{
    await(load_of(index) == expected, "the load has come down");
}

/* Returns the peer's end. */
static int hand_over_to(struct reactor *reactor)
{
    int pair[2];

    stream_pair(pair);
    reactor_hand_over(reactor, pair[0]);
    return pair[1];
}

static void end_fixture(void)
{
    pool_fixture_end(&fixture);
    ck_assert_msg(atomic_load(&descriptor_bad_closes) == 0, "%u descriptors were closed twice",
                  atomic_load(&descriptor_bad_closes));
}

static void expect_echo(int peer)
{
    char answer[5];

    peer_sends(peer, "hello", sizeof answer);
    peer_reads(peer, answer, sizeof answer);
    ck_assert_msg(memcmp(answer, "hello", sizeof answer) == 0, "expected hello, got %.5s", answer);
}

START_TEST(a_descriptor_is_served_by_the_loop_it_was_handed_to)
{
    pool_fixture_open(&fixture, variant_at(_i), THREADS);
    int peer = hand_over_to(reactor_at(1));
    expect_echo(peer);
    ck_assert_uint_eq(load_of(0), 0);
    ck_assert_uint_eq(load_of(1), 1);
    ck_assert_uint_eq(load_of(2), 0);
    close(peer);
    await_load(1, 0);
    end_fixture();
}
END_TEST

START_TEST(the_load_is_raised_in_the_moment_of_the_choice)
{
    struct loop_hold hold = {0};

    pool_fixture_open(&fixture, variant_at(_i), 1);
    loop_hold(&hold, reactor_at(0)->mailbox);
    for (size_t i = 0; i < 5; i++) {
        peers[i] = hand_over_to(reactor_at(0));
        ck_assert_uint_eq(load_of(0), i + 1);
    }
    loop_release(&hold);
    for (size_t i = 0; i < 5; i++) {
        expect_echo(peers[i]);
        ck_assert_uint_eq(load_of(0), 5 - i);
        close(peers[i]);
        await_load(0, 4 - i);
    }
    end_fixture();
}
END_TEST

START_TEST(without_threads_the_main_reactor_adopts_at_once)
{
    pool_fixture_open(&fixture, variant_at(_i), 0);
    int peer = hand_over_to(thread_pool_select(fixture.pool));
    ck_assert_uint_eq(connection_table_count(fixture.main.table), 1);
    ck_assert_uint_eq(load_of(0), 1);
    reactor_close_connections(&fixture.main);
    peer_sees_end(peer);
    ck_assert_uint_eq(load_of(0), 0);
    close(peer);
    end_fixture();
}
END_TEST

START_TEST(a_descriptor_that_the_dispatcher_refuses_is_closed)
{
    struct capture errors;

    pool_fixture_open(&fixture, variant_at(_i), 1);
    capture_begin(&errors, STDERR_FILENO);
    dispatcher_script.add_error = -ERANGE;
    int peer = hand_over_to(reactor_at(0));
    peer_sees_end(peer);
    await_load(0, 0);
    capture_end(&errors);
    ck_assert_msg(capture_lines(&errors) == 1, "expected one line, got: %s", errors.text);
    close(peer);
    end_fixture();
}
END_TEST

START_TEST(without_threads_a_refused_descriptor_is_closed_as_well)
{
    struct capture errors;

    pool_fixture_open(&fixture, variant_at(_i), 0);
    capture_begin(&errors, STDERR_FILENO);
    dispatcher_script.add_error = -ERANGE;
    int peer = hand_over_to(&fixture.main);
    capture_end(&errors);
    peer_sees_end(peer);
    ck_assert_uint_eq(load_of(0), 0);
    close(peer);
    end_fixture();
}
END_TEST

/* Check allocates as well: no assertion while memory is short. */
static void expect_closed_for_want_of_memory(struct reactor *reactor)
{
    int pair[2];

    stream_pair(pair);
    allocations_fail_after(0);
    reactor_hand_over(reactor, pair[0]);
    allocations_succeed();
    peer_sees_end(pair[1]);
    ck_assert_uint_eq(load_of(0), 0);
    close(pair[1]);
    end_fixture();
}

START_TEST(a_descriptor_is_closed_when_there_is_no_memory_to_send_it)
{
    pool_fixture_open(&fixture, variant_at(_i), 1);
    expect_closed_for_want_of_memory(reactor_at(0));
}
END_TEST

START_TEST(a_descriptor_is_closed_when_there_is_no_memory_to_adopt_it)
{
    pool_fixture_open(&fixture, variant_at(_i), 0);
    expect_closed_for_want_of_memory(&fixture.main);
}
END_TEST

START_TEST(descriptors_that_wait_when_the_loop_ends_by_itself_are_closed)
{
    struct loop_hold end = {.wait_error = -EBADF};

    pool_fixture_open(&fixture, variant_at(_i), 1);
    loop_hold(&end, reactor_at(0)->mailbox);
    for (size_t i = 0; i < CROWD; i++) {
        peers[i] = hand_over_to(reactor_at(0));
    }
    ck_assert_uint_eq(load_of(0), CROWD);
    loop_release(&end);
    for (size_t i = 0; i < CROWD; i++) {
        peer_sees_end(peers[i]);
        close(peers[i]);
    }
    await_load(0, 0);
    end_fixture();
}
END_TEST

/* The acceptor cannot know yet, and what it then touches must still be there. */
START_TEST(a_descriptor_for_a_loop_that_has_ended_by_itself_is_closed)
{
    struct loop_hold end = {0};

    pool_fixture_open(&fixture, variant_at(_i), 1);
    loop_break(&end, reactor_at(0)->mailbox, -EBADF);
    sem_wait(&fixture.failed);
    int peer = hand_over_to(reactor_at(0));
    peer_sees_end(peer);
    ck_assert_uint_eq(load_of(0), 0);
    close(peer);
    end_fixture();
}
END_TEST

/* What was echoed may come first; unread bytes on the other side turn the end into a reset. */
static void expect_end_of_peer(size_t index)
{
    char bytes[64];
    ssize_t n;

    do {
        n = read(peers[index], bytes, sizeof bytes);
    } while (n > 0);
    ck_assert_msg(n == 0 || errno == ECONNRESET, "peer %zu: expected the end, got: %s", index,
                  strerror(errno));
    close(peers[index]);
}

/* Hands over a crowd: some send, some leave at once, some only stay. */
static void hand_over_crowd(size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++) {
        peers[i] = hand_over_to(thread_pool_select(fixture.pool));
        if (i % 3 == 0) {
            send(peers[i], "hello", 5, MSG_NOSIGNAL);
        } else if (i % 3 == 1) {
            shutdown(peers[i], SHUT_WR);
        }
    }
}

static void stop_and_expect_all_closed(void)
{
    thread_pool_stop(fixture.pool);
    for (size_t i = 0; i < THREADS; i++) {
        ck_assert_msg(load_of(i) == 0, "loop %zu: expected a load of 0, got %zu", i, load_of(i));
    }
    for (size_t i = 0; i < CROWD; i++) {
        expect_end_of_peer(i);
    }
}

static void close_fixture(void)
{
    pool_fixture_close(&fixture);
    ck_assert_uint_eq(atomic_load(&descriptor_bad_closes), 0);
}

START_TEST(thousands_of_descriptors_are_closed_while_loops_start_and_stop)
{
    pool_fixture_prepare(&fixture, variant_at(_i), THREADS);
    pool_fixture_create(&fixture);
    for (int round = 0; round < ROUNDS; round++) {
        ck_assert_int_eq(thread_pool_start(fixture.pool, &fixture.main), 0);
        hand_over_crowd(0, CROWD);
        stop_and_expect_all_closed();
    }
    close_fixture();
}
END_TEST

START_TEST(thousands_of_descriptors_are_closed_while_loops_end_by_themselves)
{
    pool_fixture_prepare(&fixture, variant_at(_i), THREADS);
    pool_fixture_create(&fixture);
    for (int round = 0; round < ROUNDS; round++) {
        struct loop_hold ends[THREADS] = {0};
        ck_assert_int_eq(thread_pool_start(fixture.pool, &fixture.main), 0);
        for (size_t i = 0; i < THREADS; i++) {
            hand_over_crowd(i * CROWD / THREADS, CROWD / THREADS);
            loop_break(&ends[i], reactor_at(i)->mailbox, -EBADF);
        }
        stop_and_expect_all_closed();
    }
    close_fixture();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hand over");

    add_case_for_each_variant(suite, "service", a_descriptor_is_served_by_the_loop_it_was_handed_to,
                              the_load_is_raised_in_the_moment_of_the_choice,
                              without_threads_the_main_reactor_adopts_at_once);
    add_case_for_each_variant(suite, "failure", a_descriptor_that_the_dispatcher_refuses_is_closed,
                              without_threads_a_refused_descriptor_is_closed_as_well,
                              a_descriptor_is_closed_when_there_is_no_memory_to_send_it,
                              a_descriptor_is_closed_when_there_is_no_memory_to_adopt_it);
    add_case_for_each_variant(suite, "end by itself",
                              descriptors_that_wait_when_the_loop_ends_by_itself_are_closed,
                              a_descriptor_for_a_loop_that_has_ended_by_itself_is_closed);
    add_case_for_each_variant(suite, "thousands",
                              thousands_of_descriptors_are_closed_while_loops_start_and_stop,
                              thousands_of_descriptors_are_closed_while_loops_end_by_themselves);
    return run_suite(suite);
}
