#include "timer_wheel_model.h"

#include "container_of.h"
#include "random_numbers.h"
#include "timer_wheel.h"

#include <stdbool.h>
#include <stdlib.h>

enum {
    TICK = TIMER_WHEEL_TICK_MS,
    TURN = TIMER_WHEEL_TICK_MS * TIMER_WHEEL_SLOTS,
    PLACES = 24,
    STEPS = 60 * 1000,
    SEEDS = 8,
};

/* A place of the model; its entry lives on the heap, so that a use after its end shows. */
struct place {
    struct held_entry *held; /* NULL: none at present */
    bool started;
    uint64_t deadline; /* in ms, as it was asked for */
};

struct held_entry {
    struct timer_wheel_entry entry;
    struct place *place;
};

static struct timer_wheel wheel;
static struct place places[PLACES];
static struct random_numbers numbers;
static unsigned long long step;
static uint64_t now;      /* the clock, which goes on while callbacks run */
static uint64_t moved_to; /* where the advance in progress takes the hand */

static void on_expiry(struct timer_wheel_entry *entry);

static struct place *any_place(void)
{
    return &places[random_below(&numbers, PLACES)];
}

/* Near ones, ones about a turn away, where slots are used again, and far ones. */
static uint64_t any_delay(void)
{
    switch (random_below(&numbers, 4)) {
    case 0:
        return random_below(&numbers, 3) * TICK;
    case 1:
        return random_below(&numbers, 10 * TICK);
    case 2:
        return TURN - 20 * TICK + random_below(&numbers, 25 * TICK);
    default:
        return random_below(&numbers, 4 * TURN);
    }
}

static void start(struct place *place)
{
    uint64_t delay = any_delay();

    if (place->held == NULL) {
        place->held = calloc(1, sizeof *place->held);
        ck_assert_ptr_nonnull(place->held);
        place->held->entry.on_expiry = on_expiry;
        place->held->place = place;
    }
    timer_wheel_start(&wheel, &place->held->entry, now, delay);
    place->started = true;
    place->deadline = now + delay;
}

static void stop(struct place *place)
{
    if (place->held != NULL) {
        timer_wheel_stop(&wheel, &place->held->entry);
        place->started = false;
    }
}

static void drop(struct place *place)
{
    stop(place);
    free(place->held);
    place->held = NULL;
}

static void do_something(struct place *place)
{
    switch (random_below(&numbers, 4)) {
    case 0:
        stop(place);
        break;
    case 1:
        drop(place);
        break;
    default:
        start(place);
        break;
    }
}

static void on_expiry(struct timer_wheel_entry *entry)
{
    struct place *place = container_of(entry, struct held_entry, entry)->place;
    int number = (int)(place - places);

    if (!place->started) {
        ck_abort_msg("step %llu: entry %d expired, but is not started", step, number);
    }
    if (moved_to < place->deadline) {
        ck_abort_msg("step %llu: entry %d expired at %llu, before %llu", step, number,
                     (unsigned long long)moved_to, (unsigned long long)place->deadline);
    }
    place->started = false;
    now += random_below(&numbers, 4) == 0 ? random_below(&numbers, 3 * TICK) : 0;
    /* Half of the time nothing, so that the wheel gets empty now and then. */
    for (size_t i = random_below(&numbers, 4); i < 2; i++) {
        do_something(random_below(&numbers, 2) == 0 ? place : any_place());
    }
}

static void check_against_model(void)
{
    size_t started = 0;

    for (int i = 0; i < PLACES; i++) {
        started += places[i].started;
        bool linked = places[i].held != NULL && places[i].held->entry.link.next != NULL;
        if (linked != places[i].started) {
            ck_abort_msg("step %llu: entry %d: in the wheel: %d, in the model: %d", step, i, linked,
                         places[i].started);
        }
        if (places[i].started && places[i].deadline + TICK <= moved_to) {
            ck_abort_msg("step %llu: at %llu, entry %d still waits for %llu", step,
                         (unsigned long long)moved_to, i, (unsigned long long)places[i].deadline);
        }
    }
    if (wheel.count != started) {
        ck_abort_msg("step %llu: expected %zu entries, the wheel says %zu", step, started,
                     wheel.count);
    }
}

/* By nothing, by less than a tick, by several, by a turn and a bit, or by far more than a turn. */
static uint64_t any_pause(void)
{
    static const size_t longest[] = {1, TICK, 20 * TICK, TURN + 2 * TICK, 5 * TURN};

    return random_below(&numbers, longest[random_below(&numbers, 5)]);
}

static void advance(void)
{
    now += any_pause();
    moved_to = now;
    timer_wheel_advance(&wheel, now);
}

START_TEST(the_wheel_does_what_an_array_of_deadlines_does)
{
    numbers = random_numbers_from((uint64_t)_i);
    now = random_below(&numbers, 10 * TURN);
    moved_to = now;
    timer_wheel_init(&wheel);
    for (step = 0; step < STEPS; step++) {
        if (random_below(&numbers, 3) == 0) {
            advance();
        } else {
            do_something(any_place());
        }
        check_against_model();
    }
    for (int i = 0; i < PLACES; i++) {
        drop(&places[i]);
    }
    ck_assert_uint_eq(wheel.count, 0);
}
END_TEST

TCase *timer_wheel_model(void)
{
    TCase *cases = tcase_create("model");

    tcase_set_timeout(cases, 10);
    tcase_add_loop_test(cases, the_wheel_does_what_an_array_of_deadlines_does, 0, SEEDS);
    return cases;
}
