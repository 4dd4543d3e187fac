/*
 * The grader of S3-power-of-two-mask. It begins with counters as they are after hours or days of
 * service, and looks at the turns from there. The last check is in the real stage 3 server.
 */
#include "../S3-least-connections/live_server.h"
#include "grader.h"
#include "guarded.h"
#include "selection_policy.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct selection_policy power_of_two_mask;
bool is_power_of_two(size_t number); /* the learner's */

static const char NAME[] = "--policy=NAME finds a policy by its name (contract)";
static const char AN_INDEX[] = "select returns the index of a loop of this pool (contract, 1)";
static const char TURNS[] = "the loops take turns, one after the other, and a new pool begins with "
                            "loop 0 (contract, 1)";
static const char NEXT[] =
    "the remainder of words[0] by count is the loop that is next, whatever the counter is "
    "(contract, 2)";
static const char IN_32_BITS[] = "words[0] never holds more than 32 bits (contract, 3)";
static const char WRAP[] =
    "the turns go on across the wrap: nobody is left out, nobody comes twice "
    "(contract, 3)";
static const char LOADS[] = "the loads do not matter: these are plain turns (contract, 4)";
static const char POWER[] = "1, 2, 4, 8 and so on are powers of two; 0 is none (contract, 5)";

enum { MOST_LOOPS = 256 };

static const size_t counts[] = {1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 31, 64, 100, 255, 256};
enum { COUNTS = sizeof counts / sizeof counts[0] };

static struct loop_load loads[MOST_LOOPS];

static size_t choose(size_t count, struct selection_state *state)
{
    size_t chosen = power_of_two_mask.select(loads, count, state);

    grader_expect(chosen < count, AN_INDEX, "expected a loop from 0 to %zu, got %zu", count - 1,
                  chosen);
    return chosen;
}

/* Begins with this counter, and expects `calls` turns. */
static void expect_turns(size_t count, uint64_t counter, size_t calls, const char *rule)
{
    struct selection_state state = {.words = {counter}};
    size_t first = (size_t)(counter % count);

    grader_step("%zu loops, words[0] is %ju: select, %zu times", count, (uintmax_t)counter, calls);
    for (size_t call = 0; call < calls; call++) {
        size_t expected = (first + call) % count;
        uint64_t before = state.words[0];
        size_t chosen = choose(count, &state);
        grader_expect(chosen == expected, rule,
                      "call %zu, words[0] was %ju: expected loop %zu, got loop %zu", call + 1,
                      (uintmax_t)before, expected, chosen);
        size_t next = (size_t)(state.words[0] % count);
        grader_expect(next == (expected + 1) % count, rule == WRAP ? WRAP : NEXT,
                      "after call %zu words[0] is %ju, so loop %zu is next; expected loop %zu",
                      call + 1, (uintmax_t)state.words[0], next, (expected + 1) % count);
    }
}

START_TEST(the_policy_has_the_name_that_the_command_line_uses)
{
    const char *name = power_of_two_mask.name != NULL ? power_of_two_mask.name : "(none)";

    grader_expect(strcmp(name, "power-of-two-mask") == 0, NAME,
                  "expected the name 'power-of-two-mask', got '%s'", name);
}
END_TEST

START_TEST(the_loops_take_turns)
{
    for (size_t i = 0; i < COUNTS; i++) {
        expect_turns(counts[i], 0, 3 * counts[i] + 1, TURNS);
    }
}
END_TEST

START_TEST(the_counter_says_who_is_next)
{
    static const uint64_t counters[] = {1, 5, 255, 256, 1000, 65535, 1000000007};

    for (size_t i = 0; i < COUNTS; i++) {
        for (size_t k = 0; k < sizeof counters / sizeof counters[0]; k++) {
            expect_turns(counts[i], counters[k], 2 * counts[i] + 1, NEXT);
        }
    }
}
END_TEST

START_TEST(the_counter_may_change_between_two_calls)
{
    struct selection_state state = {.words = {0}};

    grader_step("31 loops; before each call, words[0] is set to another number");
    for (uint32_t call = 0; call < 100; call++) {
        uint32_t counter = call * 1000003U % 65537;
        state.words[0] = counter;
        size_t chosen = choose(31, &state);
        grader_expect(chosen == counter % 31, NEXT,
                      "words[0] was set to %ju: expected loop %zu, got loop %zu",
                      (uintmax_t)counter, (size_t)(counter % 31), chosen);
    }
}
END_TEST

