#include "check_inbox.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The sanitizers have functions of their own, which must see what is locked. */
int __interceptor_pthread_mutex_lock(pthread_mutex_t *mutex) __attribute__((weak));
int __interceptor_pthread_mutex_unlock(pthread_mutex_t *mutex) __attribute__((weak));

typedef int mutex_call(pthread_mutex_t *mutex);

struct scripted scripted;

/* Of each thread: only the check's own has moments. */
static _Thread_local int held;
static _Thread_local struct {
    void (*action)(void);
    int left;
    const char *name;
} chosen;

void at_moment(int number, void (*action)(void))
{
    chosen.action = action;
    chosen.left = number;
    chosen.name = "";
}

bool moment_came(void)
{
    bool came = chosen.action == NULL;

    chosen.action = NULL;
    return came;
}

const char *moment_name(void)
{
    return chosen.name;
}

static void moment(const char *name)
{
    void (*action)(void) = chosen.action;

    if (action == NULL || held > 0 || chosen.left-- > 0) {
        return;
    }
    chosen.action = NULL;
    chosen.name = name;
    action();
}

static mutex_call *real(mutex_call *sanitizers, const char *name)
{
    return sanitizers != NULL ? sanitizers : (mutex_call *)dlsym(RTLD_NEXT, name);
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    moment("before it locks the mutex");
    int result = real(__interceptor_pthread_mutex_lock, "pthread_mutex_lock")(mutex);
    held++;
    return result;
}

int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    held--;
    int result = real(__interceptor_pthread_mutex_unlock, "pthread_mutex_unlock")(mutex);
    moment("after it has unlocked the mutex");
    return result;
}

int close(int fd)
{
    if (fd >= 0 && fd == scripted.read_fd) {
        scripted.closed[0]++;
    } else if (fd >= 0 && fd == scripted.write_fd) {
        scripted.closed[1]++;
    }
    return (int)syscall(SYS_close, fd);
}

static int open_scripted(int *ret_read_fd, int *ret_write_fd)
{
    if (scripted.open_error != 0) {
        return scripted.open_error;
    }
    scripted.read_fd = dup(STDERR_FILENO);
    scripted.write_fd = scripted.one_number ? scripted.read_fd : dup(STDERR_FILENO);
    *ret_read_fd = scripted.read_fd;
    *ret_write_fd = scripted.write_fd;
    return 0;
}

static int wake_scripted(int write_fd)
{
    moment("in post or take, just before the wakeup is written");
    scripted.wakes++;
    scripted.wake_was_locked = scripted.wake_was_locked || held > 0;
    if (write_fd != scripted.write_fd) {
        return -EBADF;
    }
    if (scripted.wake_error != 0) {
        return scripted.wake_error;
    }
    scripted.readable = true;
    moment("in post or take, just after the wakeup is written");
    return 0;
}

static void clear_scripted(int read_fd)
{
    moment("in take, just before the wakeup is cleared");
    if (read_fd == scripted.read_fd) {
        scripted.readable = false;
    }
    moment("in take, just after the wakeup is cleared");
}

const struct wakeup scripted_wakeup = {
    .name = "scripted",
    .open = open_scripted,
    .wake = wake_scripted,
    .clear = clear_scripted,
};
