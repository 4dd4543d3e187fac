#include "grader.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* An answer that spins is ended after so much CPU time, not time of day, that no check comes near
 * it; under a sanitizer the build allows more. */
#ifndef GRADER_CPU_SECONDS
#define GRADER_CPU_SECONDS 10
#endif

enum { MOST_CHECKS = 64, MOST_TEXT = 2048 };

struct group {
    const char *name;
    void (*set_up)(void);
    void (*tear_down)(void);
};

static struct {
    const TTest *test;
    struct group group;
    int from;
    int below;
} checks[MOST_CHECKS];

static size_t check_count;
static struct group current = {.name = "checks"};

/* How many runs of checks have begun, reached their end, and failed; the check's processes count,
 * this one reads. */
struct tally {
    atomic_int begun;
    atomic_int finished;
    atomic_int failed;
};
static struct tally *tally;
static pid_t checked; /* the check's process; a copy of it that the answer makes is another */

void grader_note_step(const char *format, ...)
{
    char text[MOST_TEXT];
    va_list values;

    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    /* One write, so that nothing comes between; it must be out even if the answer crashes next. */
    dprintf(STDERR_FILENO, "step: %s\n", text);
}

void grader_fail(const char *file, int line, const char *rule, const char *format, ...)
{
    char text[MOST_TEXT];
    va_list values;

    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    if (tally != NULL) {
        atomic_fetch_add(&tally->failed, 1);
    }
    _ck_assert_failed(file, line, "Failed", "%s\nwhy: %s", text, rule);
}

void grader_group(const char *name, void (*set_up)(void), void (*tear_down)(void))
{
    current = (struct group){name, set_up, tear_down};
}

void grader_add_loop(const TTest *check, int from, int below)
{
    if (check_count == MOST_CHECKS) {
        fprintf(stderr, "grader: more than %d checks\n", MOST_CHECKS);
        abort();
    }
    checks[check_count].test = check;
    checks[check_count].group = current;
    checks[check_count].from = from;
    checks[check_count].below = below;
    check_count++;
}

static void begin(void)
{
    struct rlimit cpu = {GRADER_CPU_SECONDS, GRADER_CPU_SECONDS + 2};

    setrlimit(RLIMIT_CPU, &cpu);
    /* ./lab asks a debugger where a check hangs; some kernels let only a parent do that. */
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
    checked = getpid();
    atomic_fetch_add(&tally->begun, 1);
    fflush(stdout);
    dup2(STDERR_FILENO, STDOUT_FILENO);
}

static void finish(void)
{
    fflush(stdout);
    if (getpid() == checked) {
        atomic_fetch_add(&tally->finished, 1);
    }
}

/* Returns how many checks are to run: all, or those of this name. */
static size_t add_to(Suite *suite, const char *name)
{
    size_t added = 0;

    for (size_t i = 0; i < check_count; i++) {
        if (name != NULL && strcmp(name, checks[i].test->name) != 0) {
            continue;
        }
        TCase *group = tcase_create(checks[i].group.name);
        tcase_set_timeout(group, 0);
        /* Check tears down in reverse order: finish comes last. */
        tcase_add_checked_fixture(group, begin, finish);
        tcase_add_checked_fixture(group, checks[i].group.set_up, checks[i].group.tear_down);
        tcase_add_loop_test(group, checks[i].test, checks[i].from, checks[i].below);
        suite_add_tcase(suite, group);
        added++;
    }
    return added;
}

static void print_results(SRunner *runner)
{
    static const char *const words[] = {[CK_PASS] = "pass", [CK_FAILURE] = "fail"};
    TestResult **results = srunner_results(runner);

    for (int i = 0; i < srunner_ntests_run(runner); i++) {
        enum test_result kind = (enum test_result)tr_rtype(results[i]);
        const char *word = kind == CK_ERROR ? "crash" : words[kind];
        printf("%s %s:%d: %s\n", word, tr_lfile(results[i]), tr_lno(results[i]),
               kind == CK_PASS ? "" : tr_msg(results[i]));
    }
    free(results);
}

/* To Check a process that ends with status 0 has passed, whoever ended it, and whatever became of a
 * copy of it that the answer made. */
static bool nobody_left(void)
{
    if (atomic_load(&tally->begun) == atomic_load(&tally->finished) &&
        atomic_load(&tally->failed) == 0) {
        return true;
    }
    printf("fail %s:%d: the answer ended the process in the middle of the check\n"
           "why: a function returns to its caller, once, and in the process that called it\n",
           __FILE__, __LINE__);
    return false;
}

static int run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_SILENT);
    print_results(runner);
    bool good = srunner_ntests_failed(runner) == 0;
    srunner_free(runner);
    return good && nobody_left() ? EXIT_SUCCESS : EXIT_FAILURE;
}

int grader_run(int argc, char **argv)
{
    /* What is said is out before a function that the answer runs at exit can drop it. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        for (size_t i = 0; i < check_count; i++) {
            puts(checks[i].test->name);
        }
        return EXIT_SUCCESS;
    }
    tally = mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (tally == MAP_FAILED) {
        perror("grader: mmap");
        return EXIT_FAILURE;
    }
    Suite *suite = suite_create("exercise");
    if (argc > 2 || add_to(suite, argc == 2 ? argv[1] : NULL) == 0) {
        fprintf(stderr, "usage: %s [--list | CHECK]\n", argv[0]);
        return 2;
    }
    return run(suite);
}
