#include "live_server.h"

#include "epoll_dispatcher.h"
#include "grader.h"
#include "server_extensions.h"
#include "stage3.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NO_LOOP = -1 };

static struct {
    bool started; /* the thread is to be joined */
    pthread_t thread;
    const struct selection_policy *policy; /* the learner's */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    /* Guarded by the mutex: */
    in_port_t port; /* 0 until the server listens */
    bool ended;
    int status;
    const struct loop_load *loads; /* NULL until the first choice */
    size_t count;
    int place_at; /* NO_LOOP: ask the learner's policy */
    size_t chosen;
    char loads_then[128];
    size_t choices;
    size_t given[LIVE_SERVER_MOST_LOOPS];
} live = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void tell(void)
{
    pthread_mutex_lock(&live.mutex);
    pthread_cond_broadcast(&live.changed);
    pthread_mutex_unlock(&live.mutex);
}

/* The mutex is held. */
static void note_loads(const struct loop_load *loads, size_t count)
{
    size_t used = 0;

    live.loads = loads;
    live.count = count;
    for (size_t i = 0; i < count && used < sizeof live.loads_then; i++) {
        used += (size_t)snprintf(live.loads_then + used, sizeof live.loads_then - used, " %zu",
                                 loop_load_connections(&loads[i]));
    }
}

static size_t select_watched(const struct loop_load *loads, size_t count,
                             struct selection_state *state)
{
    pthread_mutex_lock(&live.mutex);
    note_loads(loads, count);
    if (live.place_at == NO_LOOP) {
        live.chosen = live.policy->select(loads, count, state);
    } else {
        live.chosen = (size_t)live.place_at;
    }
    size_t chosen = live.chosen;
    if (chosen < count) {
        live.given[chosen]++;
    }
    live.choices++;
    pthread_cond_broadcast(&live.changed);
    pthread_mutex_unlock(&live.mutex);
    return chosen;
}

static const struct selection_policy watched_policy = {
    .name = "watched",
    .select = select_watched,
};

/* The server's first channels are its own; one of them is the socket that listens. */
static int add_and_tell(void *state, int fd, unsigned events)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int listens = 0;
    socklen_t size = sizeof listens;

    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens &&
        getsockname(fd, (struct sockaddr *)&address, &length) == 0) {
        pthread_mutex_lock(&live.mutex);
        live.port = address.sin_port;
        pthread_cond_broadcast(&live.changed);
        pthread_mutex_unlock(&live.mutex);
    }
    return epoll_dispatcher.add(state, fd, events);
}

static int tell_and_wait(void *state, int timeout_ms, struct ready_event *ret, size_t capacity)
{
    tell();
    return epoll_dispatcher.wait(state, timeout_ms, ret, capacity);
}

static void *run_server(void *argument)
{
    const size_t *threads = argument;
    struct event_dispatcher telling = epoll_dispatcher;
    const struct event_dispatcher *const dispatchers[] = {&telling, NULL};
    const struct selection_policy *const policies[] = {&watched_policy, NULL};
    const struct server_extensions extensions = {.dispatchers = dispatchers, .policies = policies};
    char option[32];
    char *argv[] = {
        "stage3-thread-pool",
        "--port=0",
        "--log-level=error",
        "--drain-timeout=0",
        "--policy=watched",
        "--dispatcher=telling",
        option,
        NULL,
    };

    telling.name = "telling";
    telling.add = add_and_tell;
    telling.wait = tell_and_wait;
    snprintf(option, sizeof option, "--threads=%zu", *threads);
    int status = stage3_main(7, argv, &extensions);
    pthread_mutex_lock(&live.mutex);
    live.status = status;
    live.ended = true;
    live.loads = NULL;
    pthread_cond_broadcast(&live.changed);
    pthread_mutex_unlock(&live.mutex);
    return NULL;
}

