/*
 * live_server: the real stage 3 server, run by a thread of this process, with a window on its
 * loads.
 *
 * Two extensions make the window. A policy that passes on the question to the learner's, or answers
 * itself where a check wants a client on a certain loop. And a dispatcher that is epoll, but tells
 * each time a loop is about to wait: what the loop had to do is done then, so a check waits for
 * that, and never for a time.
 *
 * One server at a time. Thread: the check's. What fails here fails the check.
 */
#ifndef LIVE_SERVER_H
#define LIVE_SERVER_H

#include "selection_policy.h"

#include <stddef.h>

enum { LIVE_SERVER_MOST_LOOPS = 4 };

/*
 * Returns when the server listens; `policy` is the learner's, who chooses. With 0 threads the only
 * loop is the main one.
 */
void live_server_start(const struct selection_policy *policy, size_t threads);

/* Ends the server as SIGTERM does, and expects it to end well. All clients are to be closed. */
void live_server_stop(void);

/* The same for a check that has failed on the way: ends the server if it runs, expects nothing. */
void live_server_end(void);

/*
 * A client of the server; the descriptor is the caller's. `connect` and `connect_to` return when
 * the client has been served, so that the choice has been made; `connect_to` does not ask the
 * learner's policy. `dial` does not wait for anything.
 */
int live_server_connect(void);
int live_server_connect_to(size_t loop);
int live_server_dial(void);

/* The answer of the learner's policy to the last question, and the loads as they were then. */
size_t live_server_chosen(void);
const char *live_server_loads_then(void);

/* Waits until so many clients have been placed; then ret_given[i] of them were given to loop i. */
void live_server_wait_for_choices(size_t choices, size_t ret_given[static LIVE_SERVER_MOST_LOOPS]);

/* Waits until every loop has the load that is expected of it. */
void live_server_wait_for_loads(const size_t expected[static LIVE_SERVER_MOST_LOOPS]);

#endif