START_TEST(powers_of_two_are_told_from_others)
{
    grader_step("is_power_of_two of 0, of all powers, and of what is beside them");
    grader_expect(!is_power_of_two(0), POWER, "0: expected false, got true");
    for (unsigned bit = 0; bit < sizeof(size_t) * 8; bit++) {
        size_t power = (size_t)1 << bit;
        grader_expect(is_power_of_two(power), POWER, "%zu: expected true, got false", power);
        if (bit >= 2) {
            grader_expect(!is_power_of_two(power - 1), POWER, "%zu: expected false, got true",
                          power - 1);
            grader_expect(!is_power_of_two(power + 1), POWER, "%zu: expected false, got true",
                          power + 1);
            grader_expect(!is_power_of_two(power + power / 2), POWER,
                          "%zu: expected false, got true", power + power / 2);
        }
    }
}
END_TEST

START_TEST(behind_two_to_the_31_the_turns_go_on)
{
    const uint64_t two_to_the_31 = (uint64_t)1 << 31;

    for (size_t i = 0; i < COUNTS; i++) {
        expect_turns(counts[i], two_to_the_31 - 2, 2 * counts[i] + 3, NEXT);
    }
}
END_TEST

START_TEST(the_counter_stays_within_32_bits)
{
    for (size_t i = 0; i < COUNTS; i++) {
        struct selection_state state = {.words = {UINT32_MAX - 1}};
        grader_step("%zu loops, words[0] is %ju: select, 4 times", counts[i],
                    (uintmax_t)state.words[0]);
        for (int call = 1; call <= 4; call++) {
            choose(counts[i], &state);
            grader_expect(state.words[0] <= UINT32_MAX, IN_32_BITS,
                          "after call %d expected words[0] of at most %ju, got %ju", call,
                          (uintmax_t)UINT32_MAX, (uintmax_t)state.words[0]);
        }
    }
}
END_TEST

START_TEST(nobody_is_left_out_at_the_wrap)
{
    for (size_t i = 0; i < COUNTS; i++) {
        for (uint64_t before = 0; before <= 2 * counts[i]; before += 1 + counts[i] / 7) {
            expect_turns(counts[i], UINT32_MAX - before, 5 * counts[i], WRAP);
        }
    }
}
END_TEST

static void set_loads(size_t seed)
{
    for (size_t i = 0; i < MOST_LOOPS; i++) {
        atomic_store(&loads[i].connections, (i * 37 + seed) % 11);
    }
}

START_TEST(the_loads_do_not_matter)
{
    for (size_t seed = 0; seed < 5; seed++) {
        grader_step("the loops have very different loads");
        set_loads(seed);
        for (size_t i = 0; i < COUNTS; i++) {
            expect_turns(counts[i], seed, 2 * counts[i], LOADS);
        }
    }
}
END_TEST

START_TEST(the_loads_are_not_looked_at)
{
    /* No bytes at all: whoever reads a load fails the check. */
    const struct loop_load *none =
        (const struct loop_load *)(void *)guarded_copy(NULL, 0, GUARDED_END, LOADS);
    struct selection_state state = {.words = {0}};

    grader_step("%d loops, whose loads cannot be read: select, %d times", MOST_LOOPS, MOST_LOOPS);
    for (size_t call = 0; call < MOST_LOOPS; call++) {
        size_t chosen = power_of_two_mask.select(none, MOST_LOOPS, &state);
        grader_expect(chosen == call, TURNS, "expected loop %zu, got loop %zu", call, chosen);
    }
}
END_TEST

START_TEST(clients_of_the_real_server_meet_the_loops_in_turn)
{
    enum { CLIENTS = 9 };
    size_t threads = (size_t)_i;
    int clients[CLIENTS];

    live_server_start(&power_of_two_mask, threads);
    grader_step("the stage 3 server with %zu sub-reactors; %d clients come", threads, CLIENTS);
    for (size_t i = 0; i < CLIENTS; i++) {
        clients[i] = live_server_connect();
        size_t expected = threads > 0 ? i % threads : 0;
        grader_expect(live_server_chosen() == expected, TURNS,
                      "client %zu: expected loop %zu, got loop %zu", i + 1, expected,
                      live_server_chosen());
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        close(clients[i]);
    }
    live_server_stop();
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("counters that are made up", NULL, NULL);
    grader_add(the_policy_has_the_name_that_the_command_line_uses);
    grader_add(the_loops_take_turns);
    grader_add(the_counter_says_who_is_next);
    grader_add(the_counter_may_change_between_two_calls);
    grader_add(powers_of_two_are_told_from_others);
    grader_add(behind_two_to_the_31_the_turns_go_on);
    grader_add(the_counter_stays_within_32_bits);
    grader_add(nobody_is_left_out_at_the_wrap);
    grader_add(the_loads_do_not_matter);
    grader_add(the_loads_are_not_looked_at);
    grader_group("in the real server", NULL, live_server_end);
    grader_add_loop(clients_of_the_real_server_meet_the_loops_in_turn, 0,
                    LIVE_SERVER_MOST_LOOPS + 1);
    return grader_run(argc, argv);
}
