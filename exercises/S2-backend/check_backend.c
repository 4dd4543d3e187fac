/*
 * The grader of S2-backend, part one: how the dispatcher waits (check_kernel.h sees it). Part two,
 * check_conformance.c, is the suite that all dispatchers have to pass.
 */
#include "check_conformance.h"
#include "check_kernel.h"
#include "event_dispatcher.h"
#include "grader.h"
#include "sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

extern const struct event_dispatcher ppoll_dispatcher;

static const char NAME[] = "--dispatcher=ppoll finds the dispatcher by its name (contract, 1)";
static const char KEEPS[] = "the dispatcher keeps what event_dispatcher.h says (contract, 1)";
static const char TROUBLE[] = "an error or hang-up is reported as READ|WRITE (contract, 1: "
                              "event_dispatcher.h)";
static const char ONE_PPOLL[] = "a wait is one call of ppoll and no other call that waits "
                                "(contract, 2)";
static const char TIME[] = "ppoll gets the caller's time: a timespec whose tv_nsec is below "
                           "1,000,000,000; NULL stands for ever (contract, 2)";
static const char ERRORS[] = "a signal is a wait of 0 events, any other error of ppoll is returned "
                             "(contract, 2)";
static const char ONLY_WATCHED[] = "ppoll gets one entry for each descriptor that has an interest, "
                                   "and no other entry (contract, 3)";
static const char ANY_NUMBER[] = "there is no limit but memory (contract, 4)";
static const char MASK[] = "ppoll gets the thread's signal mask as it is at the wait, without "
                           "SIGUSR1 (contract, 5)";
static const char SIGNAL[] = "SIGUSR1 comes in during the wait, also one that was sent before, and "
                             "ends it (contract, 5)";
static const char MASK_STAYS[] = "the thread's own mask stays as it is (contract, 5)";

static void *state;

static void create(void)
{
    const struct event_dispatcher *table = &ppoll_dispatcher;

    grader_expect(table->create != NULL && table->destroy != NULL && table->add != NULL &&
                      table->update != NULL && table->remove != NULL && table->wait != NULL,
                  KEEPS, "expected a table with all functions but forget; one is NULL");
    int result = table->create(&state);
    grader_expect(result == 0, KEEPS, "create: expected 0, got %d", result);
}

static void destroy(void)
{
    ppoll_dispatcher.destroy(state);
}

static void add(int fd, unsigned events)
{
    int result = ppoll_dispatcher.add(state, fd, events);

    grader_expect(result == 0, KEEPS, "add of descriptor %d: expected 0, got %d", fd, result);
}

static int open_event(void)
{
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

    ck_assert_int_ge(fd, 0);
    return fd;
}

/* A wait that ppoll answers at once. */
static int wait_without_sleep(int timeout_ms, int error)
{
    struct ready_event events[8];
    int before = kernel_seen.ppolls;

    kernel_answer(error);
    int count = ppoll_dispatcher.wait(state, timeout_ms, events, 8);
    grader_expect(kernel_seen.ppolls == before + 1, ONE_PPOLL, "expected 1 call of ppoll, got %d",
                  kernel_seen.ppolls - before);
    return count;
}

START_TEST(it_has_the_name_ppoll)
{
    const char *name = ppoll_dispatcher.name != NULL ? ppoll_dispatcher.name : "(none)";

    grader_expect(strcmp(name, "ppoll") == 0, NAME, "expected 'ppoll', got '%s'", name);
}
END_TEST

