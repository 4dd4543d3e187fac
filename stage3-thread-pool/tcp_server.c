#include "tcp_server.h"

#include "acceptor.h"
#include "container_of.h"
#include "signals.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    /* After the drain time: to tell those who still wait for an answer that none will come. */
    LAST_ANSWERS_MS = 500,
    /* After the drain time a loop has this long to come back from a callback that does not end. */
    LAST_RESORT_MS = 2000,
};

struct tcp_server {
    const struct tcp_server_config *config;
    struct thread_pool *pool;
    struct reactor main;
    struct acceptor acceptor;
    bool owns_listener; /* the acceptor has been given the listening socket */
    struct signals signals;
    struct timer delay;    /* from the signal to the end of accepting */
    struct timer deadline; /* from there: first the drain time, then the last resort */
    size_t draining;       /* reactors that have not reported yet */
    bool told_to_end;
    bool draining_started;
    bool time_is_up;
    struct mailbox_task failed; /* posted by a loop that ended by itself */
    atomic_int failure;         /* its -errno; whoever sets it first posts */
};

static void on_connection(struct acceptor *acceptor, int fd)
{
    struct tcp_server *server = container_of(acceptor, struct tcp_server, acceptor);

    reactor_hand_over(thread_pool_select(server->pool), fd);
}

static void on_pause(struct acceptor *acceptor, int error)
{
    (void)acceptor;
    server_log_pause(error);
}

static const struct acceptor_callbacks acceptor_callbacks = {
    .on_connection = on_connection,
    .on_pause = on_pause,
};

static void on_drained(struct reactor *reactor, void *context)
{
    struct tcp_server *server = context;

    server_log_drained(reactor->drain.cut_off);
    if (--server->draining == 0) {
        event_loop_quit(server->main.loop);
    }
}

static void give_up(const struct tcp_server *server)
{
    size_t left = 0;

    for (size_t i = 0; i < thread_pool_size(server->pool); i++) {
        left += loop_load_connections(thread_pool_load(server->pool, i));
    }
    log_error("loops that do not answer: %zu, connections left: %zu; giving up", server->draining,
              left);
    _exit(1);
}

static void on_deadline(struct timer *timer)
{
    struct tcp_server *server = container_of(timer, struct tcp_server, deadline);
    const struct server_events *events = &server->config->events;

    if (server->time_is_up) {
        give_up(server);
    }
    server->time_is_up = true;
    timer_start(&server->deadline, LAST_RESORT_MS);
    if (events->on_time_up != NULL) {
        events->on_time_up(events->context);
    }
}

static void end_in_order(struct tcp_server *server)
{
    bool last_answers = server->config->events.on_time_up != NULL;
    unsigned timeout_ms = (unsigned)server->config->options->drain_timeout;
    unsigned cut_off_ms = timeout_ms + (last_answers ? LAST_ANSWERS_MS : 0);

    if (server->draining_started) {
        return;
    }
    server->draining_started = true;
    timer_stop(&server->delay);
    /*
     * First the connections that are still in the queue, then the drain: the order of the mailbox.
     */
    acceptor_finish(&server->acceptor);
    timer_start(&server->deadline, timeout_ms);
    server->draining = thread_pool_size(server->pool);
    for (size_t i = 0; i < thread_pool_size(server->pool); i++) {
        reactor_drain(thread_pool_reactor(server->pool, i), cut_off_ms, server->main.mailbox,
                      on_drained, server);
    }
}

static void tell_ending(struct tcp_server *server)
{
    const struct server_events *events = &server->config->events;

    if (!server->told_to_end && events->on_ending != NULL) {
        events->on_ending(events->context);
    }
    server->told_to_end = true;
}

static void on_delay_over(struct timer *timer)
{
    end_in_order(container_of(timer, struct tcp_server, delay));
}

