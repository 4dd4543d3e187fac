/* run-under: ndebug thread */
/*
 * The grader of S3-pipe.
 *
 * It stands between the answer and the kernel (check_kernel.h): write and read can be interrupted
 * and cut short, and fcntl can be refused. check_server.c has the check in the real server.
 */
#include "check_kernel.h"
#include "check_server.h"
#include "grader.h"
#include "wakeup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

extern const struct wakeup pipe_wakeup;

static const char ONE_PIPE[] = "open makes one pipe, and gives its reading and its writing end "
                               "(contract, 1)";
static const char FLAGS[] = "both ends have O_NONBLOCK and O_CLOEXEC from the start; a call that "
                            "adds them later comes too late for a fork in between (contract, 2)";
static const char NO_LEAK[] = "an open that fails returns -errno and leaves nothing open "
                              "(contract, 3)";
static const char READABLE[] = "after a wake the reading end is readable (contract, 4)";
static const char FULL[] = "a full pipe is readable already: wake returns 0 at once "
                           "(contract, 5)";
static const char AGAIN[] = "a call that a signal interrupts is made again (contract, 6)";
static const char ERRORS[] = "wake returns -errno when it cannot wake (contract, 7)";
static const char DRAINED[] = "after clear the reading end is not readable, however many wakes "
                              "there were (contract, 8)";
static const char SHORT[] = "a short read does not say that the pipe is empty (contract, 9)";
static const char OWN[] = "two wakeups know nothing of each other (contract, 11)";

struct ends {
    int read_fd;
    int write_fd;
};

static struct ends open_ends(void)
{
    struct ends ends = {-1, -1};

    int result = pipe_wakeup.open(&ends.read_fd, &ends.write_fd);
    grader_expect(result == 0, ONE_PIPE, "open: expected 0, got %d", result);
    return ends;
}

static void close_ends(struct ends ends)
{
    close(ends.read_fd);
    close(ends.write_fd);
}

static void wake(struct ends ends)
{
    int result = pipe_wakeup.wake(ends.write_fd);

    grader_expect(result == 0, READABLE, "wake: expected 0, got %d", result);
}

static bool readable(struct ends ends)
{
    struct pollfd poll_fd = {.fd = ends.read_fd, .events = POLLIN};

    return poll(&poll_fd, 1, 0) == 1 && (poll_fd.revents & POLLIN) != 0;
}

static int count_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    int count = 0;

    ck_assert_ptr_nonnull(directory);
    while (readdir(directory) != NULL) {
        count++;
    }
    closedir(directory);
    return count;
}

/* Fills the pipe behind the answer's back. Returns how many bytes it held. */
static size_t fill(struct ends ends)
{
    static const char bytes[4096];
    size_t held = 0;
    ssize_t n;

    while ((n = syscall(SYS_write, ends.write_fd, bytes, sizeof bytes)) > 0) {
        held += (size_t)n;
    }
    while (syscall(SYS_write, ends.write_fd, bytes, 1) == 1) {
        held++;
    }
    return held;
}

static void expect_fifo(int fd, int mode, const char *which)
{
    struct stat status;

    bool fifo = fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
    grader_expect(fifo, ONE_PIPE, "the %s end, %d: expected a pipe's, got something else", which,
                  fd);
    bool direction = (fcntl(fd, F_GETFL) & O_ACCMODE) == mode;
    grader_expect(direction, ONE_PIPE, "the %s end, %d, goes the other way", which, fd);
}

START_TEST(the_ends_are_those_of_a_pipe)
{
    grader_step("open");
    int before = count_descriptors();
    struct ends ends = open_ends();
    expect_fifo(ends.read_fd, O_RDONLY, "reading");
    expect_fifo(ends.write_fd, O_WRONLY, "writing");
    int more = count_descriptors() - before;
    grader_expect(more == 2, ONE_PIPE, "expected 2 descriptors more than before, got %d", more);
    grader_expect(strcmp(pipe_wakeup.name, "pipe") == 0, ONE_PIPE,
                  "the name: expected pipe, got %s", pipe_wakeup.name);
    close_ends(ends);
}
END_TEST

START_TEST(the_ends_have_their_flags_from_the_start)
{
    grader_step("open");
    struct ends ends = open_ends();
    int fds[] = {ends.read_fd, ends.write_fd};
    static const char *const names[] = {"reading", "writing"};
    for (int i = 0; i < 2; i++) {
        grader_expect((fcntl(fds[i], F_GETFL) & O_NONBLOCK) != 0, FLAGS,
                      "the %s end: expected O_NONBLOCK, got a blocking one", names[i]);
        grader_expect((fcntl(fds[i], F_GETFD) & FD_CLOEXEC) != 0, FLAGS,
                      "the %s end: expected FD_CLOEXEC, got none", names[i]);
    }
    int late = atomic_load(&kernel.late_flags);
    grader_expect(late == 0, FLAGS, "expected no fcntl(2) that adds them, got %d", late);
    close_ends(ends);
}
END_TEST

