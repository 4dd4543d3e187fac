/*
 * The grader of S1-backpressure, part one: the real event loop with a kernel that is played
 * (check_kernel.h). Part two, check_real_sockets.c, has a real one.
 */
#include "check_kernel.h"
#include "check_real_sockets.h"
#include "grader.h"
#include "patient_echo.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char BYTES[] = "what was received goes out once, in its order (contract, 1)";
static const char READ[] = "EVENT_READ is asked for, but not from more than high until low is "
                           "reached again, and not after the end (contract, 4)";
static const char SMALL[] = "a recv comes only after the loop has reported EVENT_READ, asks for 1 "
                            "to 4096 bytes, and not while more than high wait (contract, 5)";
static const char LATER[] = "EAGAIN and EINTR end nothing and lose nothing (contract, 7)";
static const char END[] = "after the peer's end, on_end(0) comes as soon as nothing waits "
                          "(contract, 8)";
static const char ERROR[] = "another error of recv or send is given to on_end at once, as a "
                            "positive number (contract, 9)";
static const char ONCE[] = "on_end is called once, the channel has been removed before, and "
                           "nothing is done with the socket afterwards (contract, 10)";
static const char ALONE[] = "create fails with what the loop said; destroy removes the channel if "
                            "it is there, and does not close fd (contract, 11)";

static struct event_loop *loop;
static struct patient_echo *echo;

static void on_end(void *context, int error)
{
    grader_expect(context == &kernel, ONCE, "on_end: expected the context of create, got another");
    grader_expect(++kernel.ends == 1, ONCE, "on_end(%d), the second time", error);
    grader_expect(!kernel.registered, ONCE, "on_end(%d) with the channel still in the loop", error);
    kernel.error = error;
}

static int create(void)
{
    const struct pressure_limits limits = {.high = HIGH, .low = LOW};

    return patient_echo_create(loop, kernel.fd, &limits, on_end, &kernel, &echo);
}

static void set_up(void)
{
    memset(&kernel, 0, sizeof kernel);
    echo = NULL;
    kernel.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    ck_assert(event_loop_create(&kernel_dispatcher, &loop) == 0);
    grader_step("create, with high %d and low %d", HIGH, LOW);
    int result = create();
    grader_expect(result == 0 && echo != NULL, ALONE, "create: expected 0, got %d", result);
}

static void tear_down(void)
{
    patient_echo_destroy(echo);
    event_loop_destroy(loop);
    close(kernel.fd);
    kernel.fd = -1;
}

/* Lets `arrive` bytes arrive and the kernel take `take` more, and runs the loop until it waits. */
static void run(size_t arrive, size_t take)
{
    grader_step("%zu bytes arrive, the kernel takes %zu", arrive, take);
    kernel.arrived += arrive;
    kernel.window += take;
    kernel.turns = 0;
    int result = event_loop_run(loop);
    grader_expect(result == -ECANCELED, ONCE, "the loop ended with %d", result);
}

static void expect_out(uint64_t out, const char *rule)
{
    grader_expect(kernel.out == out, rule, "expected %llu bytes to have gone out so far, got %llu",
                  (unsigned long long)out, (unsigned long long)kernel.out);
}

static void expect_end(int error, const char *rule)
{
    grader_expect(kernel.ends == 1 && kernel.error == error, rule,
                  "expected on_end(%d), got %s, error %d", error,
                  kernel.ends > 0 ? "on_end" : "none", kernel.error);
    grader_expect(fcntl(kernel.fd, F_GETFD) >= 0, ONCE, "fd %d, which is the caller's, is closed",
                  kernel.fd);
}

START_TEST(what_comes_goes_back)
{
    run(0, 100000);
    run(10, 0);
    expect_out(10, BYTES);
    run(1, 0);
    run(30000, 0);
    expect_out(30011, BYTES);
}
END_TEST

START_TEST(what_the_kernel_does_not_take_waits)
{
    run(10, 4);
    expect_out(4, BYTES);
    run(0, 3);
    expect_out(7, BYTES);
    run(5, 0);
    run(0, 1);
    expect_out(8, BYTES);
    run(0, 100);
    expect_out(15, BYTES);
    run(3000, 0);
    run(4000, 2000);
    expect_out(2108, BYTES);
    run(0, 10000);
    expect_out(7015, BYTES);
}
END_TEST

