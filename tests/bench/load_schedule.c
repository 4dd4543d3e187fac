#include "load_schedule.h"

static const uint64_t SECOND_NS = 1000000000;

/* Ten minutes at a million a second: the products stay far below 2^64. */
static uint64_t due_ns(const struct load_schedule *schedule, uint64_t request)
{
    /* Rounded up, so that a request is never waiting before it is due. */
    return schedule->start_ns + (request * SECOND_NS + schedule->rate - 1) / schedule->rate;
}

uint64_t load_schedule_waiting(const struct load_schedule *schedule, uint64_t now_ns)
{
    uint64_t last_ns = now_ns < schedule->end_ns ? now_ns : schedule->end_ns - 1;

    if (last_ns < schedule->start_ns) {
        return 0;
    }
    /* The first is due at the start itself. */
    uint64_t due = (last_ns - schedule->start_ns) * schedule->rate / SECOND_NS + 1;
    return due > schedule->taken ? due - schedule->taken : 0;
}

uint64_t load_schedule_next_ns(const struct load_schedule *schedule)
{
    return due_ns(schedule, schedule->taken);
}

uint64_t load_schedule_take(struct load_schedule *schedule)
{
    return due_ns(schedule, schedule->taken++);
}
