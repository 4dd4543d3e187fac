/*
 * The grader of S2-edge-triggered: who gets how many bytes in which turn, and what the kernel was
 * asked for that (check_kernel.h). The end of a stream is in check_end.c.
 */
#include "check_client.h"
#include "check_kernel.h"
#include "grader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char ONCE[] =
    "a descriptor is registered once, edge-triggered, and its registration is "
    "not touched again before its end (contract, 1)";
static const char NO_SLEEP[] = "while somebody is remembered the wait does not sleep; otherwise it "
                               "has the caller's time (contract, 4)";
static const char QUIET[] = "who has said EAGAIN is not read before its next edge (contract, 4)";
static const char SIGNALS[] = "a signal, EINTR, is no error: the read is repeated, a wait has "
                              "reported nobody (contract, 6)";
static const char APART[] = "readers know nothing of each other (contract, 7)";
static const char REFUSED[] = "add that fails returns -errno (contract, 7)";

enum { BUDGET = 1000 };

static void create(void)
{
    create_reader(BUDGET);
}

START_TEST(a_message_arrives)
{
    struct client ann, bob;

    client_start(&ann, "Ann");
    client_start(&bob, "Bob");
    turn(0);
    client_says(&ann, 10);
    turn(0);
    expect_received(&ann, 10, NOTHING_IS_LOST);
    expect_received(&bob, 0, SHARE);
    client_says(&bob, 20);
    client_says(&ann, 5);
    turn(0);
    expect_received(&ann, 15, NOTHING_IS_LOST);
    expect_received(&bob, 20, NOTHING_IS_LOST);
    client_release(&ann);
    client_release(&bob);
}
END_TEST

static void expect_registered_once(const struct client *client)
{
    const struct kernel_seen *seen = &kernel_seen[client->source.fd];

    grader_expect(seen->changes == 1, ONCE, "%s: expected 1 call of epoll_ctl so far, got %d",
                  client->name, seen->changes);
    grader_expect((seen->events & EPOLLET) != 0, ONCE,
                  "%s: expected EPOLLET in its events, got %#x", client->name, seen->events);
    grader_expect((seen->events & EPOLLONESHOT) == 0, ONCE,
                  "%s: expected no EPOLLONESHOT in its events, got %#x", client->name,
                  seen->events);
}

START_TEST(it_is_registered_edge_triggered)
{
    struct client ann;

    client_start(&ann, "Ann");
    expect_registered_once(&ann);
    for (size_t i = 1; i <= 3; i++) {
        client_says(&ann, 10);
        turn(0);
        expect_received(&ann, 10 * i, NOTHING_IS_LOST);
        expect_registered_once(&ann);
    }
    client_release(&ann);
}
END_TEST

START_TEST(a_budget_limits_what_a_turn_reads)
{
    struct client talker;

    client_start(&talker, "the talker");
    client_says(&talker, 3 * BUDGET + 500);
    turn(0);
    expect_received(&talker, BUDGET, SHARE);
    int left = 0;
    ck_assert_int_eq(ioctl(talker.source.fd, FIONREAD, &left), 0);
    grader_expect(left == 2 * BUDGET + 500, SHARE,
                  "expected that %d bytes are left in the socket, found %d", 2 * BUDGET + 500,
                  left);
    client_release(&talker);
}
END_TEST

static const size_t budgets[] = {1, 7, BUDGET, 4096, 40000};

START_TEST(the_rest_is_remembered)
{
    size_t budget = budgets[_i];
    struct client talker;

    create_reader(budget);
    client_start(&talker, "the talker");
    client_says(&talker, 3 * budget + budget / 2);
    for (size_t i = 1; i <= 3; i++) {
        turn(-1);
        expect_received(&talker, i * budget, i == 1 ? SHARE : NOTHING_IS_LOST);
        grader_expect(i == 1 || kernel_timeout_ms == 0, NO_SLEEP,
                      "turn %zu: expected a wait of 0 ms, got %d", i, kernel_timeout_ms);
        expect_registered_once(&talker);
    }
    turn(-1);
    expect_received(&talker, talker.sent, NOTHING_IS_LOST);
    expect_registered_once(&talker);
    grader_expect(kernel_timeout_ms == 0, NO_SLEEP, "expected a wait of 0 ms, got %d",
                  kernel_timeout_ms);
    grader_step("everything has been read; a turn more, should the reader want to see EAGAIN");
    turn(0);
    turn(1234);
    grader_expect(kernel_timeout_ms == 1234, NO_SLEEP,
                  "nobody is remembered: expected a wait of 1234 ms, got %d", kernel_timeout_ms);
    client_says(&talker, 1);
    turn(0);
    expect_received(&talker, talker.sent, NOTHING_IS_LOST);
    client_release(&talker);
    destroy_reader();
}
END_TEST

