/* The grader of S3-cpu-times-two, part two: the quotas of control groups. */
#include "check_asking.h"
#include "check_default_thread_count.h"
#include "check_groups.h"
#include "check_machine.h"

#include "grader.h"
#include "pool_options.h"

#include <dirent.h>
#include <limits.h>
#include <string.h>

enum { CPUS = 64 };

static const char WHOLE[] = "a quota counts in CPUs: QUOTA / PERIOD, rounded up (contract, 5)";
static const char SMALLER[] = "the mask or the quota: the smaller one counts (contract, 1)";
static const char PARENTS[] =
    "of the group and all that are above it in the tree, the smallest quota counts (contract, 6)";
static const char OTHERS[] =
    "groups beside the path or below it, and what is outside of the tree, limit nobody else "
    "(contract, 6)";
static const char NO_LIMIT[] =
    "a cpu.max that is not there, cannot be read, or is not two numbers greater than zero is no "
    "limit, and the other groups count all the same (contract, 7)";
static const char AT_MOST[] = "at most POOL_OPTIONS_MAX_THREADS (contract, 8)";
static const char LONG_PATH[] = "a path may be as long as the kernel takes it (contract, 9)";
static const char NOTHING_LEFT[] = "every file that is opened is closed again (contract, 10)";
static const char ANEW[] = "each call looks anew (contract, 10)";

static void pretend_many_cpus(void)
{
    groups_begin();
    machine_pretend_all(CPUS);
}

START_TEST(a_quota_counts_in_whole_cpus)
{
    static const struct {
        const char *text;
        int cpus;
    } cases[] = {
        {"300000 100000\n", 3}, {"150000 100000\n", 2}, {"100001 100000\n", 2},
        {"100000 100000\n", 1}, {"10000 100000\n", 1},  {"1000 1000000\n", 1},
        {"50000 20000\n", 3},   {"700000 70000\n", 10}, {"2500000 1000000", 3},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        groups_set("/web", cases[i].text);
        expect_threads("/web", 2 * cases[i].cpus, WHOLE);
    }
    groups_set("/", "400000 100000\n");
    expect_threads("/", 8, WHOLE);
}
END_TEST

START_TEST(max_is_no_limit)
{
    groups_set("/web", "max 100000\n");
    expect_threads("/web", 2 * CPUS, NO_LIMIT);
}
END_TEST

START_TEST(the_mask_and_the_quota_hold_together)
{
    static const int in_mask[] = {2, 5, 3};
    static const char *const quotas[] = {"300000 100000\n", "300000 100000\n", "250000 100000\n"};
    static const int cpus[] = {2, 3, 3};

    for (size_t i = 0; i < 3; i++) {
        machine_pretend_all((size_t)in_mask[i]);
        groups_set("/web", quotas[i]);
        expect_threads("/web", 2 * cpus[i], SMALLER);
    }
    machine_pretend_all(200);
    groups_set("/web", "19900000 100000\n");
    expect_threads("/web", POOL_OPTIONS_MAX_THREADS, AT_MOST);
}
END_TEST

START_TEST(the_smallest_quota_along_the_path_counts)
{
    static const char *const groups[] = {"/", "/shop", "/shop/web", "/shop/web/green"};

    /* Each in turn is the smallest; its numbers are not, for its period is shorter. */
    for (size_t smallest = 0; smallest < 4; smallest++) {
        for (size_t i = 0; i < 4; i++) {
            groups_set(groups[i], i == smallest ? "1050000 500000\n" : "800000 100000\n");
        }
        expect_threads("/shop/web/green", 6, PARENTS);
        for (size_t i = 0; i < 4; i++) {
            groups_set(groups[i], i == smallest ? "40000 10000\n" : "500000 100000\n");
        }
        expect_threads("/shop/web/green", 8, PARENTS);
    }
}
END_TEST

START_TEST(groups_beside_the_path_limit_nothing)
{
    groups_set_outside("100000 100000\n");
    groups_set("/shop/web", "500000 100000\n");
    groups_set("/shop/web/green", "100000 100000\n");
    groups_set("/shop/web2", "100000 100000\n");
    groups_set("/shop/we", "100000 100000\n");
    groups_set("/web", "100000 100000\n");
    expect_threads("/shop/web", 10, OTHERS);
    expect_threads("/shop", 2 * CPUS, OTHERS);
    expect_threads("/", 2 * CPUS, OTHERS);
}
END_TEST

