/*
 * The grader of S3-cpu-times-two. Parts one and two, check_mask.c and check_quota.c, pretend to be
 * other machines; the checks here put real masks on this process, as taskset does, and start the
 * real server.
 */
#include "check_asking.h"
#include "check_default_thread_count.h"
#include "check_groups.h"
#include "check_machine.h"

#include "epoll_dispatcher.h"
#include "grader.h"
#include "server_extensions.h"
#include "stage3.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char ALLOWED[] = "the CPUs in the affinity mask count, and no others (contract, 2)";
static const char SERVER[] =
    "without --threads the server starts as many sub-reactors as the function says (contract, 1)";

/*
 * Lets this process run on the first `wanted` CPUs of the set, or on all if there are fewer.
 * Returns on how many.
 */
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

    /* On a machine with more than 1,024 CPUs the set is too small, and nothing is tried. */
    if (sched_getaffinity(0, sizeof all, &all) < 0) {
        return;
    }
    for (int wanted = 1; wanted <= 2; wanted++) {
        int cpus = run_on_first(&all, wanted);
        grader_step("the real kernel: this process may run on %d CPUs of this machine", cpus);
        expect_threads("/", 2 * cpus, ALLOWED);
    }
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

static int count_for_shop(void)
{
    return default_thread_count(groups_mount(), "/shop");
}

START_TEST(the_real_server_starts_that_many_sub_reactors)
{
    struct event_dispatcher counted = epoll_dispatcher;
    const struct event_dispatcher *const dispatchers[] = {&counted, NULL};
    const struct server_extensions extensions = {
        .dispatchers = dispatchers,
        .default_thread_count = count_for_shop,
    };

    counted.name = "counted";
    counted.create = create_counted;
    atomic_store(&loops_created, 0);
    machine_pretend_all(5);
    groups_set("/shop", "250000 100000\n");
    grader_step("the stage 3 server starts there, without --threads");
    int status = run_server(&extensions);
    grader_expect(status == 0, SERVER, "the server: expected exit status 0, got %d", status);
    int sub_reactors = atomic_load(&loops_created) - 1; /* one loop is the main reactor's */
    grader_expect(sub_reactors == 6, SERVER, "expected 6 sub-reactors, got %d", sub_reactors);
}
END_TEST

int main(int argc, char **argv)
{
    groups_create_folder();
    add_mask_checks();
    add_quota_checks();
    grader_group("this machine", groups_begin, end_pretending);
    grader_add(the_real_kernel_is_asked_under_taskset);
    grader_add(the_real_server_starts_that_many_sub_reactors);
    int status = grader_run(argc, argv);
    groups_remove_folder();
    return status;
}
