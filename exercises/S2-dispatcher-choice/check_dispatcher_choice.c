/*
 * The grader of S2-dispatcher-choice: a machine whose clock and costs it makes up itself
 * (check_machine.h), so that the right result is known. The last check uses the real dispatchers.
 */
#include "check_machine.h"
#include "grader.h"

#include "epoll_dispatcher.h"
#include "poll_dispatcher.h"
#include "select_dispatcher.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static const char ONE_STATE[] = "each dispatcher gets one state, which is destroyed in the end "
                                "(contract, 1)";
static const char ALL_ROUNDS[] = "each dispatcher is measured in all rounds, of all waits "
                                 "(contract, 2)";
static const char IN_TURN[] = "no dispatcher is ever more than one round ahead of another, "
                              "and all sets are made before (contract, 3)";
static const char CLOCK[] = "the clock is read at most twice a round, around the waits "
                            "(contract, 4)";
static const char PER_EVENT[] =
    "the cost is the time of the waits by the number of events that they "
    "reported (contract, 4 and 5)";
static const char UNDISTURBED[] = "the result is that of a round that nothing disturbed "
                                  "(contract, 6)";
static const char REFUSALS[] = "who refuses has its -errno in `error`, and the others are measured "
                               "as if it were not there (contract, 7)";
static const char CHOICE[] =
    "the first one that costs at most 10 % more than the cheapest, of those "
    "without an error (contract, 8)";

enum { IDLE = 40, ROUNDS = 9, WAITS = 50 };

static int idle[IDLE];
static struct crowd crowd = {
    .idle = idle,
    .idle_count = IDLE,
    .ready = 900000,
    .rounds = ROUNDS,
    .waits = WAITS,
    .now_ns = machine_clock,
};
static struct measurement measurements[FAKES];

static void set_up(void)
{
    for (int i = 0; i < IDLE; i++) {
        idle[i] = 800000 + 3 * i;
    }
    machine_reset(&crowd);
    for (int i = 0; i < FAKES; i++) {
        /* Whatever was there before. */
        measurements[i] = (struct measurement){&fake_dispatchers[i], -EDOM, -1};
    }
}

static void measure(void)
{
    grader_step("measure three dispatchers: %zu idle descriptors, %d rounds of %d waits",
                crowd.idle_count, crowd.rounds, crowd.waits);
    measure_dispatchers(&crowd, measurements, FAKES);
}

/* Within 2 %, for the looks at the clock take time as well. */
static void expect_cost(int fake, const char *rule)
{
    double truth = machine_truth(fake);
    double got = measurements[fake].ns_per_event;

    grader_expect(measurements[fake].error == 0, rule, "dispatcher %d: expected error 0, got %d",
                  fake, measurements[fake].error);
    grader_expect(got > 0.98 * truth && got < 1.02 * truth, rule,
                  "dispatcher %d: expected %.0f ns an event, got %.0f", fake, truth, got);
}

static void expect_all_costs(const char *rule)
{
    for (int i = 0; i < FAKES; i++) {
        expect_cost(i, rule);
    }
}

START_TEST(everybody_is_watched_and_measured)
{
    measure();
    for (int i = 0; i < FAKES; i++) {
        const struct fake *fake = &machine.fakes[i];
        grader_expect(fake->creates == 1 && fake->destroys == 1, ONE_STATE,
                      "dispatcher %d: expected 1 create and 1 destroy, got %d and %d", i,
                      fake->creates, fake->destroys);
        grader_expect(fake->waits == ROUNDS * WAITS, ALL_ROUNDS,
                      "dispatcher %d: expected %d waits, got %d", i, ROUNDS * WAITS, fake->waits);
    }
}
END_TEST

START_TEST(the_clock_is_not_read_all_the_time)
{
    measure();
    grader_expect(machine.clock_reads <= 2 * ROUNDS * FAKES, CLOCK,
                  "%d rounds of %d dispatchers: expected at most %d looks at the clock, got %d",
                  ROUNDS, FAKES, 2 * ROUNDS * FAKES, machine.clock_reads);
}
END_TEST

START_TEST(only_the_waits_count)
{
    grader_step("a wait costs 1000, 2000 and 3000 ns; create 500,000; add 5,000; destroy 700,000");
    measure();
    expect_all_costs(PER_EVENT);
}
END_TEST

START_TEST(the_crowd_counts)
{
    grader_step("dispatcher 0: 500 ns, and 100 for each that it watches; 1: 2000; 2: 100 and 7");
    machine.fakes[0].base_ns = 500;
    machine.fakes[0].ns_per_watched = 100;
    machine.fakes[2].base_ns = 100;
    machine.fakes[2].ns_per_watched = 7;
    measure();
    expect_all_costs(PER_EVENT);
}
END_TEST

START_TEST(a_wait_may_report_several_events)
{
    grader_step("a wait of dispatcher 0 reports 4 events, of dispatcher 1 it is 1, of 2 it is 16");
    machine.fakes[0].per_wait = 4;
    machine.fakes[2].per_wait = 16;
    measure();
    expect_all_costs(PER_EVENT);
}
END_TEST

