/* ./lab run S1-eof */
/* The event loop and the acceptor of stage 1; your function says what became of each client. */
#include "acceptor.h"
#include "container_of.h"
#include "poll_dispatcher.h"
#include "read_input.h"
#include "server_log.h"
#include "server_options.h"
#include "signals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct client {
    struct channel channel;
    struct deferred end;
    struct event_loop *loop;
    unsigned number;
    size_t bytes;
};

static void free_client(struct deferred *deferred)
{
    struct client *client = container_of(deferred, struct client, end);

    close(client->channel.fd);
    free(client);
}

static void end_client(struct client *client, struct input input)
{
    char text[128];

    if (input.state == INPUT_ENDED) {
        int length = snprintf(text, sizeof text, "%zu bytes, then your end\n", client->bytes);
        send(client->channel.fd, text, (size_t)length, MSG_NOSIGNAL);
    }
    log_info("client %u: %s after %zu bytes%s%s", client->number,
             input.state == INPUT_ENDED ? "its end" : "failed", client->bytes,
             input.error != 0 ? ": " : "", input.error != 0 ? strerror(input.error) : "");
    event_loop_remove_channel(client->loop, &client->channel);
    event_loop_defer(client->loop, &client->end);
}

static void on_read(struct channel *channel)
{
    struct client *client = container_of(channel, struct client, channel);
    char bytes[4096];
    struct input input = read_input(channel->fd, bytes, sizeof bytes);

    client->bytes += input.length;
    if (input.state == INPUT_ENDED || input.state == INPUT_FAILED) {
        end_client(client, input);
    } else {
        log_info("client %u: %zu bytes, %s", client->number, input.length,
                 input.state == INPUT_FULL ? "perhaps more" : "nothing more for now");
    }
}

static void on_connection(struct acceptor *acceptor, int fd)
{
    static unsigned clients;
    struct client *client = calloc(1, sizeof *client);

    if (client == NULL) {
        close(fd);
        return;
    }
    *client = (struct client){
        .channel = {.fd = fd, .on_read = on_read},
        .end = {.run = free_client},
        .loop = acceptor->loop,
        .number = ++clients,
    };
    if (event_loop_add_channel(client->loop, &client->channel, EVENT_READ) < 0) {
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
    const struct cli_program program = {"S1-eof", "Tells how each client ends.", table};
    struct event_loop *loop;
    struct acceptor acceptor;
    struct signals signals;
    int status;

    /* --port=0 takes a free port. */
    if (!cli_parse(&program, argc, argv, &status)) {
        return status;
    }
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