START_TEST(it_waits_with_ppoll)
{
    struct ready_event event = {0};
    int pair[2];

    stream_pair(pair);
    peer_sends(pair[1], "x", 1);
    grader_step("add descriptor %d, in which a byte waits; wait", pair[0]);
    add(pair[0], EVENT_READ);
    kernel_seen.other = NULL;
    int count = ppoll_dispatcher.wait(state, 0, &event, 1);
    grader_expect(kernel_seen.other == NULL, ONE_PPOLL, "expected ppoll, got %s",
                  kernel_seen.other);
    grader_expect(kernel_seen.ppolls == 1, ONE_PPOLL, "expected 1 call of ppoll, got %d",
                  kernel_seen.ppolls);
    grader_expect(count == 1 && event.fd == pair[0] && event.events == EVENT_READ, KEEPS,
                  "expected 1 event, READ of descriptor %d; got %d, the first: events %u of %d",
                  pair[0], count, event.events, event.fd);
    close(pair[0]);
    close(pair[1]);
}
END_TEST

static const int timeouts[] = {0, 1, 999, 1000, 1500, 86400001, -1};

START_TEST(the_time_is_passed_on)
{
    int ms = timeouts[_i];
    int fd = open_event();

    add(fd, EVENT_READ);
    grader_step("wait with timeout_ms = %d", ms);
    int count = wait_without_sleep(ms, 0);
    grader_expect(count == 0, KEEPS, "nobody is ready: expected 0, got %d", count);
    if (ms < 0) {
        grader_expect(!kernel_seen.has_timeout, TIME, "expected NULL, got a timespec of %lld s",
                      (long long)kernel_seen.timeout.tv_sec);
    } else {
        const struct timespec *got = &kernel_seen.timeout;
        grader_expect(kernel_seen.has_timeout, TIME, "expected a timespec, got NULL");
        grader_expect(got->tv_sec == ms / 1000 && got->tv_nsec == ms % 1000 * 1000000L, TIME,
                      "expected %d s and %ld ns, got %lld s and %ld ns", ms / 1000,
                      ms % 1000 * 1000000L, (long long)got->tv_sec, got->tv_nsec);
    }
    close(fd);
}
END_TEST

START_TEST(an_error_of_ppoll_is_returned)
{
    grader_step("ppoll fails with EINTR");
    int count = wait_without_sleep(0, EINTR);
    grader_expect(count == 0, ERRORS, "expected 0, got %d", count);
    grader_step("ppoll fails with ENOMEM");
    count = wait_without_sleep(0, ENOMEM);
    grader_expect(count == -ENOMEM, ERRORS, "expected -ENOMEM (%d), got %d", -ENOMEM, count);
}
END_TEST

/* The entry for `fd` of the last ppoll must be one, with this interest; 0: there must be none. */
static void expect_polled(int fd, unsigned events)
{
    size_t entries = 0;
    short wanted = 0;

    for (size_t i = 0; i < kernel_seen.count; i++) {
        if (kernel_seen.polled[i].fd == fd) {
            entries++;
            wanted = kernel_seen.polled[i].events;
        }
    }
    grader_expect(entries == (events != 0), ONLY_WATCHED,
                  "descriptor %d, interest %u: expected %d entries, got %zu", fd, events,
                  events != 0, entries);
    grader_expect(((wanted & POLLIN) != 0) == ((events & EVENT_READ) != 0) &&
                      ((wanted & POLLOUT) != 0) == ((events & EVENT_WRITE) != 0),
                  ONLY_WATCHED, "descriptor %d, interest %u: got an entry with events %#x", fd,
                  events, (unsigned)wanted);
}

static void expect_polled_entries(size_t count)
{
    grader_expect(kernel_seen.count == count, ONLY_WATCHED, "expected %zu entries, got %zu", count,
                  kernel_seen.count);
}

