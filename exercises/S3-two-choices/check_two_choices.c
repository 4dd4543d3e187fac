/*
 * The grader of S3-two-choices. What has to hold in each call is expected of each call. What holds
 * on the average is counted: where a share of 1/10 is expected in 50,000 calls, 10 % more or less
 * are accepted. That is seven times the deviation that chance makes, so it happens with a
 * probability below 1e-13, and there are 30 such counts. Three sequences of 64 choices that are
 * expected to differ are equal by chance with less than 1e-100, or 7e-10 with seeds of 32 bits. The
 * check of the spread allows a surplus of 12; two choices need 2 or 3, and each further one is less
 * likely than the square of the chance of the one before.
 */
#include "../S3-least-connections/live_server.h"
#include "check_guarded_loads.h"
#include "check_seeds.h"
#include "grader.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct selection_policy two_choices;

static const char NAME[] = "--policy=NAME finds a policy by its name (contract)";
static const char AN_INDEX[] = "select returns the index of a loop of this pool (contract, 1)";
static const char FEWER[] =
    "of two different loops the one with fewer connections is chosen, so it "
    "is never the fullest of all (contract, 1)";
static const char PAIRS[] = "every pair of loops is as likely as every other (contract, 2)";
static const char TWO_LOOKS[] = "the loads of two loops are read, and no others (contract, 3)";
static const char READ_ONLY[] = "select changes no load (contract, 3)";
static const char SPREAD[] = "with two choices the fullest loop has hardly more than the average, "
                             "unlike with one (contract, 1 and 2)";

enum { MOST_LOOPS = 200 };

static struct loop_load loads[MOST_LOOPS];
struct selection_state state;

static void set_load(size_t loop, size_t connections)
{
    atomic_store(&loads[loop].connections, connections);
}

size_t choose(size_t count)
{
    size_t chosen = two_choices.select(loads, count, &state);

    /* Not an expectation: that notes where it is each time, which is slow a million times. */
    if (chosen >= count) {
        grader_fail(__FILE__, __LINE__, AN_INDEX, "%zu loops: expected one from 0 to %zu, got %zu",
                    count, count - 1, chosen);
    }
    return chosen;
}

void begin_pool(void)
{
    memset(&state, 0, sizeof state);
    for (size_t i = 0; i < MOST_LOOPS; i++) {
        set_load(i, 0);
    }
}

START_TEST(the_policy_has_the_name_that_the_command_line_uses)
{
    const char *name = two_choices.name != NULL ? two_choices.name : "(none)";

    grader_expect(strcmp(name, "two-choices") == 0, NAME,
                  "expected the name 'two-choices', got '%s'", name);
}
END_TEST

START_TEST(a_pool_of_one_loop_leaves_no_choice)
{
    grader_step("a pool of one loop: select, 10 times");
    for (size_t connections = 0; connections < 10; connections++) {
        set_load(0, connections);
        choose(1);
    }
}
END_TEST

START_TEST(the_fullest_loop_is_never_chosen)
{
    enum { CALLS = 200 };
    static const size_t highest[] = {5, 300, 70000, (size_t)1 << 40};

    for (size_t count = 2; count <= 8; count++) {
        begin_pool();
        for (size_t fullest = 0; fullest < count; fullest++) {
            size_t most = highest[fullest % 4];
            for (size_t i = 0; i < count; i++) {
                set_load(i, i == fullest ? most : i % 5);
            }
            grader_step("%zu loops, the fullest is loop %zu with %zu: select, %d times", count,
                        fullest, most, CALLS);
            for (int call = 0; call < CALLS; call++) {
                grader_expect(choose(count) != fullest, FEWER,
                              "call %d: expected another loop than %zu", call + 1, fullest);
            }
        }
    }
}
END_TEST

START_TEST(the_loads_of_two_loops_are_read_and_no_more)
{
    enum { CALLS = 200 };
    size_t count = guarded_loads_create();

    grader_step("%zu loops, whose loads lie on %d pages of memory: select, %d times", count,
                GUARDED_PAGES, CALLS);
    for (int call = 0; call < CALLS; call++) {
        const struct loop_load *guarded = guarded_loads_close();
        size_t chosen = two_choices.select(guarded, count, &state);
        grader_expect(chosen < count, AN_INDEX, "expected a loop below %zu, got %zu", count,
                      chosen);
        grader_expect(guarded_loads_touched() <= 2, TWO_LOOKS,
                      "call %d: expected a look at 2 pages or 1, got %d", call + 1,
                      guarded_loads_touched());
        grader_expect(!guarded_loads_written(), READ_ONLY,
                      "call %d: expected that it only looks; it has written to a load", call + 1);
    }
    guarded_loads_destroy();
}
END_TEST

/* The two fullest loops: `second` is chosen exactly if the pair is these two. */
static void expect_pair_as_often_as_others(size_t second, size_t fullest)
{
    enum { LOOPS = 5, CALLS = 50000, EXPECTED = CALLS / 10, MARGIN = EXPECTED / 10 };
    int times = 0;

    for (size_t i = 0; i < LOOPS; i++) {
        set_load(i, i == fullest ? 9 : i == second ? 7 : 1);
    }
    grader_step("%d loops with 1 connection, but loop %zu has 7 and loop %zu has 9: select, %d "
                "times; loop %zu is chosen when the pair is these two",
                LOOPS, second, fullest, CALLS, second);
    for (int call = 0; call < CALLS; call++) {
        times += choose(LOOPS) == second;
    }
    grader_expect(abs(times - EXPECTED) <= MARGIN, PAIRS,
                  "there are ten pairs: expected about %d times (%d to %d), got %d times", EXPECTED,
                  EXPECTED - MARGIN, EXPECTED + MARGIN, times);
}