START_TEST(a_message_of_exactly_the_budget_does_not_block_the_next)
{
    struct client ann;

    client_start(&ann, "Ann");
    for (size_t i = 1; i <= 3; i++) {
        client_says(&ann, BUDGET);
        turn(0);
        expect_received(&ann, i * BUDGET, NOTHING_IS_LOST);
        turn(0);
        expect_received(&ann, i * BUDGET, NOTHING_IS_LOST);
        turn(1234);
        grader_expect(kernel_timeout_ms == 1234, NO_SLEEP,
                      "nobody is remembered: expected a wait of 1234 ms, got %d",
                      kernel_timeout_ms);
    }
    client_release(&ann);
}
END_TEST

START_TEST(a_short_read_is_not_the_last)
{
    struct client talker;

    grader_step("the kernel gives 300 bytes at a time, though it has more");
    kernel_most = 300;
    client_start(&talker, "the talker");
    client_says(&talker, 3 * BUDGET);
    for (size_t i = 1; i <= 3; i++) {
        turn(-1);
        expect_received(&talker, i * BUDGET, i == 1 ? SHARE : NOTHING_IS_LOST);
    }
    kernel_most = 0;
    client_release(&talker);
}
END_TEST

START_TEST(a_talker_does_not_keep_others_waiting)
{
    enum { NEWCOMERS = 3 };
    struct client talker, newcomers[NEWCOMERS];

    client_start(&talker, "the talker");
    client_says(&talker, 10 * BUDGET);
    turn(-1);
    turn(-1);
    expect_received(&talker, 2 * BUDGET, SHARE);
    for (int i = 0; i < NEWCOMERS; i++) {
        client_start(&newcomers[i], "a newcomer");
        client_says(&newcomers[i], 5);
    }
    int waits = kernel_waits;
    turn(-1);
    for (int i = 0; i < NEWCOMERS; i++) {
        expect_received(&newcomers[i], 5, SHARE);
        client_release(&newcomers[i]);
    }
    expect_received(&talker, 3 * BUDGET, SHARE);
    grader_expect(kernel_waits == waits + 1, "each turn asks the kernel once (contract, 4)",
                  "expected 1 wait, got %d", kernel_waits - waits);
    grader_expect(kernel_room >= 64, "a wait has room for 64 events or more (contract, 4)",
                  "expected room for 64, got %d", kernel_room);
    client_release(&talker);
}
END_TEST

START_TEST(many_talkers_get_equal_shares)
{
    enum { TALKERS = 5, TURNS = 8 };
    struct client talkers[TALKERS];

    for (int i = 0; i < TALKERS; i++) {
        client_start(&talkers[i], "one of five talkers");
        client_says(&talkers[i], (size_t)TURNS * BUDGET);
    }
    for (size_t i = 1; i <= TURNS; i++) {
        turn(-1);
        for (int j = 0; j < TALKERS; j++) {
            expect_received(&talkers[j], i * BUDGET, SHARE);
        }
    }
    for (int i = 0; i < TALKERS; i++) {
        client_release(&talkers[i]);
    }
}
END_TEST

START_TEST(hundreds_are_remembered)
{
    enum { HUNDREDS = 300, TURNS = 8 };
    static struct client talkers[HUNDREDS];

    grader_step("%d talkers send two budgets each; %d turns, for a wait may report 64 of them",
                HUNDREDS, TURNS);
    for (int i = 0; i < HUNDREDS; i++) {
        client_start(&talkers[i], "one of hundreds");
        client_says(&talkers[i], 2 * BUDGET);
    }
    for (int i = 0; i < TURNS; i++) {
        turn(-1);
    }
    for (int i = 0; i < HUNDREDS; i++) {
        expect_received(&talkers[i], 2 * BUDGET, NOTHING_IS_LOST);
        client_release(&talkers[i]);
    }
}
END_TEST

static struct client newcomer;

static void bring_newcomer(struct client *client)
{
    client->act = NULL;
    client_start(&newcomer, "the newcomer");
    client_says(&newcomer, 2 * BUDGET);
}

START_TEST(on_bytes_may_add_a_source)
{
    struct client ann, talker;

    client_start(&ann, "Ann");
    client_start(&talker, "the talker");
    ann.act = bring_newcomer;
    client_says(&ann, 3 * BUDGET);
    client_says(&talker, 3 * BUDGET);
    for (int i = 0; i < 3; i++) {
        turn(-1);
    }
    expect_received(&ann, 3 * BUDGET, NOTHING_IS_LOST);
    expect_received(&talker, 3 * BUDGET, NOTHING_IS_LOST);
    expect_received(&newcomer, 2 * BUDGET, NOTHING_IS_LOST);
    client_release(&ann);
    client_release(&talker);
    client_release(&newcomer);
}
END_TEST

