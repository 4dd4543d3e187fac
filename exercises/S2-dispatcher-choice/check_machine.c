#include "check_machine.h"

#include "grader.h"

#include <errno.h>

enum { CLOCK_NS = 20, CREATE_NS = 500000, ADD_NS = 5000, DESTROY_NS = 700000 };

static const char PROMISES[] =
    "a dispatcher gets its crowd with EVENT_READ, each descriptor once, and "
    "then waits with time-out 0 and room for 16 events (contract, 1 and 2)";

struct machine machine;

void machine_reset(const struct crowd *crowd)
{
    machine = (struct machine){.crowd = crowd, .now_ns = 1000000};
    for (int i = 0; i < FAKES; i++) {
        machine.fakes[i].base_ns = (uint64_t)(i + 1) * 1000;
        machine.fakes[i].per_wait = 1;
    }
}

uint64_t machine_clock(void)
{
    machine.clock_reads++;
    machine.now_ns += CLOCK_NS;
    return machine.now_ns;
}

static uint64_t ns_of_wait(const struct fake *fake)
{
    return fake->base_ns + fake->ns_per_watched * (machine.crowd->idle_count + 1);
}

double machine_truth(int fake)
{
    const struct fake *one = &machine.fakes[fake];

    return (double)ns_of_wait(one) / one->per_wait * (one->every_other ? 2 : 1);
}

static int create(int number, void **ret_state)
{
    struct fake *fake = &machine.fakes[number];

    machine.now_ns += CREATE_NS;
    fake->creates++;
    if (fake->create_error != 0) {
        return fake->create_error;
    }
    *ret_state = fake;
    return 0;
}

static int create_0(void **ret_state)
{
    return create(0, ret_state);
}

static int create_1(void **ret_state)
{
    return create(1, ret_state);
}

static int create_2(void **ret_state)
{
    return create(2, ret_state);
}

static void destroy(void *state)
{
    struct fake *fake = state;

    grader_expect(fake != NULL, PROMISES, "expected destroy with a state, got NULL");
    machine.now_ns += DESTROY_NS;
    fake->destroys++;
}

static bool is_of_the_crowd(int fd)
{
    for (size_t i = 0; i < machine.crowd->idle_count; i++) {
        if (machine.crowd->idle[i] == fd) {
            return true;
        }
    }
    return fd == machine.crowd->ready;
}

static int add(void *state, int fd, unsigned events)
{
    struct fake *fake = state;

    machine.now_ns += ADD_NS;
    machine.late_set = machine.late_set || machine.waits > 0;
    grader_expect(is_of_the_crowd(fd) && events == EVENT_READ, PROMISES,
                  "expected an add of one of the crowd with READ (1), got descriptor %d with %u",
                  fd, events);
    fake->adds++;
    return fake->adds == fake->add_error_at ? -ERANGE : 0;
}

static int update(void *state, int fd, unsigned events)
{
    (void)state;
    grader_expect(false, PROMISES, "expected no update; got descriptor %d, interest %u", fd,
                  events);
    return 0;
}

static int take_out(void *state, int fd)
{
    (void)state, (void)fd;
    machine.now_ns += ADD_NS;
    return 0;
}

/* Before this fake waits once more: how far is it ahead of those that take part? */
static void note_lead(const struct fake *fake)
{
    for (int i = 0; i < FAKES; i++) {
        const struct fake *other = &machine.fakes[i];
        bool takes_part = other->creates > 0 && other->create_error == 0 &&
                          other->add_error_at == 0 && other->wait_error_at == 0;
        if (takes_part && fake->waits - other->waits > machine.most_ahead) {
            machine.most_ahead = fake->waits - other->waits;
        }
    }
}

static int wait(void *state, int timeout_ms, struct ready_event *ret, size_t capacity)
{
    struct fake *fake = state;
    int round = fake->waits / machine.crowd->waits;
    uint64_t ns = ns_of_wait(fake);

    grader_expect(timeout_ms == 0 && capacity >= 16, PROMISES,
                  "expected time-out 0 and room for 16 or more, got %d and %zu", timeout_ms,
                  capacity);
    grader_expect(fake->adds == (int)machine.crowd->idle_count + 1, PROMISES,
                  "expected %zu adds before the first wait, got %d", machine.crowd->idle_count + 1,
                  fake->adds);
    grader_expect(round < machine.crowd->rounds, PROMISES,
                  "expected %d rounds of %d waits, got one more wait", machine.crowd->rounds,
                  machine.crowd->waits);
    fake->waits++;
    machine.waits++;
    note_lead(fake);
    if (fake->waits == fake->wait_error_at) {
        return -EBADF;
    }
    if (fake->disturbed[round] != 0) {
        ns *= (uint64_t)fake->disturbed[round];
    }
    if (machine.slow_from != 0 && machine.waits >= machine.slow_from) {
        ns *= 3;
    }
    machine.now_ns += ns;
    if (fake->empty[round] || (fake->every_other && fake->waits % 2 == 0)) {
        return 0;
    }
    for (int i = 0; i < fake->per_wait; i++) {
        ret[i] = (struct ready_event){.fd = machine.crowd->ready, .events = EVENT_READ};
    }
    return fake->per_wait;
}

#define FAKE(number)                                                                               \
    {                                                                                              \
        .name = "fake " #number, .create = create_##number, .destroy = destroy, .add = add,        \
        .update = update, .remove = take_out, .wait = wait                                         \
    }

const struct event_dispatcher fake_dispatchers[FAKES] = {FAKE(0), FAKE(1), FAKE(2)};
