/* ./lab run S1-echo */
/* Loop, acceptor, connections and signals of stage 1, with your callbacks in place of echo's. */
#include "acceptor.h"
#include "connection_table.h"
#include "container_of.h"
#include "poll_dispatcher.h"
#include "server_log.h"
#include "server_options.h"
#include "signals.h"

#include <stdlib.h>
#include <unistd.h>

extern const struct tcp_connection_callbacks line_mirror;

struct server {
    struct event_loop *loop;
    struct connection_table *table;
    struct acceptor acceptor;
    struct signals signals;
};

static void on_connection(struct acceptor *acceptor, int fd)
{
    struct server *server = container_of(acceptor, struct server, acceptor);

    if (connection_table_adopt(server->table, fd, &line_mirror, NULL, NULL) < 0) {
        close(fd);
    }
}

static void on_pause(struct acceptor *acceptor, int error)
{
    (void)acceptor;
    server_log_pause(error);
}

static void on_signal(struct signals *signals, int number)
{
    (void)number;
    event_loop_quit(signals->loop);
}

int main(int argc, char **argv)
{
    static const struct acceptor_callbacks callbacks = {on_connection, on_pause};
    struct connection_table_config config = {.limits = CONNECTION_LIMITS_DEFAULT};
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    const struct cli_option table[] = {SERVER_OPTIONS_ROWS(options), CLI_END};
    const struct cli_program program = {"S1-echo", "Sends each line back, reversed.", table};
    struct server server;
    int status;

    /* --port=0 takes a free port. */
    if (!cli_parse(&program, argc, argv, &status)) {
        return status;
    }
    log_set_level((enum log_level)options.log_level);
    int listening = server_listen(program.name, &options);
    if (listening < 0) {
        return EXIT_FAILURE;
    }
    signals_block();
    if (event_loop_create(&poll_dispatcher, &server.loop) < 0 ||
        connection_table_create(server.loop, &config, &server.table) < 0 ||
        signals_init(&server.signals, server.loop, on_signal) < 0 ||
        acceptor_init(&server.acceptor, server.loop, listening, &callbacks) < 0) {
        return EXIT_FAILURE;
    }
    server_announce(program.name, listening, "", "");
    int result = event_loop_run(server.loop);
    acceptor_finish(&server.acceptor);
    signals_release(&server.signals);
    connection_table_destroy(server.table);
    event_loop_destroy(server.loop);
    return result < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