START_TEST(only_those_with_an_interest_are_handed_over)
{
    enum { COUNT = 6 };
    static const unsigned first[COUNT] = {1, 2, 3, 0, 1, 1};
    int fds[COUNT];

    for (int i = 0; i < COUNT; i++) {
        fds[i] = open_event();
        grader_step("add descriptor %d with interest %u", fds[i], first[i]);
        add(fds[i], first[i]);
    }
    wait_without_sleep(0, 0);
    for (int i = 0; i < COUNT; i++) {
        expect_polled(fds[i], first[i]);
    }
    expect_polled_entries(COUNT - 1);
    grader_step("interest of %d and %d becomes 0, that of %d becomes READ, %d is removed", fds[0],
                fds[2], fds[3], fds[4]);
    ppoll_dispatcher.update(state, fds[0], 0);
    ppoll_dispatcher.update(state, fds[2], 0);
    ppoll_dispatcher.update(state, fds[3], EVENT_READ);
    ppoll_dispatcher.remove(state, fds[4]);
    static const unsigned then[COUNT] = {0, 2, 0, 1, 0, 1};
    wait_without_sleep(0, 0);
    for (int i = 0; i < COUNT; i++) {
        expect_polled(fds[i], then[i]);
        close(fds[i]);
    }
    expect_polled_entries(3);
}
END_TEST

START_TEST(two_states_do_not_mix)
{
    void *first = state;
    int fd = open_event();

    grader_step("two states; descriptor %d is added to the first", fd);
    add(fd, EVENT_READ);
    create();
    wait_without_sleep(0, 0);
    grader_expect(kernel_seen.count == 0, KEEPS, "the second: expected no entry, got %zu",
                  kernel_seen.count);
    grader_step("added to the second with interest WRITE, and removed there");
    add(fd, EVENT_WRITE);
    ppoll_dispatcher.remove(state, fd);
    destroy();
    state = first;
    wait_without_sleep(0, 0);
    grader_expect(kernel_seen.count == 1 && kernel_seen.polled[0].fd == fd &&
                      (kernel_seen.polled[0].events & POLLIN) != 0,
                  KEEPS, "the first: expected one entry, READ of descriptor %d, got %zu entries",
                  fd, kernel_seen.count);
    grader_step("removed from the first as well");
    ppoll_dispatcher.remove(state, fd);
    wait_without_sleep(0, 0);
    expect_polled_entries(0);
    close(fd);
}
END_TEST

/* Without POLLIN and POLLOUT: the kernel tells nothing but the trouble. */
START_TEST(trouble_alone_is_read_and_write)
{
    static const char *const words[] = {"the writer of a pipe closes: POLLHUP",
                                        "the reader of a full pipe closes: POLLERR"};
    struct ready_event event = {0};
    char bytes[4096] = {0};
    int ends[2];

    ck_assert_int_eq(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    while (_i == 1 && write(ends[1], bytes, sizeof bytes) > 0) {
    }
    add(ends[_i], _i == 0 ? EVENT_READ : EVENT_WRITE);
    grader_step("%s", words[_i]);
    close(ends[1 - _i]);
    int count = ppoll_dispatcher.wait(state, 0, &event, 1);
    grader_expect(count == 1 && event.fd == ends[_i] && event.events == (EVENT_READ | EVENT_WRITE),
                  TROUBLE, "expected events %d of descriptor %d, got %d events, the first %u of %d",
                  EVENT_READ | EVENT_WRITE, ends[_i], count, event.events, event.fd);
    close(ends[_i]);
}
END_TEST

START_TEST(thousands_are_watched)
{
    enum { THOUSANDS = 3000 };
    int first = open_event();
    int last = first;

    allow_descriptors(THOUSANDS + 64);
    grader_step("add %d descriptors", THOUSANDS);
    add(first, EVENT_READ);
    for (int i = 1; i < THOUSANDS; i++) {
        last = fcntl(first, F_DUPFD_CLOEXEC, 0);
        ck_assert_int_ge(last, 0);
        int result = ppoll_dispatcher.add(state, last, EVENT_READ);
        grader_expect(result == 0, ANY_NUMBER, "add of descriptor %d: expected 0, got %d", last,
                      result);
    }
    wait_without_sleep(0, 0);
    grader_expect(kernel_seen.count == THOUSANDS, ANY_NUMBER, "expected %d entries, got %zu",
                  THOUSANDS, kernel_seen.count);
    expect_polled(last, EVENT_READ);
}
END_TEST

/* Sets the thread's mask to just these signals. */
static void block_just(const int *signals, size_t count)
{
    sigset_t mask;

    sigemptyset(&mask);
    for (size_t i = 0; i < count; i++) {
        sigaddset(&mask, signals[i]);
    }
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, &mask, NULL), 0);
}

