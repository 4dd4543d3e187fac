/* The grader of S3-cpu-times-two, part one: the affinity mask. No group has a limit here. */
#include "check_asking.h"
#include "check_default_thread_count.h"
#include "check_groups.h"
#include "check_machine.h"

#include "grader.h"
#include "pool_options.h"

#include <errno.h>

static const char TWICE[] = "two threads for each CPU (contract, 1)";
static const char ALLOWED[] =
    "the CPUs in the affinity mask count, and no others, whatever their numbers are (contract, 2)";
static const char LARGE[] =
    "a set that is too small gets EINVAL from the kernel, and then a larger "
    "one is tried; a cpu_set_t holds 1,024 CPUs (contract, 3)";
static const char NO_ANSWER[] = "if the kernel gives no answer, the mask counts as one CPU: a "
                                "server that starts small is better than none (contract, 4)";
static const char AT_MOST[] =
    "at most POOL_OPTIONS_MAX_THREADS, for with more the server refuses to start (contract, 8)";

START_TEST(it_is_twice_the_number_of_cpus)
{
    static const int cpus[] = {1, 3, 4, 7, 64};

    for (size_t i = 0; i < sizeof cpus / sizeof cpus[0]; i++) {
        machine_pretend_all((size_t)cpus[i]);
        expect_threads("/", 2 * cpus[i], TWICE);
    }
}
END_TEST

START_TEST(cpus_that_taskset_forbids_do_not_count)
{
    /* Several sets, so that no fixed number is right by chance; none of them begins at CPU 0. */
    static const size_t sets[][3] = {{3, 500, 1019}, {7, 8}, {1023}};
    static const int lengths[] = {3, 2, 1};

    for (size_t i = 0; i < 3; i++) {
        machine_pretend(1024, 4);
        for (int k = 0; k < lengths[i]; k++) {
            machine_allow(sets[i][k]);
        }
        expect_threads("/", 2 * lengths[i], ALLOWED);
    }
}
END_TEST

START_TEST(a_machine_with_more_than_1024_cpus_is_counted)
{
    static const size_t possible[] = {1025, 2048, MACHINE_MOST_CPUS};

    for (size_t i = 0; i < sizeof possible / sizeof possible[0]; i++) {
        machine_pretend(possible[i], 4);
        machine_allow(5);
        machine_allow(1000);
        machine_allow(possible[i] - 1);
        expect_threads("/", 6, LARGE);
    }
}
END_TEST

START_TEST(it_is_never_more_than_the_server_takes)
{
    static const int cpus[] = {127, 128, 129, 200, 1000};

    for (size_t i = 0; i < sizeof cpus / sizeof cpus[0]; i++) {
        machine_pretend_all((size_t)cpus[i]);
        bool few = 2 * cpus[i] < POOL_OPTIONS_MAX_THREADS;
        expect_threads("/", few ? 2 * cpus[i] : POOL_OPTIONS_MAX_THREADS, AT_MOST);
    }
}
END_TEST

START_TEST(without_an_answer_from_the_kernel_it_is_two)
{
    /* EINVAL for ever is an answer that no size of a set makes better. */
    static const int errors[] = {EPERM, ENOSYS, EINVAL};

    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        machine_pretend_all(4);
        machine_refuse(errors[i]);
        expect_threads("/", 2, NO_ANSWER);
    }
}
END_TEST

void add_mask_checks(void)
{
    grader_group("machines that are not this one", groups_begin, end_pretending);
    grader_add(it_is_twice_the_number_of_cpus);
    grader_add(cpus_that_taskset_forbids_do_not_count);
    grader_add(a_machine_with_more_than_1024_cpus_is_counted);
    grader_add(it_is_never_more_than_the_server_takes);
    grader_add(without_an_answer_from_the_kernel_it_is_two);
}
