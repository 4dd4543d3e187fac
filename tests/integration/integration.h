/*
 * integration: what the test programs in this folder have in common.
 *
 * Each starts a real stage server, given by Meson as `PROGRAM stageN /path/to/server`, and talks to
 * it over loopback. Nothing waits for a time to pass: tests wait for an event, or with `await` for
 * a state that no event announces, and give up when patience ends. Random choices come from one
 * seed that is printed; REACTOR_LAB_SEED=N repeats them.
 *
 * Thread: main. Check runs each test in a process of its own, forked from this one.
 */
#ifndef INTEGRATION_H
#define INTEGRATION_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>

/* Reads the command line, prints the seed, raises the limit on descriptors. Ends the program with
 * status 2 if the command line is wrong. */
void integration_init(int argc, char **argv);

/* What Meson said: "stage1" to "stage4", the server's path, and further words by position. */
const char *integration_stage(void);
const char *integration_server(void);
const char *integration_argument(int position);

/* A suite that is named after the stage and `topic`. */
Suite *integration_suite(const char *topic);

/* Adds one test, run for i from 0 to count - 1, with the fixture that cleans up after servers. */
void integration_add(Suite *suite, const TTest *test, int count);

/* The same for one i alone. */
void integration_add_one(Suite *suite, const TTest *test, int i);

/* Runs and frees the suite, and shows what the servers of failed tests wrote to standard error. */
int integration_run(Suite *suite);

/* How long one wait may last, in ms. Ten times what a slow machine needs: it bounds, no more. */
int patience_ms(void);

/* Whether tests and servers are built with a sanitizer: then memory sizes mean nothing. */
bool built_with_sanitizer(void);

/* The seed of this run, different for each `purpose`. */
uint64_t seed_for(uint64_t purpose);

/* The next number of the sequence (splitmix64). */
uint64_t random_next(uint64_t *state);

/* CLOCK_MONOTONIC in ms. */
int64_t now_ms(void);

/* A moment's pause inside await; fails the test, saying what was awaited, when `deadline` is over.
 */
void await_step(int64_t deadline, const char *what);

/* Waits until the condition holds. For states that can only be looked at, as those in /proc. */
#define await(condition, what)                                                                     \
    do {                                                                                           \
        int64_t await_deadline = now_ms() + patience_ms();                                         \
        while (!(condition)) {                                                                     \
            await_step(await_deadline, what);                                                      \
        }                                                                                          \
    } while (0)

#endif
