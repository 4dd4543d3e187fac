/*
 * grader: what every check_*.c of the exercises is written with. It adds three things to Check.
 *
 * Steps: a failed check shows what was done up to the failure, also if the answer crashed.
 * Rules: an expectation names the rule of the README's contract that it stands for.
 * Nobody leaves early: an answer that ends the process in the middle of a check has not passed it.
 *
 *     static const char TIES[] = "loops with equal loads take turns (contract, 2)";
 *
 *     START_TEST(ties_are_rotated)
 *     {
 *         grader_step("four loops with loads 3 1 1 3");
 *         size_t chosen = ...
 *         grader_expect(chosen == 1, TIES, "expected loop 1, got loop %zu", chosen);
 *     }
 *     END_TEST
 *
 *     int main(int argc, char **argv)
 *     {
 *         grader_group("made-up loads", NULL, NULL);
 *         grader_add(ties_are_rotated);
 *         return grader_run(argc, argv);
 *     }
 *
 * The program runs all checks in the order of grader_add, or only the one that its argument names;
 * --list prints their names. Each runs in a child process of its own (not with CK_FORK=no, for a
 * debugger), whose standard output is turned to standard error: what an answer prints is no result.
 * There is no time limit: ./lab notices a check that is stuck or spins.
 */
#ifndef GRADER_H
#define GRADER_H

#include <check.h>

/* Notes a step, for the learner to read; a crash is reported as after the last. Thread: any. */
#define grader_step(...)                                                                           \
    do {                                                                                           \
        mark_point();                                                                              \
        grader_note_step(__VA_ARGS__);                                                             \
    } while (0)

void grader_note_step(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Fails the check unless the condition holds. `rule` is a sentence: what has to hold, and where the
 * contract says so. The rest is a format with its values: what was expected, and what came. Thread:
 * the check's. It costs nothing where the condition holds, so each byte of a megabyte may have one.
 */
#define grader_expect(condition, rule, ...)                                                        \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            grader_fail(__FILE__, __LINE__, rule, __VA_ARGS__);                                    \
        }                                                                                          \
    } while (0)

void grader_fail(const char *file, int line, const char *rule, const char *format, ...)
    __attribute__((format(printf, 4, 5), noreturn));

/* Begins a group of checks: both functions (may be NULL) run around each, in its process. */
void grader_group(const char *name, void (*set_up)(void), void (*tear_down)(void));

/* Adds a check to the group, or one that runs for _i = from to below - 1. */
#define grader_add(check) grader_add_loop(check, 0, 1)
void grader_add_loop(const TTest *check, int from, int below);

/* Returns the exit status for main: 0 if all passed, 1 if not, 2 for a name that is not known. */
int grader_run(int argc, char **argv);

#endif