static void on_signal(struct signals *signals, int number)
{
    struct tcp_server *server = container_of(signals, struct tcp_server, signals);
    const struct server_events *events = &server->config->events;

    if (number == SIGHUP) {
        if (events->on_hangup != NULL) {
            events->on_hangup(events->context);
        }
        return;
    }
    if (server->told_to_end) {
        _exit(128 + number);
    }
    server_log_ending(number);
    tell_ending(server);
    if (server->config->drain_delay_ms > 0) {
        timer_start(&server->delay, server->config->drain_delay_ms);
    } else {
        end_in_order(server);
    }
}

/* A loop ended by itself. The others end in order; the exit status tells. */
static void run_failed(struct mailbox_task *task)
{
    struct tcp_server *server = container_of(task, struct tcp_server, failed);

    tell_ending(server);
    end_in_order(server);
}

static void drop_failed(struct mailbox_task *task)
{
    (void)task;
}

/*
 * On a sub-reactor's thread. A server that is short of a loop would leave its clients hanging: end.
 */
static void on_failure(void *context, int error)
{
    struct tcp_server *server = context;
    int none = 0;

    if (atomic_compare_exchange_strong(&server->failure, &none, error)) {
        mailbox_queue_in_loop(server->main.mailbox, &server->failed);
    }
}

/*
 * The channels of the main reactor, in an order that each failure can undo. Owns listen_fd if it
 * succeeds.
 */
static int watch(struct tcp_server *server, int listen_fd)
{
    int result = timer_init(&server->delay, server->main.loop, on_delay_over);

    if (result < 0) {
        return result;
    }
    result = timer_init(&server->deadline, server->main.loop, on_deadline);
    if (result < 0) {
        goto release_delay;
    }
    result = signals_init(&server->signals, server->main.loop, on_signal);
    if (result < 0) {
        goto release_deadline;
    }
    result = acceptor_init(&server->acceptor, server->main.loop, listen_fd, &acceptor_callbacks);
    if (result == 0) {
        server->owns_listener = true;
        return 0;
    }
    signals_release(&server->signals);
release_deadline:
    timer_release(&server->deadline);
release_delay:
    timer_release(&server->delay);
    return result;
}

static int serve(struct tcp_server *server, int listen_fd)
{
    int result = watch(server, listen_fd);

    if (result < 0) {
        return result;
    }
    server_announce(server->config->program, listen_fd, server->config->scheme,
                    server->config->suffix);
    result = event_loop_run(server->main.loop);
    if (!server->draining_started) {
        acceptor_finish(&server->acceptor);
    }
    signals_release(&server->signals);
    signals_unblock();
    timer_release(&server->deadline);
    timer_release(&server->delay);
    return result;
}

static int start_and_serve(struct tcp_server *server, int listen_fd)
{
    int result = reactor_init(&server->main, &server->config->reactor, server->pool,
                              thread_pool_main_load(server->pool));

    if (result < 0) {
        return result;
    }
    result = thread_pool_start(server->pool, &server->main);
    if (result == 0) {
        result = serve(server, listen_fd);
        thread_pool_stop(server->pool);
        if (result == 0) {
            /* Read after all loops have ended: one may fail as late as in its drain. */
            result = atomic_load(&server->failure);
        }
    }
    reactor_release(&server->main);
    return result;
}

int tcp_server_run(const struct tcp_server_config *config)
{
    struct tcp_server server = {
        .config = config,
        .failed = {.run = run_failed, .drop = drop_failed},
    };
    const struct thread_pool_config pool_config = {
        .thread_count = config->thread_count,
        .reactor = &config->reactor,
        .policy = config->policy,
        .on_failure = on_failure,
        .context = &server,
    };

    log_set_level((enum log_level)config->options->log_level);
    int listen_fd = server_listen(config->program, config->options);
    if (listen_fd < 0) {
        return 1;
    }
    signals_block();
    int result = thread_pool_create(&pool_config, &server.pool);
    if (result == 0) {
        result = start_and_serve(&server, listen_fd);
        thread_pool_destroy(server.pool);
    }
    if (!server.owns_listener) {
        close(listen_fd);
    }
    if (result < 0) {
        fprintf(stderr, "%s: the server failed: %s\n", config->program, strerror(-result));
    }
    return result < 0 ? 1 : 0;
}
