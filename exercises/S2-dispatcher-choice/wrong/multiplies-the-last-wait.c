/* caught-by: not_every_wait_reports */
/* Takes the events of the last wait times the waits: the crowd is always the same, is it not? */
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

/* One round. What it cost is noted if it is the best so far; an error is noted, too. */
static void run_round(const struct crowd *crowd, struct measurement *measurement, void *state)
{
    const struct event_dispatcher *dispatcher = measurement->dispatcher;
    struct ready_event events[ROOM];
    uint64_t reported = 0;
    int count = 0;

    uint64_t start = crowd->now_ns();
    for (int i = 0; count >= 0 && i < crowd->waits; i++) {
        count = dispatcher->wait(state, 0, events, ROOM);
        reported += count > 0 ? (uint64_t)count : 0;
    }
    uint64_t end = crowd->now_ns();
    if (count < 0) {
        measurement->error = count;
    } else if (count > 0) {
        reported = (uint64_t)count * (uint64_t)crowd->waits;
        double ns_per_event = (double)(end - start) / (double)reported;
        /* A disturbance only ever adds time: the least is the nearest to the truth. */
        if (ns_per_event < measurement->ns_per_event) {
            measurement->ns_per_event = ns_per_event;
        }
    }
}

void measure_dispatchers(const struct crowd *crowd, struct measurement *measurements, size_t count)
{
    void *states[DISPATCHER_CHOICE_MOST] = {0};

    for (size_t i = 0; i < count; i++) {
        const struct event_dispatcher *dispatcher = measurements[i].dispatcher;
        measurements[i].ns_per_event = INFINITY;
        measurements[i].error = dispatcher->create(&states[i]);
        if (measurements[i].error == 0) {
            measurements[i].error = watch_all(crowd, dispatcher, states[i]);
        } else {
            states[i] = NULL;
        }
    }
    /* All have their first round before one has its second: a slow minute is slow for all. */
    for (int round = 0; round < crowd->rounds; round++) {
        for (size_t i = 0; i < count; i++) {
            if (measurements[i].error == 0) {
                run_round(crowd, &measurements[i], states[i]);
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (measurements[i].error == 0 && isinf(measurements[i].ns_per_event)) {
            measurements[i].error = -ENODATA;
        }
        if (states[i] != NULL) {
            measurements[i].dispatcher->destroy(states[i]);
        }
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
