/*
 * The grader of S2-stale-event. Most checks pretend to be the kernel (check_kernel.h), so that they
 * say what is in a batch and in which order; check_sockets.c has those with real sockets.
 */
#include "check_kernel.h"
#include "check_players.h"
#include "grader.h"

#include <errno.h>
#include <sys/epoll.h>

static void create_loop_and_pretend(void)
{
    create_loop();
    kernel_pretend();
}

START_TEST(a_turn_calls_who_was_reported)
{
    struct player a = player("A", 7), b = player("B", 9), c = player("C", 8);

    start(&a);
    start(&b);
    start(&c);
    grader_step("the kernel reports B with EPOLLIN, then A with EPOLLIN and EPOLLHUP");
    kernel_report(9, EPOLLIN);
    kernel_report(7, EPOLLIN | EPOLLHUP);
    int count = turn();
    expect_calls(&a, 1, CALLED);
    expect_calls(&b, 1, CALLED);
    expect_calls(&c, 0, CALLED);
    grader_expect(b.turn == 1, CALLED, "expected B before A; A was first");
    grader_expect(b.events == EPOLLIN, CALLED, "B: expected events %#x, got %#x", EPOLLIN,
                  b.events);
    grader_expect(a.events == (EPOLLIN | EPOLLHUP), CALLED, "A: expected events %#x, got %#x",
                  EPOLLIN | EPOLLHUP, a.events);
    grader_expect(count == 2, RESULT, "expected 2, got %d", count);
}
END_TEST

START_TEST(a_turn_waits_once)
{
    struct player a = player("A", 7);

    start(&a);
    grader_step("turn, at most 1234 ms, and nothing is reported");
    int count = small_loop_turn(loop, 1234);
    grader_expect(kernel_seen.waits == 1, WAITS_ONCE, "expected 1 wait, got %d", kernel_seen.waits);
    grader_expect(kernel_seen.timeout_ms == 1234, WAITS_ONCE, "expected a wait of 1234 ms, got %d",
                  kernel_seen.timeout_ms);
    grader_expect(kernel_seen.room >= 64, WAITS_ONCE, "expected room for 64, got %d",
                  kernel_seen.room);
    grader_expect(count == 0, RESULT, "expected 0, got %d", count);
    grader_step("a signal interrupts the wait");
    kernel_refuse_wait(EINTR);
    count = turn();
    grader_expect(count == 0, RESULT, "expected 0, got %d", count);
    grader_step("the wait fails with EBADF");
    kernel_refuse_wait(EBADF);
    count = turn();
    grader_expect(count == -EBADF, RESULT, "expected -EBADF (%d), got %d", -EBADF, count);
}
END_TEST

START_TEST(a_refused_registration_leaves_nothing)
{
    struct player refused = player("the refused one", 7), next = player("the next one", 7);

    grader_step("the kernel is going to refuse with ENOSPC");
    kernel_refuse_add(ENOSPC);
    int result = try_to_register(&refused);
    grader_expect(result == -ENOSPC, REFUSED, "expected -ENOSPC (%d), got %d", -ENOSPC, result);
    start(&next);
    kernel_report(7, EPOLLIN);
    turn();
    expect_calls(&refused, 0, REFUSED);
    expect_calls(&next, 1, CALLED);
}
END_TEST

/* Three who are reported in one batch, and one who gets the number of the second. */
static struct player first, second, third, newcomer;

static void remove_second(struct player *me)
{
    (void)me;
    stop(&second);
    bury(&second);
}

static void remove_itself(struct player *me)
{
    stop(me);
    bury(me);
}

static void start_three(void)
{
    first = player("first", 7);
    second = player("second", 9);
    third = player("third", 11);
    newcomer = player("newcomer", 9);
    start(&first);
    start(&second);
    start(&third);
}

static void report_all_three(void)
{
    grader_step("one batch: the kernel reports first, second, third");
    kernel_report(7, EPOLLIN);
    kernel_report(9, EPOLLIN);
    kernel_report(11, EPOLLIN);
}

START_TEST(a_removed_watcher_is_not_called)
{
    start_three();
    first.act = remove_second;
    third.act = remove_itself;
    report_all_three();
    int count = turn();
    expect_calls(&first, 1, CALLED);
    expect_calls(&third, 1, CALLED);
    grader_expect(count == 2, RESULT, "expected 2, got %d", count);
    grader_expect(!kernel_watches(9) && !kernel_watches(11), TAKEN_OUT,
                  "expected that the kernel watches neither 9 nor 11; it watches %d",
                  kernel_watches(9) ? 9 : 11);
    grader_expect(kernel_watches(7), TAKEN_OUT, "expected that the kernel watches 7; it does not");
}
END_TEST

