#include "footprint.h"

#include "sockets.h"

#include <check.h>
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_S = 10 };

static size_t count_threads(void)
{
    DIR *directory = opendir("/proc/self/task");
    size_t count = 0;

    ck_assert_ptr_nonnull(directory);
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        count += entry->d_name[0] != '.';
    }
    closedir(directory);
    return count;
}

struct call {
    void (*run)(void *argument);
    void *argument;
    pid_t thread;
};

static void *run_call(void *opaque)
{
    struct call *call = opaque;

    call->thread = gettid();
    call->run(call->argument);
    return NULL;
}

static bool thread_exists(pid_t thread)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/self/task/%d", thread);
    return access(path, F_OK) == 0;
}

void on_another_thread(void (*run)(void *argument), void *argument)
{
    struct call call = {.run = run, .argument = argument};
    pthread_t thread;

    ck_assert_int_eq(pthread_create(&thread, NULL, run_call, &call), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    await(!thread_exists(call.thread), "a joined thread is gone");
}

static void do_nothing(void *argument)
{
    (void)argument;
}

static struct footprint count_all(void)
{
    return (struct footprint){
        .descriptors = (size_t)open_descriptors(),
        .threads = count_threads(),
    };
}

struct footprint footprint_take(void)
{
    /* The thread sanitizer starts threads of its own beside the first one. Let that be now. */
    on_another_thread(do_nothing, NULL);
    return count_all();
}

void await_thread_count(size_t count)
{
    await(count_threads() <= count, "the threads are gone");
}

void footprint_expect(struct footprint before)
{
    await_thread_count(before.threads);
    struct footprint now = count_all();
    ck_assert_msg(now.descriptors == before.descriptors, "expected %zu open descriptors, found %zu",
                  before.descriptors, now.descriptors);
    ck_assert_msg(now.threads == before.threads, "expected %zu threads, found %zu", before.threads,
                  now.threads);
}

static int64_t now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

int64_t await_start(void)
{
    return now_s() + PATIENCE_S;
}

void await_step(int64_t deadline, const char *what)
{
    ck_assert_msg(now_s() < deadline, "waited %d s in vain until %s", PATIENCE_S, what);
    sched_yield();
}
