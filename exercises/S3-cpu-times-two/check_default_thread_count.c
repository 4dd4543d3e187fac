/*
 * The grader of S3-cpu-times-two.
 *
 * It stands between the answer and the kernel: sched_getaffinity and pthread_getaffinity_np are
 * defined here, so that the answer sees machines that are not this one. Two checks leave the
 * pretending: one puts real masks on this process, as taskset does, one starts the real server.
 */
#include "grader.h"
#include "epoll_dispatcher.h"
#include "pool_options.h"
#include "stage3.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int default_thread_count(void);

/* The largest machine that Linux is commonly built for. */
enum { MOST_CPUS = 8192 };

static struct {
    bool pretended;  /* false: the real kernel answers */
    size_t possible; /* CPUs that the kernel has a bit for, whether they are there or not */
    cpu_set_t allowed[MOST_CPUS / CPU_SETSIZE];
    int error; /* 0, or the errno of every call */
} machine;

/* As the kernel and glibc do it. Returns 0 or an errno. */
static int answer(size_t size, cpu_set_t *set)
{
    if (machine.error != 0) {
        return machine.error;
    }
    if (size * 8 < machine.possible || size % sizeof(long) != 0) {
        return EINVAL;
    }
    memset(set, 0, size);
    memcpy(set, machine.allowed, size < sizeof machine.allowed ? size : sizeof machine.allowed);
    return 0;
}

int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
    if (!machine.pretended) {
        long written = syscall(SYS_sched_getaffinity, pid, size, set);
        if (written >= 0) {
            memset((char *)set + written, 0, size - (size_t)written);
        }
        return written < 0 ? -1 : 0;
    }
    errno = answer(size, set);
    return errno == 0 ? 0 : -1;
}

int pthread_getaffinity_np(pthread_t thread, size_t size, cpu_set_t *set)
{
    (void)thread;
    if (!machine.pretended) {
        return sched_getaffinity(0, size, set) < 0 ? errno : 0;
    }
    return answer(size, set);
}

/* From now on a machine of `possible` CPUs, none of which this process may use yet. */
static void pretend(size_t possible)
{
    memset(&machine, 0, sizeof machine);
    machine.possible = possible;
    machine.pretended = true;
}

static void allow(size_t cpu)
{
    CPU_SET_S(cpu, sizeof machine.allowed, machine.allowed);
}

/* A machine of so many CPUs, all allowed. */
static void pretend_all(size_t cpus)
{
    pretend(cpus);
    for (size_t cpu = 0; cpu < cpus; cpu++) {
        allow(cpu);
    }
}

static void restore(void)
{
    machine.pretended = false;
}

START_TEST(it_is_twice_the_number_of_cpus)
{
    static const int cpus[] = {3, 4, 7, 64};

    for (size_t i = 0; i < sizeof cpus / sizeof cpus[0]; i++) {
        pretend_all((size_t)cpus[i]);
        int count = default_thread_count();
        ck_assert_msg(count == 2 * cpus[i],
                      "a machine with %d CPUs, all allowed: expected %d threads, got %d. "
                      "Invariant: two threads for each CPU.",
                      cpus[i], 2 * cpus[i], count);
    }
}
END_TEST

START_TEST(one_cpu_gives_two_threads)
{
    pretend_all(1);
    int count = default_thread_count();
    ck_assert_msg(count == 2,
                  "a machine with 1 CPU: expected 2 threads, got %d. "
                  "Invariant: two threads for each CPU, and never fewer than two.",
                  count);
}
END_TEST

START_TEST(cpus_that_taskset_forbids_do_not_count)
{
    /* Several sets, so that no fixed number can be right by chance; none of them begins at CPU 0.
     */
    static const size_t sets[][3] = {{3, 500, 1019}, {7, 8}, {1023}};
    static const int lengths[] = {3, 2, 1};

    for (int i = 0; i < 3; i++) {
        pretend(1024);
        for (int k = 0; k < lengths[i]; k++) {
            allow(sets[i][k]);
        }
        int count = default_thread_count();
        ck_assert_msg(
            count == 2 * lengths[i],
            "a machine with 1024 CPUs, %d of them allowed, the first is CPU %zu: expected "
            "%d threads, got %d. Invariant: only the CPUs in the affinity mask count, "
            "whatever their numbers.",
            lengths[i], sets[i][0], 2 * lengths[i], count);
    }
}
END_TEST

START_TEST(a_machine_with_more_than_1024_cpus_is_counted)
{
    static const size_t possible[] = {2048, MOST_CPUS};

    for (size_t i = 0; i < 2; i++) {
        pretend(possible[i]);
        allow(5);
        allow(1500);
        allow(possible[i] - 1);
        int count = default_thread_count();
        ck_assert_msg(
            count == 6,
            "a kernel that has %zu CPUs, 3 of them allowed: expected 6 threads, got %d. "
            "Invariant: a set that is too small gets EINVAL from the kernel; then a larger "
            "one is tried (a cpu_set_t holds 1024).",
            possible[i], count);
    }
}
END_TEST

