/*
 * event_loop_thread: a thread that makes a reactor and runs it.
 *
 * The lectures' first problem: how does the parent know that the child's loop exists? A state, a
 * mutex and a condition. The child makes its loop, changes the state under the mutex and signals;
 * the parent waits while the state is 'starting'. A failure is a state of its own, so it ends the
 * waiting, too.
 */
#ifndef EVENT_LOOP_THREAD_H
#define EVENT_LOOP_THREAD_H

#include "reactor.h"

#include <pthread.h>

struct event_loop_thread;

struct event_loop_thread_config {
    const struct reactor_config *reactor;
    struct thread_pool *pool;
    struct loop_load *load;
    unsigned index; /* the thread's name is sub-reactor-INDEX, visible in top -H */
    /* On the child's thread: the loop ended by itself, with -errno. Its connections are closed. */
    void (*on_failure)(struct event_loop_thread *thread, int error);
};

enum loop_state {
    LOOP_STARTING,
    LOOP_READY,
    LOOP_NOT_STARTED, /* the child could not make it; `error` says why */
    LOOP_ENDED,       /* out of its run, its connections closed, its memory still there */
    LOOP_RELEASING,   /* the parent says that nobody needs that memory any more */
};

struct event_loop_thread {
    struct event_loop_thread_config config;
    pthread_t thread;
    struct reactor reactor;
    struct mailbox_task quit;

    pthread_mutex_t mutex;
    pthread_cond_t changed;
    /* Guarded by the mutex: */
    enum loop_state state;
    int error; /* why it was not started: set before the state says so */
};

/*
 * Thread: the parent's. Returns when the child's loop runs, or with the -errno of what failed, the
 * thread's creation or the loop's; nothing is left behind then. Not movable once started.
 */
int event_loop_thread_start(struct event_loop_thread *thread,
                            const struct event_loop_thread_config *config);

/*
 * Thread: the parent's. Has the loop quit and close its connections, and returns when it has. The
 * reactor itself stays, for other loops that may still be reading its counters. A second call does
 * nothing.
 */
void event_loop_thread_quit(struct event_loop_thread *thread);

/*
 * Thread: the parent's. Quits if need be, has the reactor released on its own thread, and joins it.
 */
void event_loop_thread_stop(struct event_loop_thread *thread);

#endif
