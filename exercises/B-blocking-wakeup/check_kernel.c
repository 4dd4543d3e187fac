/*
 * Between the program and the kernel: a wakeup has room for about 200 bytes, whatever the machine
 * says. A post that would wait is noticed instead of waiting, and so is a loop that would sleep for
 * ever. A time limit of poll is over at once: it costs the loop a turn, and the grader no time.
 */
#include "check_kernel.h"
#include "grader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MOST_BYTES = 200, BYTES_FOR_EACH = 768, MOST_IN_VAIN = 3, MOST_TURNS = 1000 };

const char NO_WAIT[] = "a post never waits for the loop (contract, 2)";
const char WOKEN[] = "a loop that sleeps is woken, and one without tasks sleeps (contract, 4)";

_Thread_local int posts_in_vain;
_Thread_local int in_post;
atomic_int waits_in_post;
atomic_int tasks_left = -1;

static bool is_check_thread(void)
{
    return getpid() == (pid_t)syscall(SYS_gettid);
}

/* Only the check's own thread can fail; what happens on another one, the check asks for later. */
static void note_wait(const char *what)
{
    atomic_fetch_add(&waits_in_post, 1);
    if (is_check_thread()) {
        grader_fail(__FILE__, __LINE__, NO_WAIT, "expected loop_post to return, but it %s", what);
    }
}

/* A socket counts what the reader has not taken by what it needs for it, a pipe by bytes. */
static bool is_full(int fd)
{
    struct stat kind;
    int queued = 0;

    if (fstat(fd, &kind) < 0) {
        return false;
    }
    if (S_ISFIFO(kind.st_mode)) {
        return ioctl(fd, FIONREAD, &queued) == 0 && queued > MOST_BYTES;
    }
    return S_ISSOCK(kind.st_mode) && ioctl(fd, TIOCOUTQ, &queued) == 0 &&
           queued > MOST_BYTES * BYTES_FOR_EACH;
}

/* Returns whether a byte may be written to fd; if not, errno is EAGAIN. */
static bool has_room(int fd, int flags)
{
    if (!in_post || !is_full(fd)) {
        return true;
    }
    posts_in_vain++;
    if ((flags & MSG_DONTWAIT) == 0 && (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0) {
        note_wait("waits for room to write into");
    } else if (posts_in_vain > MOST_IN_VAIN) {
        note_wait("tries again and again to write");
    }
    errno = EAGAIN;
    return false;
}

ssize_t write(int fd, const void *data, size_t size)
{
    return has_room(fd, 0) ? syscall(SYS_write, fd, data, size) : -1;
}

ssize_t send(int fd, const void *data, size_t size, int flags)
{
    if (!has_room(fd, flags)) {
        return -1;
    }
    return syscall(SYS_sendto, fd, data, size, flags, NULL, (socklen_t)0);
}

/* The loop is about to sleep, and nothing is ready. */
static void look_at_sleep(int timeout_ms)
{
    static int turns;

    if (in_post) {
        note_wait("waits");
    }
    if (!is_check_thread() || atomic_load(&tasks_left) < 0) {
        return;
    }
    turns = timeout_ms < 0 ? 0 : turns + 1;
    grader_expect(
        turns < MOST_TURNS, WOKEN,
        "expected the loop to sleep without a limit, but it looks around again and again");
    grader_expect(timeout_ms >= 0 || atomic_load(&tasks_left) == 0, WOKEN,
                  "expected the loop to run %d more tasks, but it sleeps, and nothing will wake it",
                  atomic_load(&tasks_left));
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    struct timespec now = {0};
    int ready = (int)syscall(SYS_ppoll, fds, count, &now, NULL, 0);

    if (ready != 0 || timeout_ms == 0) {
        return ready;
    }
    look_at_sleep(timeout_ms);
    return timeout_ms > 0 ? 0 : (int)syscall(SYS_ppoll, fds, count, NULL, NULL, 0);
}

int epoll_wait(int fd, struct epoll_event *events, int most, int timeout_ms)
{
    int ready = (int)syscall(SYS_epoll_pwait, fd, events, most, 0, NULL, 0);

    if (ready != 0 || timeout_ms == 0) {
        return ready;
    }
    look_at_sleep(timeout_ms);
    return timeout_ms > 0 ? 0 : (int)syscall(SYS_epoll_pwait, fd, events, most, -1, NULL, 0);
}

int nanosleep(const struct timespec *time, struct timespec *left)
{
    (void)time;
    (void)left;
    look_at_sleep(1);
    return 0;
}

int usleep(useconds_t microseconds)
{
    (void)microseconds;
    look_at_sleep(1);
    return 0;
}

bool check_thread_sleeps(void)
{
    char path[64];
    char line[512];
    char state = 'R';

    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)getpid());
    FILE *file = fopen(path, "re");
    ck_assert_msg(file != NULL, "%s cannot be read", path);
    /* The name in parentheses may have anything in it; the state comes behind the last one. */
    if (fgets(line, sizeof line, file) != NULL && strrchr(line, ')') != NULL) {
        state = strrchr(line, ')')[2];
    }
    fclose(file);
    return state == 'S';
}