START_TEST(a_wake_is_seen_and_a_clear_ends_it)
{
    struct ends ends = open_ends();

    grader_expect(!readable(ends), DRAINED, "readable before any wake");
    for (int round = 1; round <= 100; round++) {
        wake(ends);
        grader_expect(readable(ends), READABLE, "wake %d: not readable afterwards", round);
        pipe_wakeup.clear(ends.read_fd);
        grader_expect(!readable(ends), DRAINED, "clear %d: still readable afterwards", round);
    }
    close_ends(ends);
}
END_TEST

START_TEST(several_wakes_are_cleared_at_once)
{
    static const int counts[] = {2, 3, 63, 64, 65, 1000, 4000};
    struct ends ends = open_ends();

    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        grader_step("%d wakes, then one clear", counts[i]);
        for (int k = 0; k < counts[i]; k++) {
            wake(ends);
        }
        pipe_wakeup.clear(ends.read_fd);
        grader_expect(!readable(ends), DRAINED, "%d wakes, one clear: still readable", counts[i]);
    }
    close_ends(ends);
}
END_TEST

START_TEST(a_wake_without_room_is_a_success)
{
    struct ends ends = open_ends();

    size_t held = fill(ends);
    grader_step("the pipe is full: %zu bytes that nobody has read", held);
    int result = pipe_wakeup.wake(ends.write_fd);
    grader_expect(result == 0, FULL, "expected 0, got %d", result);
    grader_expect(readable(ends), READABLE, "not readable");
    grader_step("clear");
    pipe_wakeup.clear(ends.read_fd);
    grader_expect(!readable(ends), DRAINED, "the pipe was full: after clear still readable");
    wake(ends);
    grader_expect(readable(ends), READABLE, "one more wake: not readable");
    close_ends(ends);
}
END_TEST

START_TEST(signals_change_nothing)
{
    struct ends ends = open_ends();

    grader_step("the next 3 system calls are interrupted by a signal (EINTR); wake");
    atomic_store(&kernel.interrupted, 3);
    int result = pipe_wakeup.wake(ends.write_fd);
    grader_expect(result == 0, AGAIN, "wake: expected 0, got %d", result);
    atomic_store(&kernel.interrupted, 0);
    grader_expect(readable(ends), AGAIN, "wake returned 0, but the reading end is not readable");
    grader_step("the next 3 system calls are interrupted by a signal (EINTR); clear");
    atomic_store(&kernel.interrupted, 3);
    pipe_wakeup.clear(ends.read_fd);
    atomic_store(&kernel.interrupted, 0);
    grader_expect(!readable(ends), AGAIN, "clear: still readable afterwards");
    close_ends(ends);
}
END_TEST

START_TEST(a_short_read_is_no_end)
{
    static const size_t limits[] = {1, 3, 50};
    struct ends ends = open_ends();

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        grader_step("200 wakes; each read gets %zu bytes at most, whatever it asks for", limits[i]);
        for (int k = 0; k < 200; k++) {
            wake(ends);
        }
        atomic_store(&kernel.read_limit, limits[i]);
        pipe_wakeup.clear(ends.read_fd);
        grader_expect(!readable(ends), SHORT, "reads of %zu bytes at most: still readable",
                      limits[i]);
        atomic_store(&kernel.read_limit, 0);
    }
    close_ends(ends);
}
END_TEST

START_TEST(clear_returns_when_there_is_nothing_to_read)
{
    struct ends ends = open_ends();

    grader_step("clear, though nobody woke");
    pipe_wakeup.clear(ends.read_fd);
    wake(ends);
    grader_expect(readable(ends), READABLE, "wake after it: not readable");
    grader_step("the writing end is closed; clear");
    close(ends.write_fd);
    pipe_wakeup.clear(ends.read_fd);
    grader_step("the next system call is interrupted by a signal (EINTR); clear");
    atomic_store(&kernel.interrupted, 1);
    pipe_wakeup.clear(ends.read_fd);
    atomic_store(&kernel.interrupted, 0);
    close(ends.read_fd);
}
END_TEST

