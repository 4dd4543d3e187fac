/*
 * scripted_stage: workers and a mailbox that do what a script says.
 *
 * The functions of worker_pool.h and mailbox.h are defined in check_stage.c. A worker runs a job
 * when the script says so, on a thread of its own; the loop is the check's thread, and takes its
 * mail when the script says so. So each order of events can be had, every time.
 */
#ifndef SCRIPTED_STAGE_H
#define SCRIPTED_STAGE_H

#include "mailbox.h"
#include "worker_pool.h"

#include <pthread.h>

/* A fresh pool whose queue has so many places, and a fresh mailbox with the loop's reference. */
void stage_begin(size_t capacity);
struct worker_pool *stage_workers(void);
struct mailbox *stage_mailbox(void);

/* A worker takes the next job and runs it: to its end, or it is waited for later. */
void worker_runs_one(void);
void worker_starts_one(pthread_t *ret_thread);
void worker_ends(pthread_t thread);

/* For free-running workers. Runs a job if there is one; returns whether there was. */
bool worker_tries_one(void);

/* From now on a worker runs each job to its end before the submit returns. */
void workers_are_fast(void);

/* The loop runs the tasks that are in its mailbox; returns how many. */
size_t loop_takes_mail(void);

/* The loop ends: the mailbox is closed, what is in it dropped, the loop's reference given back. */
void loop_ends(void);

bool on_worker_thread(void);
size_t stage_references(void); /* to the mailbox */
size_t stage_jobs_waiting(void);

/* What was done that the stage's headers forbid, or NULL. */
const char *stage_misdeed(void);

#endif
