/*
 * Calls that fail: each kind of call, the first to the fourth of its kind, where four sockets are to
 * be opened. All or nothing.
 */
#include "check_failures.h"
#include "grader.h"
#include "kernel_calls.h"
#include "listeners.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

enum { SOCKETS = 4, UNTOUCHED = -77 };

static const char ERROR[] = "when a call fails, the result is its -errno (contract, 7)";
static const char NOTHING[] = "when a call fails, everything that was opened is closed "
                              "(contract, 7)";
static const char ONCE[] = "only what was opened is closed, and only once (contract, 7)";
static const char ALONE[] = "when a call fails, ret_fds is left as it was (contract, 7)";

static const struct {
    enum call kind;
    int error;
} faults[] = {
    {CALL_SOCKET, EMFILE},       {CALL_SETSOCKOPT, ENOPROTOOPT}, {CALL_BIND, EADDRINUSE},
    {CALL_GETSOCKNAME, ENOBUFS}, {CALL_LISTEN, EADDRINUSE},
};
enum { FAULTS = sizeof faults / sizeof faults[0] };

struct failure {
    int result;
    size_t kept; /* descriptors more than before */
    int fds[SOCKETS];
    bool failed; /* else the answer has made no such call */
};

/* Run _i of a check has the fault _i. */
static struct failure run_fault(int run)
{
    int fault = run / SOCKETS;
    size_t nth = (size_t)(run % SOCKETS) + 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct failure failure;
    size_t before = count_open();

    for (int i = 0; i < SOCKETS; i++) {
        failure.fds[i] = UNTOUCHED;
    }
    grader_step("open %d listeners; call %zu of %s fails with '%s'", SOCKETS, nth,
                call_names[faults[fault].kind], strerror(faults[fault].error));
    fail_call(faults[fault].kind, nth, faults[fault].error);
    watch_begin();
    failure.result =
        listeners_open((const struct sockaddr *)&address, sizeof address, SOCKETS, failure.fds);
    failure.failed = watch_end()->failed;
    failure.kept = count_open() - before;
    return failure;
}

START_TEST(a_call_that_fails_gives_its_errno)
{
    struct failure failure = run_fault(_i);
    int expected = failure.failed ? -faults[_i / SOCKETS].error : 0;

    grader_expect(failure.result == expected, ERROR, "expected %d, got %d (%s)", expected,
                  failure.result, failure.result < 0 ? strerror(-failure.result) : "success");
}
END_TEST

START_TEST(a_failure_leaves_nothing_open)
{
    struct failure failure = run_fault(_i);

    grader_expect(!failure.failed || failure.kept == 0, NOTHING,
                  "expected as many open descriptors as before, got %zu more", failure.kept);
}
END_TEST

START_TEST(nothing_else_is_closed)
{
    run_fault(_i);
    grader_expect(watch_end()->wrong_close == 0, ONCE,
                  "expected no such close, got %d of a descriptor that was closed already or never "
                  "opened; in a server it may be another thread's by now",
                  watch_end()->wrong_close);
}
END_TEST

START_TEST(a_failure_leaves_ret_fds_alone)
{
    struct failure failure = run_fault(_i);

    for (int i = 0; failure.failed && i < SOCKETS; i++) {
        grader_expect(failure.fds[i] == UNTOUCHED, ALONE,
                      "expected ret_fds[%d] to be %d as before, got %d", i, UNTOUCHED,
                      failure.fds[i]);
    }
}
END_TEST

START_TEST(descriptor_0_is_closed_like_any_other)
{
    enum { THIRD_BIND = 2 * SOCKETS + 2 };
    int saved = dup(STDIN_FILENO);

    grader_step("standard input is closed, as in many a daemon: the first socket is number 0");
    close(STDIN_FILENO);
    struct failure failure = run_fault(THIRD_BIND);
    if (saved >= 0) {
        dup2(saved, STDIN_FILENO);
        close(saved);
    }
    grader_expect(failure.failed && failure.kept == 0, NOTHING,
                  "expected as many open descriptors as before, got %zu more", failure.kept);
}
END_TEST

void add_failure_checks(void)
{
    grader_group("calls that fail", NULL, NULL);
    grader_add_loop(a_call_that_fails_gives_its_errno, 0, FAULTS * SOCKETS);
    grader_add_loop(a_failure_leaves_nothing_open, 0, FAULTS * SOCKETS);
    grader_add(descriptor_0_is_closed_like_any_other);
    grader_add_loop(nothing_else_is_closed, 0, FAULTS * SOCKETS);
    grader_add_loop(a_failure_leaves_ret_fds_alone, 0, FAULTS * SOCKETS);
}
