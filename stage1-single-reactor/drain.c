#include "drain.h"

#include "container_of.h"

#include <time.h>

enum { STEP_MS = 100 };

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* After the batch: a request that was reported together with the tick has been read by now. */
static void run_step(struct deferred *step)
{
    struct drain *drain = container_of(step, struct drain, step);

    if (connection_table_count(drain->table) == 0) {
        timer_stop(&drain->timer);
        drain->running = false;
        drain->on_done(drain);
    } else if (now_ms() < drain->deadline_ms) {
        connection_table_drain_quiet(drain->table);
    } else {
        /* They are gone after the next batch; the next tick sees an empty table. */
        drain->cut_off = connection_table_count(drain->table);
        connection_table_close_all(drain->table);
    }
}

static void on_tick(struct timer *timer)
{
    struct drain *drain = container_of(timer, struct drain, timer);

    if (!drain->step.queued) {
        event_loop_defer(connection_table_loop(drain->table), &drain->step);
    }
}

int drain_init(struct drain *drain, struct connection_table *table)
{
    *drain = (struct drain){.table = table, .step.run = run_step};
    return timer_init(&drain->timer, connection_table_loop(table), on_tick);
}

void drain_release(struct drain *drain)
{
    timer_release(&drain->timer);
}

void drain_start(struct drain *drain, unsigned timeout_ms, void (*on_done)(struct drain *drain))
{
    if (drain->on_done != NULL) {
        return;
    }
    drain->on_done = on_done;
    drain->running = true;
    drain->deadline_ms = now_ms() + timeout_ms;
    /* Notes who is active from here on; nobody is quiet yet who has just been adopted. */
    connection_table_drain_quiet(drain->table);
    timer_start(&drain->timer, connection_table_count(drain->table) > 0 ? STEP_MS : 1);
}
