/* The timer wheel: its edges by a table, all else against a model that scans an array. */
#include "timer_wheel.h"

#include "container_of.h"
#include "suite_runner.h"
#include "timer_wheel_model.h"

#include <string.h>

enum { TICK = TIMER_WHEEL_TICK_MS, TURN = TIMER_WHEEL_TICK_MS * TIMER_WHEEL_SLOTS };

static struct timer_wheel wheel;

static void make_wheel(void)
{
    timer_wheel_init(&wheel);
}

/* An entry that counts, and that may do one thing when its time is up. */
struct alarm {
    struct timer_wheel_entry entry;
    int rings;
    struct timer_wheel_entry *other;
    uint64_t now;
    uint64_t delay;
};

static void ring(struct timer_wheel_entry *entry)
{
    container_of(entry, struct alarm, entry)->rings++;
}

static void ring_and_start_other(struct timer_wheel_entry *entry)
{
    struct alarm *alarm = container_of(entry, struct alarm, entry);

    alarm->rings++;
    timer_wheel_start(&wheel, alarm->other, alarm->now, alarm->delay);
}

static void ring_and_stop_other(struct timer_wheel_entry *entry)
{
    struct alarm *alarm = container_of(entry, struct alarm, entry);

    alarm->rings++;
    timer_wheel_stop(&wheel, alarm->other);
}

static void expect_rings(const struct alarm *alarm, int expected, uint64_t now)
{
    ck_assert_msg(alarm->rings == expected, "at %llu ms: expected %d rings, got %d",
                  (unsigned long long)now, expected, alarm->rings);
}

/* Started at `start` with `delay`, it is silent up to the last ms before `rings_at`. */
static const struct {
    uint64_t start;
    uint64_t delay;
    uint64_t rings_at;
} edges[] = {
    {0, 0, TICK},
    {0, 1, TICK},
    {0, TICK, TICK},
    {0, TICK + 1, 2 * TICK},
    {TICK / 2, 0, TICK},
    {TICK / 2, TICK / 2, TICK},
    {TICK / 2, TICK / 2 + 1, 2 * TICK},
    {TICK - 1, 1, TICK},
    {TICK - 1, 2, 2 * TICK},
    {0, TURN - TICK, TURN - TICK},
    {0, TURN - 1, TURN},
    {0, TURN, TURN},
    {0, TURN + 1, TURN + TICK},
    {0, TURN + TICK, TURN + TICK},
    {0, 2 * TURN, 2 * TURN},
    {123456789, 10 * TURN, 123456800 + 10 * TURN},
};

enum { EDGES = sizeof edges / sizeof edges[0] };

START_TEST(an_entry_expires_with_its_tick_and_not_before)
{
    struct alarm alarm = {.entry.on_expiry = ring};
    uint64_t at = edges[_i].rings_at;

    timer_wheel_start(&wheel, &alarm.entry, edges[_i].start, edges[_i].delay);
    ck_assert_uint_eq(wheel.count, 1);
    timer_wheel_advance(&wheel, at - 1);
    expect_rings(&alarm, 0, at - 1);
    timer_wheel_advance(&wheel, at);
    expect_rings(&alarm, 1, at);
    ck_assert_uint_eq(wheel.count, 0);
    timer_wheel_advance(&wheel, at + 3 * TURN);
    expect_rings(&alarm, 1, at + 3 * TURN);
}
END_TEST

START_TEST(it_makes_no_difference_in_how_many_steps_the_hand_moves)
{
    struct alarm alarm = {.entry.on_expiry = ring};
    uint64_t at = edges[_i].rings_at;

    timer_wheel_start(&wheel, &alarm.entry, edges[_i].start, edges[_i].delay);
    for (uint64_t now = edges[_i].start; now < at; now += TICK / 4) {
        timer_wheel_advance(&wheel, now);
        expect_rings(&alarm, 0, now);
    }
    timer_wheel_advance(&wheel, at);
    expect_rings(&alarm, 1, at);
}
END_TEST

START_TEST(after_any_pause_one_advance_is_enough)
{
    enum { MANY = 3 * TIMER_WHEEL_SLOTS };
    static struct alarm alarms[MANY];
    uint64_t later = (uint64_t)1000 * 3600 * 24 * 365;

    for (size_t i = 0; i < MANY; i++) {
        alarms[i].entry.on_expiry = ring;
        timer_wheel_start(&wheel, &alarms[i].entry, 7, i * TICK);
    }
    timer_wheel_advance(&wheel, later);
    for (size_t i = 0; i < MANY; i++) {
        expect_rings(&alarms[i], 1, later);
    }
    ck_assert_uint_eq(wheel.count, 0);
}
END_TEST