START_TEST(an_error_of_wake_is_told)
{
    struct ends ends = open_ends();

    grader_step("wake with a descriptor that is not open");
    int result = pipe_wakeup.wake(-1);
    grader_expect(result == -EBADF, ERRORS, "expected -EBADF (%d), got %d", -EBADF, result);
    grader_step("SIGPIPE is ignored, as in every server; the reading end is closed; wake");
    signal(SIGPIPE, SIG_IGN);
    close(ends.read_fd);
    result = pipe_wakeup.wake(ends.write_fd);
    grader_expect(result == -EPIPE, ERRORS, "expected -EPIPE (%d), got %d", -EPIPE, result);
    close(ends.write_fd);
}
END_TEST

START_TEST(an_open_that_fails_leaves_nothing_open)
{
    struct rlimit limit;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    int lowest = dup(STDERR_FILENO);
    close(lowest);
    for (int room = 0; room <= 1; room++) {
        struct rlimit tight = {(rlim_t)(lowest + room), limit.rlim_max};
        int read_fd = -1;
        int write_fd = -1;
        grader_step("open, with room for %d descriptor more", room);
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &tight), 0);
        int result = pipe_wakeup.open(&read_fd, &write_fd);
        int next = dup(STDERR_FILENO);
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
        close(next);
        grader_expect(result == -EMFILE, NO_LEAK, "expected -EMFILE (%d), got %d", -EMFILE, result);
        grader_expect(room == 0 || next == lowest, NO_LEAK, "it left a descriptor open");
    }
    grader_step("open, on a system where every fcntl that sets something ends with EPERM");
    int before = count_descriptors();
    atomic_store(&kernel.refuse_fcntl, true);
    struct ends ends = {-1, -1};
    int result = pipe_wakeup.open(&ends.read_fd, &ends.write_fd);
    int more = count_descriptors() - before;
    grader_expect(more == (result == 0 ? 2 : 0), NO_LEAK,
                  "open returned %d; expected %d more descriptors, got %d", result,
                  result == 0 ? 2 : 0, more);
    if (result == 0) {
        close_ends(ends);
    }
}
END_TEST

START_TEST(two_wakeups_do_not_share_anything)
{
    struct ends one = open_ends();
    struct ends two = open_ends();

    grader_step("two wakeups, as two loops have them; wake the first, then the second");
    wake(one);
    wake(two);
    grader_expect(readable(one), OWN, "the first is not readable");
    grader_expect(readable(two), OWN, "the second is not readable");
    grader_step("clear the first");
    pipe_wakeup.clear(one.read_fd);
    grader_expect(readable(two), OWN, "the first was cleared, the second is not readable any more");
    wake(one);
    grader_expect(readable(one), OWN, "the first was woken again: not readable");
    close_ends(one);
    close_ends(two);
}
END_TEST

START_TEST(a_new_pair_does_not_know_who_had_its_numbers)
{
    struct ends ends = open_ends();

    fill(ends);
    grader_step("the pipe is full; wake; both ends are closed");
    wake(ends);
    close_ends(ends);
    ends = open_ends();
    grader_step("open; the ends are now %d and %d; wake", ends.read_fd, ends.write_fd);
    wake(ends);
    grader_expect(readable(ends), OWN, "the new reading end is not readable");
    pipe_wakeup.clear(ends.read_fd);
    grader_expect(!readable(ends), OWN, "clear: still readable afterwards");
    close_ends(ends);
}
END_TEST

static void *wake_and_clear(void *ends)
{
    const struct ends *own = ends;

    pipe_wakeup.wake(own->write_fd);
    pipe_wakeup.clear(own->read_fd);
    return NULL;
}

START_TEST(two_loops_clear_at_the_same_time)
{
    struct ends ends[2] = {open_ends(), open_ends()};
    pthread_t loops[2];

    grader_step("two threads wake and clear, each its own pair");
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(pthread_create(&loops[i], NULL, wake_and_clear, &ends[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(loops[i], NULL);
        grader_expect(!readable(ends[i]), OWN, "the pair %d is still readable", i + 1);
        close_ends(ends[i]);
    }
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("the table", NULL, NULL);
    grader_add(the_ends_are_those_of_a_pipe);
    grader_add(the_ends_have_their_flags_from_the_start);
    grader_add(a_wake_is_seen_and_a_clear_ends_it);
    grader_add(several_wakes_are_cleared_at_once);
    grader_add(a_wake_without_room_is_a_success);
    grader_add(signals_change_nothing);
    grader_add(a_short_read_is_no_end);
    grader_add(clear_returns_when_there_is_nothing_to_read);
    grader_add(an_error_of_wake_is_told);
    grader_add(an_open_that_fails_leaves_nothing_open);
    grader_add(two_wakeups_do_not_share_anything);
    grader_add(a_new_pair_does_not_know_who_had_its_numbers);
    grader_add(two_loops_clear_at_the_same_time);
    add_server_checks();
    return grader_run(argc, argv);
}
