#include "integration.h"

#include "server_process.h"
#include "suite_runner.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

enum {
    DESCRIPTORS_WANTED = 4096,
    PATIENCE_MS = 10000,
    CASE_TIMEOUT_S = 40,
    SANITIZER_FACTOR = 5,
    AWAIT_STEP_MS = 2,
};

static struct {
    int argc;
    char **argv;
    uint64_t seed;
} program;

static void choose_seed(void)
{
    const char *wanted = getenv("REACTOR_LAB_SEED");

    program.seed = wanted != NULL ? strtoull(wanted, NULL, 10) : (uint64_t)time(NULL);
    printf("seed %" PRIu64 " (REACTOR_LAB_SEED=%" PRIu64 " repeats it)\n", program.seed,
           program.seed);
    fflush(stdout);
}

/* A thousand clients need more descriptors than the usual soft limit of 1024 leaves. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < DESCRIPTORS_WANTED) {
        limit.rlim_cur = limit.rlim_max < DESCRIPTORS_WANTED ? limit.rlim_max : DESCRIPTORS_WANTED;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

void integration_init(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: %s stageN SERVER [ARGUMENTS]\n", argv[0]);
        exit(2);
    }
    program.argc = argc;
    program.argv = argv;
    choose_seed();
    raise_descriptor_limit();
    server_log_create();
}

const char *integration_stage(void)
{
    return program.argv[1];
}

const char *integration_server(void)
{
    return program.argv[2];
}

const char *integration_argument(int position)
{
    return position < program.argc ? program.argv[position] : NULL;
}

Suite *integration_suite(const char *topic)
{
    /* Static, because Check keeps the pointer; a program has one suite. */
    static char name[128];

    snprintf(name, sizeof name, "%s %s", integration_stage(), topic);
    return suite_create(name);
}

static void add_range(Suite *suite, const TTest *test, int first, int end)
{
    TCase *tcase = tcase_create(test->name);

    tcase_set_timeout(tcase, CASE_TIMEOUT_S * (built_with_sanitizer() ? SANITIZER_FACTOR : 1));
    tcase_add_checked_fixture(tcase, server_log_mark, server_processes_end);
    tcase_add_loop_test(tcase, test, first, end);
    suite_add_tcase(suite, tcase);
}

void integration_add(Suite *suite, const TTest *test, int count)
{
    add_range(suite, test, 0, count);
}

void integration_add_one(Suite *suite, const TTest *test, int i)
{
    add_range(suite, test, i, i + 1);
}

int integration_run(Suite *suite)
{
    int status = run_suite(suite);

    server_log_show();
    return status;
}

int patience_ms(void)
{
    return PATIENCE_MS * (built_with_sanitizer() ? SANITIZER_FACTOR : 1);
}

bool built_with_sanitizer(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    return true;
#else
    return false;
#endif
}

uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15U;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

uint64_t seed_for(uint64_t purpose)
{
    uint64_t state = program.seed * 1000003U + purpose;

    return random_next(&state);
}

int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void await_step(int64_t deadline, const char *what)
{
    ck_assert_msg(now_ms() < deadline, "waited %d ms in vain: %s", patience_ms(), what);
    poll(NULL, 0, AWAIT_STEP_MS);
}