static void expect_same_masks(const sigset_t *expected, const sigset_t *got, const char *rule)
{
    for (int number = 1; number <= SIGRTMAX; number++) {
        /* The C library keeps the numbers between for itself. */
        if (number >= SIGSYS + 1 && number < SIGRTMIN) {
            continue;
        }
        grader_expect(sigismember(expected, number) == sigismember(got, number), rule,
                      "signal %d (%s): expected it %s, got it %s", number, strsignal(number),
                      sigismember(expected, number) ? "blocked" : "let through",
                      sigismember(got, number) ? "blocked" : "let through");
    }
}

static void expect_mask(void)
{
    sigset_t own, expected, after;

    pthread_sigmask(SIG_SETMASK, NULL, &own);
    expected = own;
    sigdelset(&expected, SIGUSR1);
    wait_without_sleep(0, 0);
    grader_expect(kernel_seen.has_mask, MASK, "expected a mask, got NULL");
    expect_same_masks(&expected, &kernel_seen.mask, MASK);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    expect_same_masks(&own, &after, MASK_STAYS);
}

START_TEST(the_mask_lets_sigusr1_through_and_nothing_else)
{
    static const int signals[] = {SIGUSR1, SIGTERM, SIGINT, SIGHUP};

    grader_step("the thread blocks SIGUSR1 and SIGTERM; wait");
    block_just(signals, 2);
    expect_mask();
    grader_step("the thread blocks SIGINT and SIGHUP as well; wait");
    block_just(signals, 4);
    expect_mask();
    grader_step("the thread blocks SIGUSR1 alone; wait");
    block_just(signals, 1);
    expect_mask();
    grader_step("the thread blocks nothing; wait");
    block_just(signals, 0);
    expect_mask();
}
END_TEST

static void on_usr1(int number)
{
    (void)number;
}

START_TEST(a_signal_sent_before_the_wait_is_not_lost)
{
    static const int usr1 = SIGUSR1;
    struct sigaction action = {.sa_handler = on_usr1};
    struct ready_event event;
    sigset_t pending;
    int fd = open_event();

    ck_assert_int_eq(sigaction(SIGUSR1, &action, NULL), 0);
    block_just(&usr1, 1);
    add(fd, EVENT_READ);
    for (int i = 0; i < 3; i++) {
        grader_step("SIGUSR1 is sent, and blocked; then a wait for ever");
        ck_assert_int_eq(raise(SIGUSR1), 0);
        int count = ppoll_dispatcher.wait(state, -1, &event, 1);
        grader_expect(count == 0, SIGNAL, "expected 0 events, got %d", count);
        grader_expect(kernel_seen.interrupted, SIGNAL,
                      "expected that the signal interrupts ppoll (EINTR); it did not");
        ck_assert_int_eq(sigpending(&pending), 0);
        grader_expect(!sigismember(&pending, SIGUSR1), SIGNAL,
                      "expected that the signal has come; it is still pending");
    }
    close(fd);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("on ppoll", create, destroy);
    grader_add(it_has_the_name_ppoll);
    grader_add(it_waits_with_ppoll);
    grader_add_loop(the_time_is_passed_on, 0, sizeof timeouts / sizeof *timeouts);
    grader_add(an_error_of_ppoll_is_returned);
    grader_add(only_those_with_an_interest_are_handed_over);
    grader_add(two_states_do_not_mix);
    grader_add_loop(trouble_alone_is_read_and_write, 0, 2);
    grader_add(thousands_are_watched);
    grader_add(the_mask_lets_sigusr1_through_and_nothing_else);
    grader_add(a_signal_sent_before_the_wait_is_not_lost);
    add_conformance_checks();
    return grader_run(argc, argv);
}