START_TEST(every_pair_occurs_as_often_as_others)
{
    for (size_t second = 0; second < 5; second++) {
        for (size_t fullest = 0; fullest < 5; fullest++) {
            if (second != fullest) {
                expect_pair_as_often_as_others(second, fullest);
            }
        }
    }
}
END_TEST

START_TEST(many_loops_are_drawn_as_often_as_few)
{
    /* Two of 200 are both none of these 20 with a chance of 180 * 179 / (200 * 199). */
    enum { LOOPS = MOST_LOOPS, PART = LOOPS / 10, CALLS = 50000 };
    enum { EXPECTED = 9523, MARGIN = EXPECTED / 10 };

    for (size_t first = 0; first < LOOPS; first += PART) {
        int times = 0;
        for (size_t i = 0; i < LOOPS; i++) {
            set_load(i, i >= first && i < first + PART ? 1 : 2);
        }
        grader_step("%d loops with 2 connections, but those from %zu to %zu have 1: select, %d "
                    "times",
                    LOOPS, first, first + PART - 1, CALLS);
        for (int call = 0; call < CALLS; call++) {
            size_t chosen = choose(LOOPS);
            times += chosen >= first && chosen < first + PART;
        }
        grader_expect(abs(times - EXPECTED) <= MARGIN, PAIRS,
                      "expected one of these about %d times (%d to %d), got %d times", EXPECTED,
                      EXPECTED - MARGIN, EXPECTED + MARGIN, times);
    }
}
END_TEST

/* How many more than the average the fullest loop has. */
static size_t excess(const size_t *held, size_t count, size_t average)
{
    size_t most = 0;

    for (size_t i = 0; i < count; i++) {
        most = held[i] > most ? held[i] : most;
    }
    return most - average;
}

START_TEST(connections_are_spread_better_than_by_chance)
{
    enum { LOOPS = 64, AVERAGE = 100 };
    size_t with_two[LOOPS] = {0};
    size_t with_one[LOOPS] = {0};
    uint64_t random = 1;

    begin_pool();
    grader_step("%d connections come to %d loops and stay", LOOPS * AVERAGE, LOOPS);
    for (size_t i = 0; i < (size_t)LOOPS * AVERAGE; i++) {
        size_t chosen = choose(LOOPS);
        set_load(chosen, ++with_two[chosen]);
        random = random * 6364136223846793005 + 1442695040888963407;
        with_one[(random >> 33) % LOOPS]++;
    }
    size_t of_one = excess(with_one, LOOPS, AVERAGE);
    size_t of_two = excess(with_two, LOOPS, AVERAGE);
    grader_expect(2 * of_two <= of_one, SPREAD,
                  "the average is %d; one loop at random makes the fullest %zu higher; expected at "
                  "most half of that, got %zu",
                  AVERAGE, of_one, of_two);
}
END_TEST

/* Returns how many loops have the highest of the loads, and one of them. */
static size_t fullest_of(const size_t *held, size_t count, size_t *ret_fullest)
{
    size_t ties = 0;
    size_t most = 0;

    for (size_t i = 0; i < count; i++) {
        if (ties == 0 || held[i] > most) {
            ties = 0;
            most = held[i];
            *ret_fullest = i;
        }
        ties += held[i] == most;
    }
    return ties;
}

START_TEST(in_the_real_server_the_fullest_loop_gets_no_client)
{
    enum { LOOPS = LIVE_SERVER_MOST_LOOPS, CLIENTS = 30 };
    size_t threads = _i == 0 ? LOOPS : 0;
    size_t loops = threads > 0 ? threads : 1;
    size_t held[LOOPS] = {0};
    int clients[CLIENTS];

    live_server_start(&two_choices, threads);
    grader_step("the stage 3 server with %zu sub-reactors; %d clients come and stay", threads,
                CLIENTS);
    for (int i = 0; i < CLIENTS; i++) {
        size_t fullest = 0;
        bool one_is_fullest = fullest_of(held, loops, &fullest) == 1 && loops > 1;
        clients[i] = live_server_connect();
        size_t chosen = live_server_chosen();
        grader_expect(chosen < loops && !(one_is_fullest && chosen == fullest), FEWER,
                      "client %d came when the loops had%s: expected another loop than %zu", i + 1,
                      live_server_loads_then(), chosen);
        held[chosen]++;
    }
    for (int i = 0; i < CLIENTS; i++) {
        close(clients[i]);
    }
    live_server_stop();
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("made-up loads", begin_pool, NULL);
    grader_add(the_policy_has_the_name_that_the_command_line_uses);
    grader_add(a_pool_of_one_loop_leaves_no_choice);
    grader_add(the_fullest_loop_is_never_chosen);
    grader_add(the_loads_of_two_loops_are_read_and_no_more);
    grader_add(every_pair_occurs_as_often_as_others);
    grader_add(many_loops_are_drawn_as_often_as_few);
    grader_add(connections_are_spread_better_than_by_chance);
    add_seed_checks();
    grader_group("in the real server", NULL, live_server_end);
    grader_add_loop(in_the_real_server_the_fullest_loop_gets_no_client, 0, 2);
    return grader_run(argc, argv);
}
