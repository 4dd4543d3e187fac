#include "timer.h"

#include "container_of.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

static void on_read(struct channel *channel)
{
    struct timer *timer = container_of(channel, struct timer, channel);
    uint64_t expirations;

    /* EAGAIN: the timer was stopped or restarted by an earlier callback of this batch. */
    if (read(channel->fd, &expirations, sizeof expirations) == sizeof expirations) {
        timer->on_expiry(timer);
    }
}

int timer_init(struct timer *timer, struct event_loop *loop, void (*on_expiry)(struct timer *timer))
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

    if (fd < 0) {
        return -errno;
    }
    *timer = (struct timer){
        .channel = {.fd = fd, .on_read = on_read},
        .loop = loop,
        .on_expiry = on_expiry,
    };
    int result = event_loop_add_channel(loop, &timer->channel, EVENT_READ);
    if (result < 0) {
        close(fd);
    }
    return result;
}

void timer_release(struct timer *timer)
{
    event_loop_remove_channel(timer->loop, &timer->channel);
    close(timer->channel.fd);
}

static void set(struct timer *timer, unsigned period_ms)
{
    struct timespec period = {.tv_sec = period_ms / 1000, .tv_nsec = period_ms % 1000 * 1000000L};
    struct itimerspec spec = {.it_value = period, .it_interval = period};

    /* Fails only for a bad descriptor or a bad time, and both are ours. */
    timerfd_settime(timer->channel.fd, 0, &spec, NULL);
}

void timer_start(struct timer *timer, unsigned period_ms)
{
    /* A period of 0 would mean 'stop' to the kernel. */
    set(timer, period_ms > 0 ? period_ms : 1);
}

void timer_stop(struct timer *timer)
{
    set(timer, 0);
}
