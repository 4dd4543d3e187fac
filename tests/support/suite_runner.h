/*
 * suite_runner: what every test program's main does.
 *
 * Each test runs in a process of its own (CK_FORK), so that a crash or a leak is that test's alone.
 * The last line on standard output, "100%: Checks: 12, Failures: 0, Errors: 0", is what `./lab
 * test` adds up.
 */
#ifndef SUITE_RUNNER_H
#define SUITE_RUNNER_H

#include <check.h>

/* Runs the suite, frees it and returns main's exit status: 0 if every test passed, else 1. */
int run_suite(Suite *suite);

/*
 * A checked fixture for tests that end in a failed assertion: what assert prints of it would look,
 * below the report, like the cause of some other test's failure.
 */
void silence_assertions(void);

#endif
