#include "conformance_fixture.h"

#include "sockets.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A descriptor that becomes readable by itself. */
static int ready_in(int milliseconds)
{
    struct itimerspec spec = {
        .it_value = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L}};
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(timerfd_settime(fd, 0, &spec, NULL), 0);
    return fd;
}

/* Waits with a set in which nothing becomes ready. Returns how long it took. */
static int64_t idle_wait(int timeout_ms)
{
    static struct report report;
    int64_t start = now_ms();

    wait_once(timeout_ms, REPORT_CAPACITY, &report);
    ck_assert_msg(report.count == 0, "%s: expected no event, got %d", tested->name, report.count);
    return now_ms() - start;
}

START_TEST(time_out_0_returns_at_once)
{
    int fd = ready_in(3600000);

    begin(_i);
    add(fd, EVENT_READ);
    int64_t took = idle_wait(0);
    ck_assert_msg(took < 1000, "%s: expected no wait, got %d ms", tested->name, (int)took);
    end();
}
END_TEST

START_TEST(a_time_out_is_waited_for)
{
    int fd = ready_in(3600000);

    begin(_i);
    add(fd, EVENT_READ);
    int64_t took = idle_wait(30);
    ck_assert_msg(took >= 29, "%s: expected 30 ms, got %d", tested->name, (int)took);
    end();
}
END_TEST

START_TEST(an_empty_set_waits_as_well)
{
    begin(_i);
    int64_t took = idle_wait(30);
    ck_assert_msg(took >= 29, "%s: expected 30 ms, got %d", tested->name, (int)took);
    end();
}
END_TEST

START_TEST(a_time_out_beyond_a_second_is_no_shorter_one)
{
    int fd = ready_in(1020);

    begin(_i);
    add(fd, EVENT_READ);
    unsigned got = events_of(fd, 60000);
    ck_assert_msg(got == EVENT_READ,
                  "%s: the wait of a minute ended without the event after a second", tested->name);
    end();
}
END_TEST

START_TEST(without_a_time_out_the_wait_lasts_until_something_is_ready)
{
    int fd = ready_in(30);

    begin(_i);
    add(fd, EVENT_READ);
    unsigned got = events_of(fd, -1);
    ck_assert_msg(got == EVENT_READ, "%s: expected to be woken by the timer, got %u", tested->name,
                  got);
    end();
}
END_TEST

static volatile sig_atomic_t alarms;

static void on_alarm(int number)
{
    (void)number;
    alarms++;
}

START_TEST(a_signal_ends_the_wait_with_0_events)
{
    struct sigaction action = {.sa_handler = on_alarm};
    /* Again and again: one that comes before the wait has begun would be no interruption. */
    struct itimerval every_20_ms = {.it_interval = {.tv_usec = 20000},
                                    .it_value = {.tv_usec = 20000}};
    struct itimerval never = {0};
    int fd = ready_in(3600000);

    begin(_i);
    add(fd, EVENT_READ);
    ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
    ck_assert_int_eq(setitimer(ITIMER_REAL, &every_20_ms, NULL), 0);
    struct ready_event event;
    int count = tested->wait(tested_state, PATIENCE_MS, &event, 1);
    setitimer(ITIMER_REAL, &never, NULL);
    ck_assert_msg(count == 0, "%s: expected 0 after a signal, got %d (%s)", tested->name, count,
                  strerror(-count));
    ck_assert_int_gt(alarms, 0);
    end();
}
END_TEST

void conformance_waiting_add(Suite *suite, int count)
{
    const TTest *const tests[] = {
        time_out_0_returns_at_once,
        a_time_out_is_waited_for,
        an_empty_set_waits_as_well,
        a_time_out_beyond_a_second_is_no_shorter_one,
        without_a_time_out_the_wait_lasts_until_something_is_ready,
        a_signal_ends_the_wait_with_0_events,
        NULL,
    };

    conformance_add_case(suite, "waiting", tests, count);
}