START_TEST(an_empty_wheel_that_nobody_moved_begins_at_the_present)
{
    struct alarm alarm = {.entry.on_expiry = ring};
    uint64_t now = 100 * TURN;

    timer_wheel_start(&wheel, &alarm.entry, now, TICK);
    timer_wheel_advance(&wheel, now + TICK - 1);
    expect_rings(&alarm, 0, now + TICK - 1);
    timer_wheel_advance(&wheel, now + TICK);
    expect_rings(&alarm, 1, now + TICK);
}
END_TEST

START_TEST(a_stopped_entry_is_silent_and_may_be_stopped_again)
{
    struct alarm alarm = {.entry.on_expiry = ring};

    timer_wheel_stop(&wheel, &alarm.entry);
    timer_wheel_start(&wheel, &alarm.entry, 0, TICK);
    timer_wheel_stop(&wheel, &alarm.entry);
    timer_wheel_stop(&wheel, &alarm.entry);
    ck_assert_uint_eq(wheel.count, 0);
    timer_wheel_advance(&wheel, TURN);
    expect_rings(&alarm, 0, TURN);
}
END_TEST

START_TEST(a_restart_counts_and_not_the_start)
{
    static const struct {
        uint64_t delay;
        uint64_t rings_at;
    } restarts[] = {
        {TICK, 2 * TICK}, {5 * TICK, 6 * TICK}, {0, 2 * TICK}, {3 * TURN, 3 * TURN + TICK}};

    for (size_t i = 0; i < sizeof restarts / sizeof restarts[0]; i++) {
        struct alarm alarm = {.entry.on_expiry = ring};
        make_wheel();
        timer_wheel_start(&wheel, &alarm.entry, 0, 4 * TICK);
        timer_wheel_advance(&wheel, TICK);
        timer_wheel_start(&wheel, &alarm.entry, TICK, restarts[i].delay);
        ck_assert_uint_eq(wheel.count, 1);
        timer_wheel_advance(&wheel, restarts[i].rings_at - 1);
        expect_rings(&alarm, 0, restarts[i].rings_at - 1);
        timer_wheel_advance(&wheel, restarts[i].rings_at);
        expect_rings(&alarm, 1, restarts[i].rings_at);
    }
}
END_TEST

/* What a connection does with each request must not cost list work. */
START_TEST(a_restart_to_a_later_time_leaves_the_lists_as_they_are)
{
    struct alarm alarm = {.entry.on_expiry = ring};
    struct alarm neighbour = {.entry.on_expiry = ring};
    static struct timer_wheel_link slots[TIMER_WHEEL_SLOTS];

    timer_wheel_start(&wheel, &neighbour.entry, 0, 10 * TICK);
    timer_wheel_start(&wheel, &alarm.entry, 0, 10 * TICK);
    struct timer_wheel_link link = alarm.entry.link;
    memcpy(slots, wheel.slots, sizeof slots);
    for (uint64_t now = 0; now < 10 * TICK; now += TICK / 10) {
        timer_wheel_start(&wheel, &alarm.entry, now, 10 * TICK);
        ck_assert_ptr_eq(alarm.entry.link.next, link.next);
        ck_assert_ptr_eq(alarm.entry.link.previous, link.previous);
        ck_assert_int_eq(memcmp(slots, wheel.slots, sizeof slots), 0);
    }
    timer_wheel_advance(&wheel, 10 * TICK);
    expect_rings(&alarm, 0, 10 * TICK);
    expect_rings(&neighbour, 1, 10 * TICK);
    ck_assert_ptr_nonnull(alarm.entry.link.next);
}
END_TEST

/* Each visit of the hand at an entry that stays hangs it up elsewhere, and that shows in `due`. */
START_TEST(the_hand_visits_a_far_entry_once_a_turn)
{
    enum { TURNS = 10 };
    struct alarm alarm = {.entry.on_expiry = ring};
    int visits = 0;

    timer_wheel_start(&wheel, &alarm.entry, 0, (uint64_t)TURNS * TURN);
    for (uint64_t now = 0; now < (uint64_t)TURNS * TURN; now += TICK) {
        uint64_t due = alarm.entry.due;
        timer_wheel_advance(&wheel, now);
        visits += alarm.entry.due != due;
    }
    ck_assert_msg(visits >= 1 && visits <= TURNS + 1, "%d visits in %d turns", visits, TURNS);
    expect_rings(&alarm, 0, (uint64_t)TURNS * TURN - TICK);
}
END_TEST

