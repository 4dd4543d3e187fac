/*
 * Between the program and the kernel: a registration does not return before the loop's thread has
 * done all that it can do with it. That is a legal, and the worst, turn of events. The thread
 * sanitizer notices the mistake in any order, so there nobody waits.
 */
#include "check_turns.h"
#include "grader.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

pthread_t accepting;
bool hold;
atomic_int all_calls;
atomic_int turns;

/* gcc says it with a macro, clang with a function. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1
#endif
#endif

#ifndef __SANITIZE_THREAD__

static const int64_t MOST_CPU_NS = 100 * 1000 * 1000;

static bool is_asleep(const char *thread)
{
    char path[300];
    char line[512];
    char state = 'S'; /* a thread that has just ended */

    snprintf(path, sizeof path, "/proc/self/task/%s/stat", thread);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return true;
    }
    if (fgets(line, sizeof line, file) != NULL && strrchr(line, ')') != NULL) {
        state = strrchr(line, ')')[2];
    }
    fclose(file);
    return state == 'S';
}

/* Whether all threads but this one sleep: in epoll_wait, or for a lock that this one holds. */
bool others_are_asleep(void)
{
    bool asleep = true;
    DIR *tasks = opendir("/proc/self/task");

    ck_assert_msg(tasks != NULL, "/proc/self/task cannot be read");
    for (struct dirent *task = readdir(tasks); task != NULL; task = readdir(tasks)) {
        if (task->d_name[0] != '.' && atoi(task->d_name) != getpid()) {
            asleep = asleep && is_asleep(task->d_name);
        }
    }
    closedir(tasks);
    return asleep;
}

static int64_t cpu_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 * 1000 * 1000 + now.tv_nsec;
}

/* What the other threads have used of the CPU: a loop may also turn while it waits for a lock. */
static int64_t others_cpu_ns(void)
{
    return cpu_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_ns(CLOCK_THREAD_CPUTIME_ID);
}

int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
    int calls = atomic_load(&all_calls);
    int result = (int)syscall(SYS_epoll_ctl, epoll, operation, fd, event);
    int error = errno;

    if (hold && result == 0 && pthread_equal(pthread_self(), accepting)) {
        int64_t before = others_cpu_ns();
        while (atomic_load(&all_calls) == calls && !others_are_asleep() &&
               others_cpu_ns() - before < MOST_CPU_NS) {
            sched_yield();
        }
    }
    errno = error;
    return result;
}

int epoll_wait(int epoll, struct epoll_event *events, int most, int timeout_ms)
{
    atomic_fetch_add(&turns, 1);
    return (int)syscall(SYS_epoll_pwait, epoll, events, most, timeout_ms, NULL, 0);
}

/* Who sleeps to let another thread go first has gained nothing if that one is slower still. */
int usleep(useconds_t microseconds)
{
    (void)microseconds;
    return 0;
}

int nanosleep(const struct timespec *time, struct timespec *left)
{
    (void)time;
    (void)left;
    return 0;
}

#else

/* The sanitizer knows that EPOLL_CTL_ADD comes before what epoll_wait reports, but not that
 * EPOLL_CTL_MOD does. So the grader says both. */
void __tsan_acquire(void *address);
void __tsan_release(void *address);
static char registered;

bool others_are_asleep(void)
{
    return false;
}

int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
    __tsan_release(&registered);
    return (int)syscall(SYS_epoll_ctl, epoll, operation, fd, event);
}

int epoll_wait(int epoll, struct epoll_event *events, int most, int timeout_ms)
{
    int count = (int)syscall(SYS_epoll_pwait, epoll, events, most, timeout_ms, NULL, 0);

    __tsan_acquire(&registered);
    return count;
}

#endif
