/*
 * scripted_dispatcher: does what another dispatcher does, and fails when the script says so.
 *
 * The table has no room for a context, so there is one script a process, which is one a test.
 */
#ifndef SCRIPTED_DISPATCHER_H
#define SCRIPTED_DISPATCHER_H

#include "event_dispatcher.h"
#include "fault.h"

#include <semaphore.h>

struct dispatcher_script {
    const struct event_dispatcher *inner;
    struct fault create;
    int add_error; /* 0: works */
    int update_error;
    sem_t *waiting; /* NULL or posted at every wait */
};

extern struct dispatcher_script dispatcher_script;

/* The next wait on the calling thread fails with this -errno: the end of that thread's loop. */
extern _Thread_local int dispatcher_wait_error;

/* Wraps `inner`. */
const struct event_dispatcher *scripted_dispatcher(const struct event_dispatcher *inner);

#endif
