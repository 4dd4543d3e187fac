#include "check_seeds.h"

#include "grader.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char OWN_GENERATOR[] =
    "the random numbers come from the words of the state: with the same words and the same loads "
    "the same loop is chosen (contract, 4)";
static const char SEED[] = "each new pool gets a seed of its own (contract, 5)";

/* What the answer finds its process to be: in a container each server is number 1. */
static bool in_a_container;

pid_t getpid(void)
{
    return in_a_container ? 1 : (pid_t)syscall(SYS_getpid);
}

enum { SEQUENCE = 64, SEQUENCE_LOOPS = 16, LONG_SEQUENCE = 5000 };

static void record(size_t *ret_chosen, size_t calls)
{
    for (size_t call = 0; call < calls; call++) {
        ret_chosen[call] = choose(SEQUENCE_LOOPS);
    }
}

START_TEST(the_generator_is_in_the_state)
{
    static const struct selection_state zero;
    static size_t chosen[2][LONG_SEQUENCE];

    begin_pool();
    grader_step("a new pool of %d loops: select, once", SEQUENCE_LOOPS);
    choose(SEQUENCE_LOOPS);
    grader_expect(memcmp(&state, &zero, sizeof state) != 0, OWN_GENERATOR,
                  "expected the generator in the words of the state; they are all zero");
    struct selection_state copy = state;
    grader_step("select, %d times; then the same again from a copy of the state", LONG_SEQUENCE);
    record(chosen[0], LONG_SEQUENCE);
    state = copy;
    record(chosen[1], LONG_SEQUENCE);
    for (int call = 0; call < LONG_SEQUENCE; call++) {
        grader_expect(chosen[1][call] == chosen[0][call], OWN_GENERATOR,
                      "call %d: expected loop %zu as before, got loop %zu", call + 1,
                      chosen[0][call], chosen[1][call]);
    }
}
END_TEST

START_TEST(each_pool_has_a_seed_of_its_own)
{
    enum { POOLS = 3 };
    size_t chosen[POOLS][SEQUENCE];

    for (size_t pool = 0; pool < POOLS; pool++) {
        grader_step("a new pool of %d loops, in the memory of the one before: select, %d times",
                    SEQUENCE_LOOPS, SEQUENCE);
        begin_pool();
        record(chosen[pool], SEQUENCE);
        for (size_t other = 0; other < pool; other++) {
            grader_expect(memcmp(chosen[other], chosen[pool], sizeof chosen[pool]) != 0, SEED,
                          "expected other choices than in pool %zu, got the same %d, which begin "
                          "with loops %zu %zu %zu %zu",
                          other + 1, SEQUENCE, chosen[pool][0], chosen[pool][1], chosen[pool][2],
                          chosen[pool][3]);
        }
    }
}
END_TEST

START_TEST(there_are_many_seeds)
{
    /* With seeds of 32 bits three pairs that are equal come once in 1e15; with 8 bits 170. */
    enum { POOLS = 300, MOST_EQUAL = 2 };
    static size_t chosen[POOLS][SEQUENCE];
    int equal = 0;

    grader_step("%d new pools of %d loops: select, %d times each", POOLS, SEQUENCE_LOOPS, SEQUENCE);
    for (size_t pool = 0; pool < POOLS; pool++) {
        begin_pool();
        record(chosen[pool], SEQUENCE);
        for (size_t other = 0; other < pool; other++) {
            equal += memcmp(chosen[other], chosen[pool], sizeof chosen[pool]) == 0;
        }
    }
    grader_expect(equal <= MOST_EQUAL, SEED,
                  "expected %d pools that all choose differently; in %d cases two of them choose "
                  "alike",
                  POOLS, equal);
}
END_TEST

/* In a process of its own, which begins like its sisters. */
static void record_elsewhere(size_t *ret_chosen)
{
    const size_t size = SEQUENCE * sizeof *ret_chosen;
    int ends[2];

    ck_assert_msg(pipe(ends) == 0, "no pipe");
    pid_t child = fork();
    ck_assert_msg(child >= 0, "no process");
    if (child == 0) {
        in_a_container = true;
        begin_pool();
        record(ret_chosen, SEQUENCE);
        _exit(write(ends[1], ret_chosen, size) == (ssize_t)size ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    close(ends[1]);
    ssize_t got = read(ends[0], ret_chosen, size);
    close(ends[0]);
    waitpid(child, NULL, 0);
    ck_assert_msg(got == (ssize_t)size, "a process without an answer");
}

START_TEST(each_process_has_seeds_of_its_own)
{
    size_t chosen[2][SEQUENCE];

    grader_step("two processes, each number 1 of its container, have a new pool of %d loops: "
                "select, %d times",
                SEQUENCE_LOOPS, SEQUENCE);
    record_elsewhere(chosen[0]);
    record_elsewhere(chosen[1]);
    grader_expect(memcmp(chosen[0], chosen[1], sizeof chosen[0]) != 0, SEED,
                  "expected other choices in the second process, got the same %d, which begin with "
                  "loops %zu %zu %zu %zu",
                  SEQUENCE, chosen[0][0], chosen[0][1], chosen[0][2], chosen[0][3]);
}
END_TEST

void add_seed_checks(void)
{
    grader_add(the_generator_is_in_the_state);
    grader_add(each_pool_has_a_seed_of_its_own);
    grader_add(there_are_many_seeds);
    grader_add(each_process_has_seeds_of_its_own);
}
