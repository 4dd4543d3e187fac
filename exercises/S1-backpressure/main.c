/* ./lab run S1-backpressure */
/* Loop, acceptor and signals of stage 1; each client is a patient_echo of yours. */
#include "acceptor.h"
#include "container_of.h"
#include "patient_echo.h"
#include "poll_dispatcher.h"
#include "server_log.h"
#include "server_options.h"
#include "signals.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct pressure_limits limits = {.high = 256 << 10, .low = 64 << 10};

struct client {
    struct deferred end;
    struct patient_echo *echo;
    struct event_loop *loop;
    int fd;
};

static void free_client(struct deferred *deferred)
{
    struct client *client = container_of(deferred, struct client, end);

    patient_echo_destroy(client->echo);
    close(client->fd);
    free(client);
}

static void on_end(void *context, int error)
{
    struct client *client = context;

    log_info("fd %d: %s", client->fd, error == 0 ? "its end" : strerror(error));
    event_loop_defer(client->loop, &client->end);
}

static void on_connection(struct acceptor *acceptor, int fd)
{
    struct client *client = calloc(1, sizeof *client);

    if (client == NULL) {
        close(fd);
        return;
    }
    *client = (struct client){.end = {.run = free_client}, .loop = acceptor->loop, .fd = fd};
    if (patient_echo_create(client->loop, fd, &limits, on_end, client, &client->echo) < 0) {
        free_client(&client->end);
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
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    const struct cli_option table[] = {SERVER_OPTIONS_ROWS(options), CLI_END};
    const struct cli_program program = {"S1-backpressure", "A patient echo.", table};
    struct event_loop *loop;
    struct acceptor acceptor;
    struct signals signals;
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
    if (event_loop_create(&poll_dispatcher, &loop) < 0 ||
        signals_init(&signals, loop, on_signal) < 0 ||
        acceptor_init(&acceptor, loop, listening, &callbacks) < 0) {
        return EXIT_FAILURE;
    }
    server_announce(program.name, listening, "", "");
    int result = event_loop_run(loop);
    acceptor_finish(&acceptor);
    signals_release(&signals);
    event_loop_destroy(loop);
    return result < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