START_TEST(not_every_wait_reports)
{
    grader_step("each second wait of dispatcher 0 reports nothing; of dispatcher 2 too, else 3");
    machine.fakes[0].every_other = true;
    machine.fakes[2].every_other = true;
    machine.fakes[2].per_wait = 3;
    measure();
    expect_all_costs(PER_EVENT);
}
END_TEST

START_TEST(a_crowd_of_any_size)
{
    struct crowd many = crowd;

    many.rounds = MACHINE_MOST_ROUNDS;
    many.waits = 1;
    many.idle_count = 0;
    machine.crowd = &many;
    grader_step("nobody is idle; %d rounds of 1 wait, which takes 1, 2 and 3 ms", many.rounds);
    for (int i = 0; i < FAKES; i++) {
        machine.fakes[i].base_ns *= 1000;
    }
    measure_dispatchers(&many, measurements, FAKES);
    expect_all_costs(PER_EVENT);
    for (int i = 0; i < FAKES; i++) {
        grader_expect(machine.fakes[i].waits == many.rounds, ALL_ROUNDS,
                      "dispatcher %d: expected %d waits, got %d", i, many.rounds,
                      machine.fakes[i].waits);
    }
}
END_TEST

/* So many times slower in each round; fewer than half of the rounds are disturbed. */
static const int disturbances[][FAKES][ROUNDS] = {
    {{40}, {0}, {0}},
    {{0, 0, 0, 0, 0, 0, 0, 0, 900}, {30}, {0}},
    {{9, 9, 9, 9}, {0, 0, 0, 0, 0, 7, 7, 7, 7}, {3, 0, 2, 0, 5, 0, 2000}},
    {{0, 2, 0, 2, 0, 2, 0, 2}, {2, 0, 2, 0, 0, 0, 2, 0, 2}, {0, 0, 0, 3, 3, 3, 3}},
};

START_TEST(a_disturbed_round_does_not_spoil_the_result)
{
    for (int i = 0; i < FAKES; i++) {
        memcpy(machine.fakes[i].disturbed, disturbances[_i][i], sizeof disturbances[_i][i]);
    }
    grader_step("another program takes the CPU in some rounds, in fewer than half of them");
    measure();
    expect_all_costs(UNDISTURBED);
}
END_TEST

START_TEST(a_machine_that_gets_slower_is_so_for_all)
{
    machine.slow_from = 2 * ROUNDS * WAITS + 1;
    grader_step("after two thirds of all waits the whole machine is three times slower: it is hot");
    measure();
    expect_all_costs(UNDISTURBED);
}
END_TEST

START_TEST(rounds_take_turns)
{
    measure();
    grader_expect(machine.most_ahead <= WAITS, IN_TURN,
                  "rounds of %d waits: expected a lead of at most %d waits, got %d", WAITS, WAITS,
                  machine.most_ahead);
    grader_expect(!machine.late_set, IN_TURN,
                  "expected all sets to be made before the first wait; one was made later");
}
END_TEST

START_TEST(a_round_without_events_does_not_count)
{
    grader_step("dispatcher 0 reports nothing in six rounds, 1 in two, dispatcher 2 never");
    machine.fakes[1].empty[0] = machine.fakes[1].empty[4] = true;
    for (int round = 0; round < ROUNDS; round++) {
        machine.fakes[0].empty[round] = round % 3 != 1;
        machine.fakes[2].empty[round] = true;
    }
    measure();
    expect_cost(0, PER_EVENT);
    expect_cost(1, PER_EVENT);
    grader_expect(measurements[2].error == -ENODATA, PER_EVENT,
                  "dispatcher 2: expected error -ENODATA (%d), got %d", -ENODATA,
                  measurements[2].error);
}
END_TEST

START_TEST(who_refuses_is_left_out)
{
    struct fake *refusing = &machine.fakes[_i];
    static const int errors[] = {-ENOMEM, -ERANGE, -EBADF};

    grader_step("dispatcher %d refuses, in %s", _i,
                _i == 0   ? "create"
                : _i == 1 ? "the 20th add"
                          : "a wait of the third round");
    refusing->create_error = _i == 0 ? -ENOMEM : 0;
    refusing->add_error_at = _i == 1 ? 20 : 0;
    refusing->wait_error_at = _i == 2 ? 2 * WAITS + 10 : 0;
    measure();
    grader_expect(measurements[_i].error == errors[_i], REFUSALS,
                  "dispatcher %d: expected error %d, got %d", _i, errors[_i],
                  measurements[_i].error);
    for (int i = 0; i < FAKES; i++) {
        if (i != _i) {
            expect_cost(i, REFUSALS);
        }
    }
    grader_expect(refusing->destroys == (_i == 0 ? 0 : 1), ONE_STATE,
                  "dispatcher %d: expected %s, got %d destroys", _i,
                  _i == 0 ? "no destroy, for there is no state" : "1 destroy", refusing->destroys);
    grader_expect(_i != 1 || refusing->adds == refusing->add_error_at, REFUSALS,
                  "dispatcher %d: expected no add after the one that failed, got %d", _i,
                  refusing->adds - refusing->add_error_at);
    grader_expect(_i != 2 || refusing->waits == refusing->wait_error_at, REFUSALS,
                  "dispatcher %d: expected no wait after the one that failed, got %d", _i,
                  refusing->waits - refusing->wait_error_at);
}
END_TEST