START_TEST(an_expired_entry_may_start_itself_again)
{
    struct alarm alarm = {.entry.on_expiry = ring_and_start_other, .delay = TICK};

    alarm.other = &alarm.entry;
    timer_wheel_start(&wheel, &alarm.entry, 0, TICK);
    for (int i = 1; i <= 1000; i++) {
        alarm.now = (uint64_t)i * TICK;
        timer_wheel_advance(&wheel, alarm.now);
        expect_rings(&alarm, i, alarm.now);
        ck_assert_uint_eq(wheel.count, 1);
    }
}
END_TEST

/*
 * The only entry expires while the hand lags behind the clock, and is started again for a time that
 * is one turn from where the hand is. Moving the hand of the empty wheel then would bring the entry
 * back to the very list that is being emptied, for ever.
 */
START_TEST(a_restart_while_the_hand_lags_does_not_come_back_to_the_same_visit)
{
    for (uint64_t lag = 0; lag < 20; lag++) {
        for (uint64_t delay = TURN - 25 * TICK; delay <= TURN + 5 * TICK; delay += TICK) {
            struct alarm alarm = {.entry.on_expiry = ring_and_start_other, .delay = delay};
            make_wheel();
            alarm.other = &alarm.entry;
            timer_wheel_start(&wheel, &alarm.entry, 0, TICK);
            alarm.now = (1 + lag) * TICK;
            timer_wheel_advance(&wheel, alarm.now);
            expect_rings(&alarm, 1, alarm.now);
            timer_wheel_advance(&wheel, alarm.now + delay - 1);
            expect_rings(&alarm, 1, alarm.now + delay - 1);
            timer_wheel_advance(&wheel, alarm.now + delay);
            expect_rings(&alarm, 2, alarm.now + delay);
        }
    }
}
END_TEST

START_TEST(of_two_that_expire_together_the_first_may_stop_or_move_the_second)
{
    static const struct {
        void (*on_expiry)(struct timer_wheel_entry *entry);
        int rings_in_the_end;
    } cases[] = {{ring_and_stop_other, 0}, {ring_and_start_other, 1}};

    for (size_t i = 0; i < 2; i++) {
        struct alarm second = {.entry.on_expiry = ring};
        struct alarm first = {.entry.on_expiry = cases[i].on_expiry,
                              .other = &second.entry,
                              .now = TICK,
                              .delay = 3 * TICK};
        make_wheel();
        timer_wheel_start(&wheel, &first.entry, 0, TICK);
        timer_wheel_start(&wheel, &second.entry, 0, TICK);
        timer_wheel_advance(&wheel, TICK);
        expect_rings(&first, 1, TICK);
        expect_rings(&second, 0, TICK);
        timer_wheel_advance(&wheel, 4 * TICK);
        expect_rings(&second, cases[i].rings_in_the_end, 4 * TICK);
        ck_assert_uint_eq(wheel.count, 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("timer_wheel");
    TCase *times = tcase_create("times");
    TCase *callbacks = tcase_create("callbacks");

    tcase_add_checked_fixture(times, make_wheel, NULL);
    tcase_add_loop_test(times, an_entry_expires_with_its_tick_and_not_before, 0, EDGES);
    tcase_add_loop_test(times, it_makes_no_difference_in_how_many_steps_the_hand_moves, 0, EDGES);
    tcase_add_test(times, after_any_pause_one_advance_is_enough);
    tcase_add_test(times, an_empty_wheel_that_nobody_moved_begins_at_the_present);
    tcase_add_test(times, a_stopped_entry_is_silent_and_may_be_stopped_again);
    tcase_add_test(times, a_restart_counts_and_not_the_start);
    tcase_add_test(times, a_restart_to_a_later_time_leaves_the_lists_as_they_are);
    tcase_add_test(times, the_hand_visits_a_far_entry_once_a_turn);
    suite_add_tcase(suite, times);
    tcase_add_checked_fixture(callbacks, make_wheel, NULL);
    tcase_add_test(callbacks, an_expired_entry_may_start_itself_again);
    tcase_add_test(callbacks, a_restart_while_the_hand_lags_does_not_come_back_to_the_same_visit);
    tcase_add_test(callbacks, of_two_that_expire_together_the_first_may_stop_or_move_the_second);
    suite_add_tcase(suite, callbacks);
    suite_add_tcase(suite, timer_wheel_model());
    return run_suite(suite);
}