START_TEST(what_is_not_a_quota_is_no_limit)
{
    static const char *const texts[] = {
        "",
        "\n",
        "max\n",
        "100000\n",
        "-1 100000\n",
        "0 100000\n",
        "100000 0\n",
        "0 0\n",
        "100000 -1\n",
        "100000 max\n",
        "no limit\n",
        "100000 x\n",
        "-100000 -50000\n",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        groups_set("/web", texts[i]);
        expect_threads("/web", 2 * CPUS, NO_LIMIT);
        groups_set("/job", "300000 100000\n");
        groups_set("/job/one", texts[i]);
        expect_threads("/job/one", 6, NO_LIMIT);
    }
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_no_limit)
{
    groups_set_unreadable("/web");
    expect_threads("/web", 2 * CPUS, NO_LIMIT);
    groups_set("/job", "300000 100000\n");
    groups_set_unreadable("/job/one");
    expect_threads("/job/one", 6, NO_LIMIT);
    grader_step("no group has the name /job/two/three");
    expect_threads("/job/two/three", 6, NO_LIMIT);
}
END_TEST

START_TEST(large_numbers_are_read_whole)
{
    /* 4,296 CPUs. The quota is 2 to the 32 and a million: in 32 bits it would be one CPU. */
    groups_set("/web", "4295967296 1000000\n");
    expect_threads("/web", 2 * CPUS, WHOLE);
    grader_step("the largest numbers of 63 bits");
    groups_set("/web", "9223372036854775807 100000\n");
    expect_threads("/web", 2 * CPUS, WHOLE);
    groups_set("/web", "9223372036854775807 9223372036854775807\n");
    expect_threads("/web", 2, WHOLE);
    groups_set("/web", "9223372036854775807 3074457345618258602\n");
    expect_threads("/web", 8, WHOLE);
}
END_TEST

START_TEST(a_long_path_is_no_obstacle)
{
    enum { LEVELS = 12 };
    static const char name[] = "/kubepods-burstable-pod0e5b3c52_6a1e_4ab2_9d1f_7a52a3f6d1c0.slice";
    char group[LEVELS * sizeof name] = "";

    groups_set(name, "300000 100000\n");
    for (int level = 0; level < LEVELS; level++) {
        strcat(group, name);
    }
    groups_set(group, "800000 100000\n");
    expect_threads(group, 6, LONG_PATH);
    groups_set(group, "200000 100000\n");
    expect_threads(group, 4, LONG_PATH);
}
END_TEST

START_TEST(a_path_may_be_as_long_as_the_kernel_takes_it)
{
    enum { MOST_NAME = 200 };
    static const char file[] = "/cpu.max";
    char group[PATH_MAX] = "";
    size_t length = PATH_MAX - 1 - strlen(groups_mount()) - strlen(file);

    /* Names of 199 letters, and one of the rest, which is at least one letter. */
    for (size_t i = 0; i < length; i++) {
        group[i] = i % MOST_NAME == 0 && i + 1 < length ? '/' : 'g';
    }
    grader_step("the path of the group's cpu.max has %d bytes", PATH_MAX - 1);
    groups_set(group, "300000 100000\n");
    expect_threads(group, 6, LONG_PATH);
}
END_TEST

static int count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    ck_assert_msg(folder != NULL, "/proc/self/fd cannot be read");
    while (readdir(folder) != NULL) {
        count++;
    }
    closedir(folder);
    return count;
}

START_TEST(nothing_stays_open_and_nothing_is_remembered)
{
    static const char *const texts[] = {"300000 100000\n", "max 100000\n", "", "500000 100000\n"};
    static const int threads[] = {6, 2 * CPUS, 2 * CPUS, 10};

    for (size_t i = 0; i < 4; i++) {
        groups_set("/web/green", texts[i]);
        int before = count_descriptors();
        expect_threads("/web/green", threads[i], ANEW);
        int after = count_descriptors();
        grader_expect(after == before, NOTHING_LEFT,
                      "expected as many open descriptors as before, got %d more", after - before);
    }
}
END_TEST

void add_quota_checks(void)
{
    grader_group("groups with a quota", pretend_many_cpus, end_pretending);
    grader_add(a_quota_counts_in_whole_cpus);
    grader_add(max_is_no_limit);
    grader_add(the_mask_and_the_quota_hold_together);
    grader_add(the_smallest_quota_along_the_path_counts);
    grader_add(groups_beside_the_path_limit_nothing);
    grader_add(what_is_not_a_quota_is_no_limit);
    grader_add(a_file_that_cannot_be_read_is_no_limit);
    grader_add(large_numbers_are_read_whole);
    grader_add(a_long_path_is_no_obstacle);
    grader_add(a_path_may_be_as_long_as_the_kernel_takes_it);
    grader_add(nothing_stays_open_and_nothing_is_remembered);
}