/* ns_per_event, or -errno; 0 ends a row. */
static const struct choice {
    double costs[5];
    int expected; /* -1: none */
} choices[] = {
    {{100, 200, 300}, 0},
    {{300, 100, 200}, 1},
    {{300, 200, 100}, 2},
    {{0.3, 0.2, 0.1}, 2},
    {{105, 100, 300}, 0},
    {{115, 100, 300}, 1},
    {{111, 100, 300}, 1},
    {{10900, 11100, 10000}, 0},
    {{300, 109, 100, 101}, 1},
    {{115, 108, 100}, 1},
    {{100, 99.9, 95}, 0},
    {{-ERANGE, 200, 100}, 2},
    {{200, -ERANGE, 400}, 0},
    {{-ENOMEM, -ERANGE, 1e9}, 2},
    {{-ENOMEM, -ERANGE, -EIO}, -1},
    {{5}, 0},
    {{0}, -1},
    {{1050, -EIO, 5000, 1000}, 0},
};

START_TEST(the_choice_ignores_small_differences)
{
    struct measurement made_up[5];
    const struct choice *choice = &choices[_i];
    int count = 0;

    for (; count < 5 && choice->costs[count] != 0; count++) {
        double cost = choice->costs[count];
        made_up[count] = (struct measurement){
            .dispatcher = &fake_dispatchers[count % FAKES],
            .error = cost < 0 ? (int)cost : 0,
            .ns_per_event = cost < 0 ? 1 : cost,
        };
        grader_step("measurement %d: %s %g", count, cost < 0 ? "error" : "ns an event", cost);
    }
    const struct measurement *chosen = choose_dispatcher(made_up, (size_t)count);
    int got = chosen != NULL ? (int)(chosen - made_up) : -1;
    grader_expect(got == choice->expected, CHOICE,
                  "%d measurements: expected the choice of %d (-1: none), got %d", count,
                  choice->expected, got);
}
END_TEST

static uint64_t real_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

START_TEST(the_real_dispatchers_are_measured_too)
{
    static const struct event_dispatcher *const all[] = {&poll_dispatcher, &select_dispatcher,
                                                         &epoll_dispatcher};
    struct measurement real[DISPATCHER_CHOICE_MOST];
    int ready = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    uint64_t value = 0;

    ck_assert_int_ge(ready, 0);
    for (int i = 0; i < IDLE; i++) {
        idle[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        ck_assert_int_ge(idle[i], 0);
    }
    struct crowd real_crowd = {idle, IDLE, ready, 5, 20, real_clock};
    for (size_t i = 0; i < DISPATCHER_CHOICE_MOST; i++) {
        real[i] = (struct measurement){.dispatcher = all[i % 3]};
    }
    grader_step("measure poll, select, epoll, poll, ..., %d in all, with %d idle descriptors",
                DISPATCHER_CHOICE_MOST, IDLE);
    measure_dispatchers(&real_crowd, real, DISPATCHER_CHOICE_MOST);
    for (int i = 0; i < DISPATCHER_CHOICE_MOST; i++) {
        grader_expect(real[i].error == 0 && real[i].ns_per_event > 0 &&
                          isfinite(real[i].ns_per_event),
                      PER_EVENT, "%s: expected a cost above 0, got error %d and %f",
                      real[i].dispatcher->name, real[i].error, real[i].ns_per_event);
    }
    grader_expect(read(ready, &value, sizeof value) == sizeof value && value == 1, ONE_STATE,
                  "expected that the ready descriptor is open and unread; it is not");
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("a made-up machine", set_up, NULL);
    grader_add(everybody_is_watched_and_measured);
    grader_add(the_clock_is_not_read_all_the_time);
    grader_add(only_the_waits_count);
    grader_add(the_crowd_counts);
    grader_add(a_wait_may_report_several_events);
    grader_add(not_every_wait_reports);
    grader_add(a_crowd_of_any_size);
    grader_add_loop(a_disturbed_round_does_not_spoil_the_result, 0,
                    sizeof disturbances / sizeof *disturbances);
    grader_add(a_machine_that_gets_slower_is_so_for_all);
    grader_add(rounds_take_turns);
    grader_add(a_round_without_events_does_not_count);
    grader_add_loop(who_refuses_is_left_out, 0, FAKES);
    grader_add_loop(the_choice_ignores_small_differences, 0, sizeof choices / sizeof *choices);
    grader_add(the_real_dispatchers_are_measured_too);
    return grader_run(argc, argv);
}
