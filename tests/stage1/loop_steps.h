/*
 * loop_steps: an event loop that a test drives one batch at a time.
 *
 * event_loop_run returns when the loop quits, and a loop that has quit stays so. Here it runs on a
 * copy of a dispatcher's table whose second wait ends the run with an error: what remains is one
 * wait, its callbacks and the deferred work. Nothing else is changed; the state is the real
 * dispatcher's own.
 *
 * One such dispatcher a process: each test has a process of its own.
 */
#ifndef LOOP_STEPS_H
#define LOOP_STEPS_H

#include "timer.h"

/* The caller destroys the loop. Fails the test if there is none. */
struct event_loop *loop_steps_create(const struct event_dispatcher *dispatcher);

/*
 * Runs one batch and then all deferred work. Waits until something is ready, unless work is
 * deferred; if for ten seconds nothing is, the test fails. Returns how many descriptors were
 * reported.
 */
int one_batch(struct event_loop *loop);

/* As one_batch, but does not wait: 0 says that nothing is ready, so that the loop would sleep. */
int batch_ready_now(struct event_loop *loop);

/* Runs `count` batches without a break, as a loop does it by itself; each must have something
 * ready. */
void several_batches(struct event_loop *loop, int count);

/* Batches until the condition holds. If it never does, the test ends by its time-out. */
#define batches_until(loop, condition)                                                             \
    do {                                                                                           \
        while (!(condition)) {                                                                     \
            one_batch(loop);                                                                       \
        }                                                                                          \
    } while (0)

/* Batches until the loop would sleep. */
void batches_until_quiet(struct event_loop *loop);

/* Whether the timer will expire some time. One that nobody stopped wakes the loop for nothing. */
bool timer_is_armed(const struct timer *timer);

/* After `spared` more calls the dispatcher's add fails with `error` (positive; 0: works again). */
void loop_steps_fail_add(int spared, int error);

/* From here on the dispatcher's update fails with `error` (positive; 0: works again). */
void loop_steps_fail_update(int error);

#endif