START_TEST(it_is_never_more_than_the_server_takes)
{
    static const int cpus[] = {127, 128, 129, 200, 1000};

    for (size_t i = 0; i < sizeof cpus / sizeof cpus[0]; i++) {
        pretend_all((size_t)cpus[i]);
        int count = default_thread_count();
        int expected =
            2 * cpus[i] < POOL_OPTIONS_MAX_THREADS ? 2 * cpus[i] : POOL_OPTIONS_MAX_THREADS;
        ck_assert_msg(count == expected,
                      "a machine with %d CPUs: expected %d threads, got %d. Invariant: at most %d "
                      "(POOL_OPTIONS_MAX_THREADS), for with more the server refuses to start.",
                      cpus[i], expected, count, POOL_OPTIONS_MAX_THREADS);
    }
}
END_TEST

START_TEST(without_an_answer_from_the_kernel_it_is_two)
{
    static const int errors[] = {EPERM, ENOSYS};

    for (size_t i = 0; i < 2; i++) {
        pretend_all(4);
        machine.error = errors[i];
        int count = default_thread_count();
        ck_assert_msg(
            count == 2,
            "sched_getaffinity fails with '%s': expected 2 threads, got %d. "
            "Invariant: what cannot be counted counts as one CPU; the server still starts.",
            strerror(errors[i]), count);
    }
}
END_TEST

/* Lets this process run on the first `wanted` CPUs of the set, or on all if there are fewer.
 * Returns on how many. */
static int run_on_first(const cpu_set_t *from, int wanted)
{
    cpu_set_t mask;
    int taken = 0;

    CPU_ZERO(&mask);
    for (size_t cpu = 0; cpu < CPU_SETSIZE && taken < wanted; cpu++) {
        if (CPU_ISSET(cpu, from)) {
            CPU_SET(cpu, &mask);
            taken++;
        }
    }
    ck_assert_msg(sched_setaffinity(0, sizeof mask, &mask) == 0, "sched_setaffinity: %s",
                  strerror(errno));
    return taken;
}

START_TEST(the_real_kernel_is_asked_under_taskset)
{
    cpu_set_t all;

    if (sched_getaffinity(0, sizeof all, &all) < 0) {
        fprintf(stderr, "a machine with more than 1024 CPUs: nothing tried on it\n");
        return;
    }
    if (CPU_COUNT(&all) == 1) {
        fprintf(stderr, "only one CPU here: nothing tried with two\n");
    }
    for (int wanted = 1; wanted <= 2; wanted++) {
        int cpus = run_on_first(&all, wanted);
        int count = default_thread_count();
        ck_assert_msg(count == 2 * cpus,
                      "this process may run on %d of this machine's CPUs: expected %d threads, got "
                      "%d. Invariant: only the CPUs in the affinity mask count.",
                      cpus, 2 * cpus, count);
    }
    sched_setaffinity(0, sizeof all, &all);
}
END_TEST

static atomic_int loops_created;

static int create_counted(void **ret_state)
{
    atomic_fetch_add(&loops_created, 1);
    return epoll_dispatcher.create(ret_state);
}

/* Runs the real server; it finds SIGTERM waiting and ends as soon as it is up. */
static int run_server(const struct server_extensions *extensions)
{
    char *argv[] = {"stage3-thread-pool", "--port=0", "--dispatcher=counted", "--log-level=error",
                    NULL};
    sigset_t term;
    sigset_t before;

    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &term, &before);
    kill(getpid(), SIGTERM);
    int status = stage3_main(4, argv, extensions);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

START_TEST(the_real_server_starts_that_many_sub_reactors)
{
    struct event_dispatcher counted = epoll_dispatcher;
    const struct event_dispatcher *const dispatchers[] = {&counted, NULL};
    const struct server_extensions extensions = {
        .dispatchers = dispatchers,
        .default_thread_count = default_thread_count,
    };

    counted.name = "counted";
    counted.create = create_counted;
    atomic_store(&loops_created, 0);
    pretend_all(3);
    int status = run_server(&extensions);
    ck_assert_msg(status == 0, "the stage 3 server: expected exit status 0, got %d", status);
    int sub_reactors = atomic_load(&loops_created) - 1; /* one loop is the main reactor's */
    ck_assert_msg(sub_reactors == 6,
                  "the stage 3 server on a machine with 3 CPUs: expected 6 sub-reactors, got %d. "
                  "Invariant: without --threads, default_thread_count says how many.",
                  sub_reactors);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("machines that are not this one", NULL, restore);
    grader_add(it_is_twice_the_number_of_cpus);
    grader_add(one_cpu_gives_two_threads);
    grader_add(cpus_that_taskset_forbids_do_not_count);
    grader_add(a_machine_with_more_than_1024_cpus_is_counted);
    grader_add(it_is_never_more_than_the_server_takes);
    grader_add(without_an_answer_from_the_kernel_it_is_two);
    grader_group("this machine", NULL, restore);
    grader_add(the_real_kernel_is_asked_under_taskset);
    grader_add(the_real_server_starts_that_many_sub_reactors);
    return grader_run(argc, argv);
}