void live_server_start(const struct selection_policy *policy, size_t threads)
{
    /* It outlives this call: the server's thread reads it. */
    static size_t thread_count;
    sigset_t term;

    /* Sent to the process, the signal must reach nobody but the server, who reads it. */
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &term, NULL);
    thread_count = threads;
    live.policy = policy;
    live.port = 0;
    live.ended = false;
    live.place_at = NO_LOOP;
    live.choices = 0;
    memset(live.given, 0, sizeof live.given);
    int result = pthread_create(&live.thread, NULL, run_server, &thread_count);
    ck_assert_msg(result == 0, "pthread_create: %s", strerror(result));
    live.started = true;
    pthread_mutex_lock(&live.mutex);
    while (live.port == 0 && !live.ended) {
        pthread_cond_wait(&live.changed, &live.mutex);
    }
    bool ended = live.ended;
    pthread_mutex_unlock(&live.mutex);
    ck_assert_msg(!ended, "the server ended before it listened, with status %d", live.status);
}

void live_server_end(void)
{
    if (!live.started) {
        return;
    }
    pthread_mutex_lock(&live.mutex);
    bool ended = live.ended;
    pthread_mutex_unlock(&live.mutex);
    if (!ended) {
        kill(getpid(), SIGTERM);
    }
    pthread_join(live.thread, NULL);
    live.started = false;
}

void live_server_stop(void)
{
    live_server_end();
    ck_assert_msg(live.status == 0, "the server: expected exit status 0, got %d", live.status);
}

int live_server_dial(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    pthread_mutex_lock(&live.mutex);
    address.sin_port = live.port;
    pthread_mutex_unlock(&live.mutex);
    ck_assert_msg(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0,
                  "connecting to the server: %s", strerror(errno));
    return fd;
}

static int connect_and_echo(int place_at)
{
    char byte = 'x';

    pthread_mutex_lock(&live.mutex);
    live.place_at = place_at;
    pthread_mutex_unlock(&live.mutex);
    int fd = live_server_dial();
    bool served = send(fd, &byte, 1, MSG_NOSIGNAL) == 1 && recv(fd, &byte, 1, 0) == 1;
    ck_assert_msg(served, "the server did not echo");
    return fd;
}

int live_server_connect(void)
{
    return connect_and_echo(NO_LOOP);
}

int live_server_connect_to(size_t loop)
{
    int fd = connect_and_echo((int)loop);

    pthread_mutex_lock(&live.mutex);
    live.place_at = NO_LOOP;
    pthread_mutex_unlock(&live.mutex);
    return fd;
}

size_t live_server_chosen(void)
{
    pthread_mutex_lock(&live.mutex);
    size_t chosen = live.chosen;
    pthread_mutex_unlock(&live.mutex);
    return chosen;
}

const char *live_server_loads_then(void)
{
    static char text[sizeof live.loads_then];

    pthread_mutex_lock(&live.mutex);
    memcpy(text, live.loads_then, sizeof text);
    pthread_mutex_unlock(&live.mutex);
    return text;
}

void live_server_wait_for_choices(size_t choices, size_t ret_given[static LIVE_SERVER_MOST_LOOPS])
{
    pthread_mutex_lock(&live.mutex);
    while (live.choices < choices && !live.ended) {
        pthread_cond_wait(&live.changed, &live.mutex);
    }
    memcpy(ret_given, live.given, sizeof live.given);
    pthread_mutex_unlock(&live.mutex);
}

/* The mutex is held. */
static bool loads_are(const size_t *expected)
{
    for (size_t i = 0; live.loads != NULL && i < live.count; i++) {
        if (loop_load_connections(&live.loads[i]) != expected[i]) {
            return false;
        }
    }
    return true;
}

void live_server_wait_for_loads(const size_t expected[static LIVE_SERVER_MOST_LOOPS])
{
    pthread_mutex_lock(&live.mutex);
    while (!loads_are(expected)) {
        pthread_cond_wait(&live.changed, &live.mutex);
    }
    pthread_mutex_unlock(&live.mutex);
}
