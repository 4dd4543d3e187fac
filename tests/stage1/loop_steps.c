#include "loop_steps.h"

#include <check.h>
#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>

enum { PATIENCE_MS = 10000 };

static const struct event_dispatcher *inner;
static struct event_dispatcher stepping;
static int waits_left;
static int reported;
static bool may_wait;
static int add_error;
static int adds_spared;
static int update_error;

static int step_wait(void *state, int timeout_ms, struct ready_event *ret, size_t capacity)
{
    if (waits_left == 0) {
        return -ECANCELED;
    }
    waits_left--;
    if (!may_wait) {
        timeout_ms = 0;
    } else if (timeout_ms < 0) {
        timeout_ms = PATIENCE_MS;
    }
    reported = inner->wait(state, timeout_ms, ret, capacity);
    ck_assert_msg(reported != 0 || timeout_ms == 0, "nothing became ready within %d ms",
                  timeout_ms);
    return reported;
}

static int step_add(void *state, int fd, unsigned events)
{
    if (add_error != 0 && adds_spared-- == 0) {
        adds_spared = 0;
        return -add_error;
    }
    return inner->add(state, fd, events);
}

static int step_update(void *state, int fd, unsigned events)
{
    return update_error != 0 ? -update_error : inner->update(state, fd, events);
}

struct event_loop *loop_steps_create(const struct event_dispatcher *dispatcher)
{
    struct event_loop *loop;

    inner = dispatcher;
    stepping = *dispatcher;
    stepping.add = step_add;
    stepping.update = step_update;
    stepping.wait = step_wait;
    int result = event_loop_create(&stepping, &loop);
    ck_assert_msg(result == 0, "%s: no loop: %s", dispatcher->name, strerror(-result));
    return loop;
}

static int run(struct event_loop *loop, int batches)
{
    waits_left = batches;
    int result = event_loop_run(loop);
    ck_assert_msg(result == -ECANCELED, "%s: the run ended with %d (%s)", inner->name, result,
                  strerror(-result));
    return reported;
}

int one_batch(struct event_loop *loop)
{
    may_wait = true;
    return run(loop, 1);
}

void several_batches(struct event_loop *loop, int count)
{
    may_wait = true;
    run(loop, count);
}

int batch_ready_now(struct event_loop *loop)
{
    may_wait = false;
    return run(loop, 1);
}

void batches_until_quiet(struct event_loop *loop)
{
    while (batch_ready_now(loop) > 0) {
    }
}

bool timer_is_armed(const struct timer *timer)
{
    struct itimerspec left;

    ck_assert_int_eq(timerfd_gettime(timer->channel.fd, &left), 0);
    return left.it_value.tv_sec > 0 || left.it_value.tv_nsec > 0;
}

void loop_steps_fail_add(int spared, int error)
{
    adds_spared = spared;
    add_error = error;
}

void loop_steps_fail_update(int error)
{
    update_error = error;
}
