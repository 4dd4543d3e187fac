/*
 * load_run: what every mode has: a loop, clients, an end in time, and a line of JSON.
 *
 * The life of a run: init connects the first client, so that a server that is not there is an
 * error and not a statistic. `execute` runs the loop until load_run_stop, by the mode, by a signal
 * or by the time; then until the last batch is over, at most for the grace. A second signal does
 * not wait for that.
 */
#ifndef LOAD_RUN_H
#define LOAD_RUN_H

#include "load_client.h"
#include "load_options.h"
#include "signals.h"
#include "timer.h"

#include <stdio.h>

struct load_run {
    struct load_work work;
    const struct load_options *options;
    struct event_loop *loop;
    struct load_client *clients; /* options->connections */
    uint64_t *due_ns;            /* memory of the clients' */
    char *requests;              /* of work.requests */
    struct timer end;            /* stops the run; then, after the grace, ends it */
    struct signals signals;
    bool stopping; /* no new batch is to be started */
    uint64_t start_ns;
    uint64_t stop_ns; /* when it was stopped, */
    uint64_t end_ns;  /* and when the last batch was over */
};

/*
 * Borrows options and on_over. Returns 0, or -errno when the reason has been told on standard
 * error; there is nothing to release then.
 */
int load_run_init(struct load_run *run, const struct load_options *options,
                  void (*on_over)(struct load_client *client, bool progress));
void load_run_release(struct load_run *run);

/*
 * Connects a client that is not connected, and waits until it is; at most the grace. Returns 0 or
 * -errno.
 */
int load_run_connect(struct load_run *run, struct load_client *client);

/* The loop, until the run is over. Returns 0 or -errno. */
int load_run_execute(struct load_run *run);

/* From here on only what was begun is waited for; called again, not even that. */
void load_run_stop(struct load_run *run);

/* To be called when a batch is over and no other was started. */
void load_run_check_end(struct load_run *run);

/* How many connections are open. */
size_t load_run_open(const struct load_run *run);

/* The line without its end, so that a mode may add keys; load_run_end_report closes it. */
void load_run_begin_report(const struct load_run *run, FILE *stream);
void load_run_end_report(const struct load_run *run, FILE *stream);

#endif
