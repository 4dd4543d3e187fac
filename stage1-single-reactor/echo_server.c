#include "echo_server.h"

#include "acceptor.h"
#include "connection_table.h"
#include "container_of.h"
#include "drain.h"
#include "echo.h"
#include "server_log.h"
#include "signals.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct echo_server {
    const char *program;
    const struct server_options *options;
    struct event_loop *loop;
    struct connection_table *table;
    struct acceptor acceptor;
    struct signals signals;
    struct drain drain;
    struct log_limit refusals;
    bool ending;
};

static void on_connection(struct acceptor *acceptor, int fd)
{
    struct echo_server *server = container_of(acceptor, struct echo_server, acceptor);
    int result = connection_table_adopt(server->table, fd, &echo_callbacks, NULL, NULL);

    if (result < 0) {
        server_log_refused(&server->refusals, fd, -result);
        close(fd);
    }
}

static void on_pause(struct acceptor *acceptor, int error)
{
    (void)acceptor;
    server_log_pause(error);
}

static void on_drained_all(struct drain *drain)
{
    struct echo_server *server = container_of(drain, struct echo_server, drain);

    server_log_drained(drain->cut_off);
    event_loop_quit(server->loop);
}

static void on_signal(struct signals *signals, int number)
{
    struct echo_server *server = container_of(signals, struct echo_server, signals);

    if (number == SIGHUP) {
        return;
    }
    if (server->ending) {
        _exit(128 + number);
    }
    server->ending = true;
    server_log_ending(number);
    acceptor_finish(&server->acceptor);
    drain_start(&server->drain, (unsigned)server->options->drain_timeout, on_drained_all);
}

static const struct acceptor_callbacks acceptor_callbacks = {
    .on_connection = on_connection,
    .on_pause = on_pause,
};

/*
 * Each step undoes itself on failure; so the order of the clean-up is the order of the start,
 * reversed.
 */
static int start_on(struct echo_server *server, int listen_fd)
{
    struct connection_table_config config = {.limits = CONNECTION_LIMITS_DEFAULT};
    int result = connection_table_create(server->loop, &config, &server->table);

    if (result < 0) {
        return result;
    }
    result = drain_init(&server->drain, server->table);
    if (result < 0) {
        goto destroy_table;
    }
    result = signals_init(&server->signals, server->loop, on_signal);
    if (result < 0) {
        goto release_drain;
    }
    result = acceptor_init(&server->acceptor, server->loop, listen_fd, &acceptor_callbacks);
    if (result == 0) {
        return 0;
    }
    signals_release(&server->signals);
release_drain:
    drain_release(&server->drain);
destroy_table:
    connection_table_destroy(server->table);
    return result;
}

static int serve(struct echo_server *server, int listen_fd)
{
    int result = start_on(server, listen_fd);

    if (result < 0) {
        close(listen_fd);
        return result;
    }
    server_announce(server->program, listen_fd, "", "");
    result = event_loop_run(server->loop);
    if (!server->ending) {
        acceptor_finish(&server->acceptor);
    }
    signals_release(&server->signals);
    signals_unblock();
    drain_release(&server->drain);
    connection_table_destroy(server->table);
    return result;
}

int echo_server_run(const char *program, const struct event_dispatcher *dispatcher,
                    const struct server_options *options)
{
    struct echo_server server = {.program = program, .options = options};

    log_set_level((enum log_level)options->log_level);
    int listen_fd = server_listen(program, options);
    if (listen_fd < 0) {
        return 1;
    }
    signals_block();
    int result = event_loop_create(dispatcher, &server.loop);
    if (result == 0) {
        result = serve(&server, listen_fd);
        event_loop_destroy(server.loop);
    } else {
        close(listen_fd);
    }
    if (result < 0) {
        fprintf(stderr, "%s: the event loop failed: %s\n", program, strerror(-result));
    }
    return result < 0 ? 1 : 0;
}