START_TEST(two_readers_do_not_mix)
{
    struct edge_reader *first = reader;
    struct client talker;

    client_start(&talker, "the talker");
    client_says(&talker, 2 * BUDGET);
    turn(-1);
    expect_received(&talker, BUDGET, SHARE);
    grader_step("it is remembered; another reader makes a turn");
    create_reader(BUDGET);
    turn(1234);
    grader_expect(kernel_timeout_ms == 1234, APART, "expected a wait of 1234 ms, got %d",
                  kernel_timeout_ms);
    expect_received(&talker, BUDGET, APART);
    destroy_reader();
    reader = first;
    turn(-1);
    expect_received(&talker, 2 * BUDGET, NOTHING_IS_LOST);
    client_release(&talker);
}
END_TEST

START_TEST(a_new_edge_is_no_second_share)
{
    struct client talkers[3];

    for (int i = 0; i < 3; i++) {
        client_start(&talkers[i], i == 0 ? "talker 0" : i == 1 ? "talker 1" : "talker 2");
        client_says(&talkers[i], 3 * BUDGET);
    }
    for (size_t i = 1; i <= 6; i++) {
        turn(-1);
        for (int j = 0; j < 3; j++) {
            expect_received(&talkers[j], i * BUDGET, SHARE);
            client_says(&talkers[j], BUDGET);
        }
    }
    for (int i = 0; i < 3; i++) {
        client_release(&talkers[i]);
    }
}
END_TEST

START_TEST(quiet_sources_are_not_read)
{
    enum { QUIET_ONES = 10 };
    struct client quiet[QUIET_ONES], talker;

    for (int i = 0; i < QUIET_ONES; i++) {
        client_start(&quiet[i], "a quiet one");
        client_says(&quiet[i], 3);
    }
    client_start(&talker, "the talker");
    turn(0);
    grader_step("a turn more, should the reader want to see EAGAIN");
    turn(0);
    int reads = kernel_seen[quiet[0].source.fd].reads;
    client_says(&talker, 3 * BUDGET);
    for (int i = 0; i < 6; i++) {
        turn(0);
    }
    expect_received(&talker, talker.sent, NOTHING_IS_LOST);
    for (int i = 0; i < QUIET_ONES; i++) {
        expect_received(&quiet[i], 3, NOTHING_IS_LOST);
        int now = kernel_seen[quiet[i].source.fd].reads;
        grader_expect(now == reads, QUIET,
                      "a quiet one: expected no read after its first two turns, got %d",
                      now - reads);
        client_release(&quiet[i]);
    }
    client_release(&talker);
}
END_TEST

START_TEST(a_signal_changes_nothing)
{
    struct client ann, talker;

    client_start(&ann, "Ann");
    client_start(&talker, "the talker");
    client_says(&ann, 10);
    grader_step("two reads are interrupted by a signal");
    kernel_disturb_reads(EINTR, 2);
    turn(0);
    expect_received(&ann, 10, SIGNALS);
    client_says(&talker, 3 * BUDGET);
    turn(0);
    grader_step("a wait is interrupted by a signal, while the talker is remembered");
    kernel_disturb_wait(EINTR);
    turn(0);
    expect_received(&talker, 2 * BUDGET, SHARE);
    turn(0);
    expect_received(&talker, 3 * BUDGET, NOTHING_IS_LOST);
    client_release(&ann);
    client_release(&talker);
}
END_TEST

START_TEST(errors_are_returned)
{
    grader_step("a wait fails with EBADF");
    kernel_disturb_wait(EBADF);
    int result = edge_reader_turn(reader, 0);
    grader_expect(result == -EBADF, "a failed wait is returned (contract, 6)",
                  "expected -EBADF (%d), got %d", -EBADF, result);
    grader_step("add: a regular file, which epoll does not take");
    struct source file = {.fd = open(EXERCISE_FOLDER "/README.md", O_RDONLY | O_CLOEXEC)};
    ck_assert_int_ge(file.fd, 0);
    result = edge_reader_add(reader, &file);
    grader_expect(result == -EPERM, REFUSED, "expected -EPERM (%d), got %d", -EPERM, result);
    close(file.fd);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("readers and turns", create, destroy_reader);
    grader_add(a_message_arrives);
    grader_add(it_is_registered_edge_triggered);
    grader_add(a_budget_limits_what_a_turn_reads);
    grader_group("the rest", NULL, NULL);
    grader_add_loop(the_rest_is_remembered, 0, sizeof budgets / sizeof *budgets);
    grader_group("fairness", create, destroy_reader);
    grader_add(a_message_of_exactly_the_budget_does_not_block_the_next);
    grader_add(a_short_read_is_not_the_last);
    grader_add(a_talker_does_not_keep_others_waiting);
    grader_add(many_talkers_get_equal_shares);
    grader_add(hundreds_are_remembered);
    grader_add(on_bytes_may_add_a_source);
    grader_add(two_readers_do_not_mix);
    grader_add(a_new_edge_is_no_second_share);
    grader_add(quiet_sources_are_not_read);
    add_end_checks();
    grader_group("errors", create, destroy_reader);
    grader_add(a_signal_changes_nothing);
    grader_add(errors_are_returned);
    return grader_run(argc, argv);
}
