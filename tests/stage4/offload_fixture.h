/*
 * offload_fixture: the server of server_fixture with workers, and handlers that block.
 *
 * A held handler says that it has begun and waits until the test lets it go on, so the test decides
 * what happens in between.
 */
#ifndef OFFLOAD_FIXTURE_H
#define OFFLOAD_FIXTURE_H

#include "worker_pool.h"

#include <stddef.h>

/*
 * The routes:
 *     GET  /now/:id      the id and a newline, on the loop
 *     GET  /quick/:id    the same, on a worker
 *     GET  /held/:id     the same, held
 *     POST /report       held, then tells the request: see offload_fixture.c
 *     GET  /source       held, then answers with a source of one piece, "from a source\n"
 */
void offload_open(size_t workers, size_t queue);

/* Ends server and workers, in this order; nothing may be left. */
void offload_close(void);

/* The same in steps, for tests of what comes in between. */
void offload_end_workers(void);

/* Waits until one more held handler has begun. */
void offload_await_begin(void);

/* Lets `count` held handlers go on, now or when they begin. */
void offload_let_go(int count);

/* Waits until no worker has anything to do: all answers have been posted. */
void offload_await_idle(void);

/* The same, then lets the server work. */
void offload_settle(void);

struct worker_pool *offload_workers(void);

/* How many held handlers have begun. */
int offload_begun(void);

/* How many sources were made, and how many released. */
int offload_sources_made(void);
int offload_sources_released(void);

#endif
