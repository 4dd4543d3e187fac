#include "drain.h"

#include "container_of.h"

enum { STEP_MS = 100 };

static void on_step(struct timer *timer)
{
    struct drain *drain = container_of(timer, struct drain, timer);

    if (connection_table_count(drain->table) == 0) {
        timer_stop(timer);
        drain->running = false;
        drain->on_done(drain);
        return;
    }
    if (drain->steps_left > 0) {
        drain->steps_left--;
        connection_table_drain_quiet(drain->table);
        return;
    }
    drain->cut_off = connection_table_count(drain->table);
    /* They are gone after this batch; the next step sees an empty table. */
    connection_table_close_all(drain->table);
}

int drain_init(struct drain *drain, struct connection_table *table)
{
    *drain = (struct drain){.table = table};
    return timer_init(&drain->timer, connection_table_loop(table), on_step);
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
    drain->steps_left = timeout_ms / STEP_MS;
    /* Notes who is active from here on; nobody is quiet yet who has just been adopted. */
    connection_table_drain_quiet(drain->table);
    timer_start(&drain->timer, connection_table_count(drain->table) > 0 ? STEP_MS : 1);
}
