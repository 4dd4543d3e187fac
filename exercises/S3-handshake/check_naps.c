/*
 * What a thread calls that looks again and again instead of waiting, and whether it does so.
 */
#include "check_threads.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { LOOKS = 10, SPIN_TICKS = 20 };

static void note_nap(void)
{
    atomic_fetch_add(&seen.naps, 1);
}

int sched_yield(void)
{
    note_nap();
    return (int)syscall(SYS_sched_yield);
}

int nanosleep(const struct timespec *time, struct timespec *ret_left)
{
    note_nap();
    return (int)syscall(SYS_nanosleep, time, ret_left);
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
                    struct timespec *ret_left)
{
    note_nap();
    return syscall(SYS_clock_nanosleep, clock, flags, time, ret_left) < 0 ? errno : 0;
}

int usleep(useconds_t us)
{
    struct timespec time = {us / 1000000, (long)(us % 1000000) * 1000};

    return nanosleep(&time, NULL);
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    if (timeout_ms >= 0) {
        note_nap();
    }
    /* Not every machine has SYS_poll. */
    struct timespec time = {timeout_ms / 1000, (long)(timeout_ms % 1000) * 1000000};
    return (int)syscall(SYS_ppoll, fds, count, timeout_ms >= 0 ? &time : NULL, NULL, (size_t)0);
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                           const struct timespec *time)
{
    (void)condition;
    (void)time;
    note_nap();
    pthread_mutex_unlock(mutex);
    syscall(SYS_sched_yield);
    pthread_mutex_lock(mutex);
    return ETIMEDOUT;
}

/* Reads state and CPU time (in ticks) of a thread. Returns false if it is gone. */
static bool look_at(pid_t thread, char *ret_state, unsigned long *ret_ticks)
{
    char path[64];
    char text[512] = "";
    unsigned long user = 0;
    unsigned long system = 0;

    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)thread);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    const char *rest = strrchr(text, ')');
    if (rest == NULL || sscanf(rest, ") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                               ret_state, &user, &system) != 3) {
        return false;
    }
    *ret_ticks = user + system;
    return true;
}

static enum rest wait_until(pid_t thread, bool starter)
{
    unsigned long at_first = 0;
    unsigned long ticks;
    char state;
    int sleeping = 0;

    for (bool first = true; !starter || !atomic_load(&seen.returned); first = false) {
        if (!look_at(thread, &state, &ticks) || state == 'Z' || state == 'X') {
            return GONE;
        }
        at_first = first ? ticks : at_first;
        if (ticks - at_first > SPIN_TICKS) {
            return SPINS;
        }
        sleeping = state == 'S' ? sleeping + 1 : 0;
        if (sleeping == LOOKS) {
            return SLEEPS;
        }
        syscall(SYS_sched_yield);
    }
    return GONE;
}

enum rest wait_until_it_rests(pid_t thread)
{
    return wait_until(thread, false);
}

enum rest wait_until_starter_rests(void)
{
    return wait_until(getpid(), true);
}