static void replace_second(struct player *me)
{
    remove_second(me);
    grader_step("close(9); the kernel gives the number 9 to a new client");
    kernel_close(9);
    start(&newcomer);
}

START_TEST(a_number_used_again_inside_a_batch_hears_nothing_old)
{
    start_three();
    first.act = replace_second;
    report_all_three();
    turn();
    expect_calls(&newcomer, 0, OWN_EVENTS);
    expect_calls(&third, 1, CALLED);
    first.act = NULL;
    grader_step("the next batch: the kernel reports the newcomer");
    kernel_report(9, EPOLLIN);
    turn();
    expect_calls(&newcomer, 1, CALLED);
}
END_TEST

static void reconnect_second(struct player *me)
{
    (void)me;
    stop(&second);
    grader_step("close(9); connect again; the number is 9 again, and so is the watcher's memory");
    kernel_close(9);
    start(&second);
}

START_TEST(the_same_watcher_registered_again_hears_nothing_old)
{
    start_three();
    first.act = reconnect_second;
    report_all_three();
    turn();
    expect_calls(&second, 0, OWN_EVENTS);
    expect_calls(&third, 1, CALLED);
    first.act = NULL;
    grader_step("the next batch: the kernel reports second");
    kernel_report(9, EPOLLIN);
    turn();
    expect_calls(&second, 1, CALLED);
}
END_TEST

static int rounds;

static void reconnect_second_often(struct player *me)
{
    (void)me;
    grader_step("remove, close and add, %d times, each time with the number 9", rounds);
    for (int i = 0; i < rounds; i++) {
        small_loop_remove(loop, &second.watcher);
        kernel_close(9);
        grader_expect(small_loop_add(loop, &second.watcher, EPOLLIN) == 0, REFUSED,
                      "expected 0, because the kernel agreed; got an error");
    }
}

START_TEST(a_number_may_come_back_many_times)
{
    start_three();
    first.act = reconnect_second_often;
    for (rounds = 1; rounds <= 65536; rounds *= 2) {
        report_all_three();
        turn();
        expect_calls(&second, 0, OWN_EVENTS);
    }
}
END_TEST

START_TEST(a_high_number_keeps_all_its_digits)
{
    static const int numbers[] = {5, 5 + 256, 5 + 4096, 5 + 65536, 5 + 524288, KERNEL_HIGHEST};
    enum { COUNT = sizeof numbers / sizeof *numbers };
    struct player players[COUNT];

    for (size_t i = 0; i < COUNT; i++) {
        players[i] = player("one of them", numbers[i]);
        start(&players[i]);
    }
    for (size_t i = 0; i < COUNT; i++) {
        grader_step("the kernel reports descriptor %d", numbers[i]);
        kernel_report(numbers[i], EPOLLIN);
        turn();
        for (size_t j = 0; j < COUNT; j++) {
            grader_expect(players[j].calls == (j <= i), HIGH,
                          "the watcher of %d: expected %d calls so far, got %d", numbers[j], j <= i,
                          players[j].calls);
        }
    }
}
END_TEST

START_TEST(an_event_may_come_late)
{
    start_three();
    uint64_t old = kernel_word_of(9);
    stop(&second);
    bury(&second);
    grader_step("a child process has the file of 9 open: its registration lives on in the kernel");
    grader_step("the kernel reports for second; nobody has the number 9");
    kernel_report_word(old, EPOLLIN);
    int count = turn();
    grader_expect(count == 0, LATE, "expected 0 calls, got %d", count);
    start(&newcomer);
    grader_step("the kernel reports for second, then for the newcomer's neighbour, third");
    kernel_report_word(old, EPOLLIN);
    kernel_report(11, EPOLLIN);
    turn();
    expect_calls(&newcomer, 0, LATE);
    expect_calls(&third, 1, CALLED);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("scripted batches", create_loop_and_pretend, destroy_loop);
    grader_add(a_turn_calls_who_was_reported);
    grader_add(a_turn_waits_once);
    grader_add(a_refused_registration_leaves_nothing);
    grader_add(a_removed_watcher_is_not_called);
    grader_add(a_number_used_again_inside_a_batch_hears_nothing_old);
    grader_add(the_same_watcher_registered_again_hears_nothing_old);
    grader_add(a_number_may_come_back_many_times);
    grader_add(a_high_number_keeps_all_its_digits);
    grader_add(an_event_may_come_late);
    add_socket_checks();
    return grader_run(argc, argv);
}
