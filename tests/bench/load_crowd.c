#include "load_crowd.h"

#include "container_of.h"
#include "load_run.h"

#include <errno.h>
#include <unistd.h>

/* Opened at the same time: fewer than any server's queue of connections to be accepted. */
enum { AT_ONCE = 64 };

struct load_crowd {
    struct load_run run;
    struct channel input; /* standard input: its end is our end */
    long begun;
    long here; /* open, and answered */
    bool ready;
};

static void on_input(struct channel *channel)
{
    struct load_crowd *crowd = container_of(channel, struct load_crowd, input);
    char bytes[256];
    ssize_t n = read(channel->fd, bytes, sizeof bytes);

    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        event_loop_remove_channel(crowd->run.loop, channel);
        load_run_stop(&crowd->run);
    }
}

/* Returns 0 or -errno. */
static int hold(struct load_crowd *crowd)
{
    crowd->ready = true;
    timer_stop(&crowd->run.end);
    printf("ready\n");
    fflush(stdout);
    crowd->input = (struct channel){.fd = STDIN_FILENO, .on_read = on_input};
    int result = event_loop_add_channel(crowd->run.loop, &crowd->input, EVENT_READ);
    if (result == -EPERM || result == -EBADF) {
        /* A file, /dev/null, or closed: nobody is there to say when. */
        load_run_stop(&crowd->run);
        return 0;
    }
    return result;
}

/* One more is here, or failed: a crowd that is not complete is none. */
static void note_arrival(struct load_crowd *crowd, const struct load_client *client)
{
    struct load_run *run = &crowd->run;

    if (client->connection == NULL && load_tally_errors(&run->work.tally) == 0) {
        /* Answered, and then closed by the server. */
        load_tally_failed(&run->work.tally, LOAD_FAULT_CLOSED, 1);
    }
    if (load_tally_errors(&run->work.tally) > 0) {
        load_run_stop(run);
        return;
    }
    crowd->here++;
    /* As long as somebody comes there is hope: the grace begins anew. */
    timer_start(&run->end, (unsigned)run->options->grace_ms);
    if (crowd->here == run->options->connections && hold(crowd) < 0) {
        load_run_stop(run);
    }
}

/* The next one asks. */
static void begin_one(struct load_crowd *crowd)
{
    struct load_client *client = &crowd->run.clients[crowd->begun++];

    client->due_ns[0] = client->work->now_ns;
    if (!load_client_start(client, 1)) {
        note_arrival(crowd, client);
    }
}

static void on_over(struct load_client *client, bool progress)
{
    struct load_crowd *crowd = container_of(client->work, struct load_crowd, run.work);

    (void)progress;
    if (!crowd->run.stopping) {
        note_arrival(crowd, client);
    }
    if (crowd->run.stopping) {
        load_run_check_end(&crowd->run);
    } else if (crowd->begun < crowd->run.options->connections) {
        begin_one(crowd);
    }
}

/* Without a path nothing tells that a connection was made, unless it is waited for. */
static void open_one(struct load_crowd *crowd)
{
    struct load_client *client = &crowd->run.clients[crowd->begun++];

    /* The first one has been since init. */
    if (client->connection == NULL && load_run_connect(&crowd->run, client) < 0) {
        load_tally_failed(&crowd->run.work.tally, LOAD_FAULT_NO_CONNECTION, 1);
    }
    note_arrival(crowd, client);
}

static void begin(struct load_crowd *crowd)
{
    struct load_run *run = &crowd->run;

    run->start_ns = load_clock_ns();
    run->work.now_ns = run->start_ns;
    timer_start(&run->end, (unsigned)run->options->grace_ms);
    long at_once = run->options->path == NULL ? run->options->connections : AT_ONCE;
    while (crowd->begun < at_once && crowd->begun < run->options->connections && !run->stopping) {
        if (run->options->path == NULL) {
            open_one(crowd);
        } else {
            begin_one(crowd);
        }
    }
}

int load_crowd_run(const struct load_options *options)
{
    struct load_crowd crowd = {0};

    if (load_run_init(&crowd.run, options, on_over) < 0) {
        return 1;
    }
    begin(&crowd);
    int result = load_run_execute(&crowd.run);
    load_run_begin_report(&crowd.run, stdout);
    printf(",\"open\":%zu", load_run_open(&crowd.run));
    load_run_end_report(&crowd.run, stdout);
    load_run_release(&crowd.run);
    return result == 0 && crowd.ready ? 0 : 1;
}
