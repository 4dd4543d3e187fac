#include "signals.h"

#include "container_of.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static sigset_t handled_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    return set;
}

void signals_block(void)
{
    sigset_t set = handled_signals();

    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static void on_read(struct channel *channel)
{
    struct signals *signals = container_of(channel, struct signals, channel);
    struct signalfd_siginfo info;

    if (read(channel->fd, &info, sizeof info) == sizeof info) {
        signals->on_signal(signals, (int)info.ssi_signo);
    }
}

int signals_init(struct signals *signals, struct event_loop *loop,
                 void (*on_signal)(struct signals *signals, int number))
{
    sigset_t set = handled_signals();
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);

    if (fd < 0) {
        return -errno;
    }
    *signals = (struct signals){
        .channel = {.fd = fd, .on_read = on_read},
        .loop = loop,
        .on_signal = on_signal,
    };
    int result = event_loop_add_channel(loop, &signals->channel, EVENT_READ);
    if (result < 0) {
        close(fd);
    }
    return result;
}

void signals_release(struct signals *signals)
{
    event_loop_remove_channel(signals->loop, &signals->channel);
    close(signals->channel.fd);
}

void signals_unblock(void)
{
    sigset_t set = handled_signals();

    signal(SIGHUP, SIG_IGN);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