START_TEST(reading_stops_above_high_and_goes_on_at_low)
{
    run(4000, 0);
    run(4000, 0);
    run(2000, 0);
    run(1, 0);
    run(5000, 1);
    grader_expect(kernel.arrived == 5000, READ, "expected 5000 bytes left with the kernel, got %zu",
                  kernel.arrived);
    run(0, 7999);
    grader_expect(kernel.arrived == 5000, READ, "expected 5000 bytes left with the kernel, got %zu",
                  kernel.arrived);
    run(0, 1);
    grader_expect(kernel.arrived == 0, READ,
                  "at low: expected the 5000 bytes to be read, %zu are "
                  "left",
                  kernel.arrived);
    run(1000000, 0);
    grader_expect(kernel_waiting() <= HIGH + PATIENT_ECHO_READ_MOST, SMALL, "%zu bytes wait",
                  kernel_waiting());
    run(0, 2000000);
    expect_out(1015001, BYTES);
}
END_TEST

START_TEST(nothing_for_now_and_signals_end_nothing)
{
    kernel.spurious = true;
    run(0, 0);
    kernel.recv_error = EINTR;
    run(20, 100);
    expect_out(20, LATER);
    kernel.send_error = EINTR;
    run(50, 10);
    expect_out(70, LATER);
    run(40, 0);
    kernel.send_error = EINTR;
    run(0, 10);
    kernel.spurious = true;
    run(0, 100);
    expect_out(110, LATER);
    grader_expect(kernel.ends == 0, LATER, "on_end(%d)", kernel.error);
}
END_TEST

START_TEST(the_end_waits_for_what_waits)
{
    run(5000, 100);
    grader_step("the peer's end");
    kernel.end = true;
    run(0, 100);
    grader_expect(kernel.ends == 0, END, "on_end(%d), though %zu bytes wait", kernel.error,
                  kernel_waiting());
    run(0, 4799);
    run(0, 1);
    expect_out(5000, END);
    expect_end(0, END);
}
END_TEST

START_TEST(the_end_comes_at_once_if_nothing_waits)
{
    run(100, 1000);
    kernel.end = true;
    run(30, 0);
    expect_out(130, END);
    expect_end(0, END);
}
END_TEST

enum { ERRORS = 6 };

START_TEST(errors_end_the_connection)
{
    static const int errors[ERRORS] = {ECONNRESET, ETIMEDOUT, EPIPE, EIO, ENOBUFS, EHOSTUNREACH};
    int error = errors[_i % ERRORS];

    run(3000, 100);
    grader_step("the next %s fails: %s", _i < ERRORS ? "recv" : "send", strerror(error));
    *(_i < ERRORS ? &kernel.recv_error : &kernel.send_error) = error;
    run(0, 0);
    expect_end(error, ERROR);
    expect_out(100, ERROR);
    run(0, 1000);
}
END_TEST

START_TEST(an_error_after_the_end_is_an_error)
{
    kernel.end = true;
    run(3000, 100);
    grader_step("the end was received; the next send fails: %s", strerror(EPIPE));
    kernel.send_error = EPIPE;
    run(0, 0);
    expect_end(EPIPE, ERROR);
}
END_TEST

START_TEST(create_and_destroy_keep_to_their_own)
{
    grader_step("destroy, while 900 bytes wait");
    run(1000, 100);
    patient_echo_destroy(echo);
    grader_expect(!kernel.registered, ALONE, "destroy: the channel is still in the loop");
    int type;
    socklen_t length = sizeof type;
    grader_expect(getsockopt(kernel.fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0, ALONE,
                  "destroy has closed fd %d", kernel.fd);
    echo = NULL;
    grader_step("create, with a loop that refuses the channel");
    kernel.refusal = -ERANGE;
    int result = create();
    grader_expect(result == -ERANGE && echo == NULL, ALONE, "expected -ERANGE, got %d", result);
    patient_echo_destroy(NULL);
}
END_TEST

START_TEST(a_long_life_of_small_steps)
{
    uint32_t random = 4711;

    for (int i = 0; i < 600; i++) {
        random = random * 1664525U + 1013904223U;
        kernel.recv_error = random >> 28 == 3 ? EINTR : 0;
        kernel.send_error = random >> 28 == 7 ? EINTR : 0;
        run((random >> 8) % 6000, i % 300 < 200 ? (random >> 16) % 4000 : (random >> 16) % 12000);
    }
    kernel.recv_error = 0;
    kernel.send_error = 0;
    run(0, 1U << 30);
    expect_out(kernel.in, BYTES);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("with a kernel that is played", set_up, tear_down);
    grader_add(what_comes_goes_back);
    grader_add(what_the_kernel_does_not_take_waits);
    grader_add(reading_stops_above_high_and_goes_on_at_low);
    grader_add(nothing_for_now_and_signals_end_nothing);
    grader_add(the_end_waits_for_what_waits);
    grader_add(the_end_comes_at_once_if_nothing_waits);
    grader_add_loop(errors_end_the_connection, 0, 2 * ERRORS);
    grader_add(an_error_after_the_end_is_an_error);
    grader_add(create_and_destroy_keep_to_their_own);
    grader_add(a_long_life_of_small_steps);
    add_real_socket_checks();
    return grader_run(argc, argv);
}
