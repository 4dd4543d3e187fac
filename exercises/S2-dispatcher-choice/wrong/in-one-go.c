/* caught-by: only_the_waits_count */
/* One look at the clock before and one after all: what is done once is shared out among the events. */
#include "dispatcher_choice.h"

#include <errno.h>
#include <math.h>

enum { ROOM = 64 };

static int watch_all(const struct crowd *crowd, const struct event_dispatcher *dispatcher,
                     void *state)
{
    int result = dispatcher->add(state, crowd->ready, EVENT_READ);

    for (size_t i = 0; result == 0 && i < crowd->idle_count; i++) {
        result = dispatcher->add(state, crowd->idle[i], EVENT_READ);
    }
    return result;
}

/* All rounds at once. Returns the events, or -errno. */
static int run(const struct crowd *crowd, const struct event_dispatcher *dispatcher, void *state)
{
    struct ready_event events[ROOM];
    int reported = 0;

    for (int i = 0; i < crowd->rounds * crowd->waits; i++) {
        int count = dispatcher->wait(state, 0, events, ROOM);
        if (count < 0) {
            return count;
        }
        reported += count;
    }
    return reported > 0 ? reported : -ENODATA;
}

static void measure(const struct crowd *crowd, struct measurement *measurement)
{
    const struct event_dispatcher *dispatcher = measurement->dispatcher;
    uint64_t start = crowd->now_ns();
    void *state;

    measurement->error = dispatcher->create(&state);
    if (measurement->error < 0) {
        return;
    }
    int result = watch_all(crowd, dispatcher, state);
    if (result == 0) {
        result = run(crowd, dispatcher, state);
    }
    dispatcher->destroy(state);
    measurement->error = result < 0 ? result : 0;
    measurement->ns_per_event = (double)(crowd->now_ns() - start) / result;
}

void measure_dispatchers(const struct crowd *crowd, struct measurement *measurements, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        measure(crowd, &measurements[i]);
    }
}

const struct measurement *choose_dispatcher(const struct measurement *measurements, size_t count)
{
    double least = INFINITY;

    for (size_t i = 0; i < count; i++) {
        if (measurements[i].error == 0 && measurements[i].ns_per_event < least) {
            least = measurements[i].ns_per_event;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (measurements[i].error == 0 && measurements[i].ns_per_event <= 1.1 * least) {
            return &measurements[i];
        }
    }
    return NULL;
}
