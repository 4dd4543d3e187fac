/* fails-at: everybody_is_watched_and_measured */
/*
 * S2-dispatcher-choice: what does an event cost, and which dispatcher is to be taken?
 *
 * exercises/S2-dispatcher-choice/README.md has the whole contract.
 */
#include "dispatcher_choice.h"

#include <errno.h>

void measure_dispatchers(const struct crowd *crowd, struct measurement *measurements, size_t count)
{
    /*
     * TODO: make a state of each dispatcher and add the crowd to it. Measure rounds of waits. Think
     * of a machine on which something else runs now and then, and of one that gets slower while you
     * measure.
     */
    (void)crowd;
    for (size_t i = 0; i < count; i++) {
        measurements[i].error = -ENOSYS;
    }
}

const struct measurement *choose_dispatcher(const struct measurement *measurements, size_t count)
{
    /* TODO: this believes everything, and prefers whoever is faster by a nanosecond. */
    const struct measurement *best = &measurements[0];

    for (size_t i = 1; i < count; i++) {
        if (measurements[i].ns_per_event < best->ns_per_event) {
            best = &measurements[i];
        }
    }
    return best;
}
