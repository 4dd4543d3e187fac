/* The grader of S4-timer-wheel: what rings, when, in which order, and what a callback may do. */
#include "check_parts.h"
#include "container_of.h"
#include "grader.h"
#include "wheel.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { MOST_RINGS = 4096, FREED = 0xEE };

static const char EXACT[] = "a timer added with delay d rings d ticks later, not before and not "
                            "after (contract, 1)";
static const char RANGE[] = "a delay of 0, or above 65535, is -ERANGE and changes nothing "
                            "(contract, 1)";
static const char CANCEL[] = "wheel_cancel returns whether the timer was in the wheel; then it "
                             "does not ring (contract, 2)";
static const char AGAIN[] = "adding a timer that is in the wheel moves it: it counts as added now "
                            "(contract, 3)";
static const char ORDER[] = "timers ring in the order of their ticks, those of one tick in the "
                            "order in which they were added (contract, 4)";
static const char NOW[] = "inside ring, wheel_now is the tick the timer was due at; afterwards it "
                          "is where advance was to go (contract, 5)";
static const char CALLBACK[] = "ring may add and cancel any timer; what becomes due within the "
                               "jump rings within it (contract, 6)";
static const char OWNER[] = "a timer that rings or is cancelled is out of the wheel, and its "
                            "memory is the owner's again (contract, 7)";
static const char APART[] = "wheels know nothing of each other (contract, 8)";

struct probe {
    struct wheel_timer timer;
    int id;
    void (*then)(struct probe *probe); /* what its callback does besides noting the call; or NULL */
};

static struct wheel *wheel;

/* What rang, in order. */
static struct {
    int ids[MOST_RINGS];
    uint64_t ticks[MOST_RINGS];
    int count;
} rings;

static void ring(struct wheel_timer *timer)
{
    struct probe *probe = container_of(timer, struct probe, timer);

    grader_expect(rings.count < MOST_RINGS, EXACT, "expected fewer rings than %d, they do not end",
                  MOST_RINGS);
    rings.ids[rings.count] = probe->id;
    rings.ticks[rings.count] = wheel_now(wheel);
    rings.count++;
    if (probe->then != NULL) {
        probe->then(probe);
    }
}

static struct probe make_probe(int id)
{
    return (struct probe){.timer = {.ring = ring}, .id = id};
}

static void make_probes(struct probe *probes, int count)
{
    for (int i = 0; i < count; i++) {
        probes[i] = make_probe(i);
    }
}

static void set_up(void)
{
    memset(&rings, 0, sizeof rings);
    wheel = wheel_create();
    grader_expect(wheel != NULL, "wheel_create makes a wheel", "expected a wheel, got NULL");
}

static void tear_down(void)
{
    wheel_destroy(wheel);
}

static void add(struct probe *probe, uint64_t delay)
{
    int result = wheel_add(wheel, &probe->timer, delay);

    grader_expect(result == 0, RANGE, "add of timer %d with delay %" PRIu64 ": expected 0, got %d",
                  probe->id, delay, result);
}

static void advance(uint64_t ticks)
{
    uint64_t end = wheel_now(wheel) + ticks;

    wheel_advance(wheel, ticks);
    grader_expect(wheel_now(wheel) == end, NOW,
                  "after advance: expected wheel_now %" PRIu64 ", got %" PRIu64, end,
                  wheel_now(wheel));
}

static void expect_rings(int count, const int ids[], const uint64_t ticks[])
{
    for (int i = 0; i < count && i < rings.count; i++) {
        grader_expect(rings.ids[i] == ids[i], ORDER, "ring %d: expected timer %d, got timer %d", i,
                      ids[i], rings.ids[i]);
        grader_expect(rings.ticks[i] == ticks[i], NOW,
                      "timer %d: expected wheel_now to be %" PRIu64 " when it rings, got %" PRIu64,
                      ids[i], ticks[i], rings.ticks[i]);
    }
    grader_expect(rings.count == count, EXACT, "expected %d rings, got %d", count, rings.count);
}

/* The delay of each run of the check, by itself, from several positions of the wheel. */
static const uint64_t delays[] = {1, 2, 7, 63, 64, 255, 256, 257, 511, 512, 513, 4096, 65535};
enum { DELAYS = sizeof delays / sizeof delays[0] };

START_TEST(a_timer_rings_at_its_tick)
{
    static const uint64_t starts[] = {0, 1, 200, 255, 256, 300, 65535};

    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        struct probe probe = make_probe(1);
        uint64_t start = starts[i];
        advance(start - wheel_now(wheel));
        rings.count = 0;
        grader_step("at tick %" PRIu64 ": add with delay %" PRIu64, start, delays[_i]);
        add(&probe, delays[_i]);
        /* In small steps, the last of them one tick. */
        uint64_t stride = delays[_i] / 600 + 1;
        for (uint64_t passed = 0; passed < delays[_i] - 1; passed += stride) {
            uint64_t left = delays[_i] - 1 - passed;
            advance(left < stride ? left : stride);
            grader_expect(rings.count == 0, EXACT, "%" PRIu64 " ticks early: expected no ring yet",
                          start + delays[_i] - wheel_now(wheel));
        }
        advance(1);
        grader_expect(rings.count == 1, EXACT, "%" PRIu64 " ticks later: expected 1 ring, got %d",
                      delays[_i], rings.count);
        /* The next start is later: the wheel is brought there by a new one, at tick 0. */
        wheel_destroy(wheel);
        wheel = wheel_create();
    }
}
END_TEST

START_TEST(a_delay_out_of_range_is_refused)
{
    static const uint64_t bad[] = {0, WHEEL_LONGEST_DELAY + 1, UINT32_MAX, UINT64_MAX};
    struct probe probes[2];

    make_probes(probes, 2);
    add(&probes[1], 10);
    for (int i = 0; i < 4; i++) {
        for (int k = 0; k < 2; k++) {
            grader_step("add timer %d (%s) with delay %" PRIu64, k,
                        k == 1 ? "in the wheel, due at 10" : "new", bad[i]);
            int result = wheel_add(wheel, &probes[k].timer, bad[i]);
            grader_expect(result == -ERANGE, RANGE, "expected -ERANGE (%d), got %d", -ERANGE,
                          result);
        }
    }
    grader_step("cancel timer 0, which was refused");
    grader_expect(!wheel_cancel(wheel, &probes[0].timer), RANGE, "expected false, got true");
    advance(10);
    advance(10);
    expect_rings(1, (int[]){1}, (uint64_t[]){10});
}
END_TEST

START_TEST(a_cancelled_timer_does_not_ring)
{
    struct probe probes[3];

    make_probes(probes, 3);
    grader_step("cancel a timer that was never added");
    grader_expect(!wheel_cancel(wheel, &probes[0].timer), CANCEL, "expected false, got true");
    grader_step("add timers 0, 1, 2 with delay %" PRIu64 "; cancel timer 1", delays[_i]);
    for (int i = 0; i < 3; i++) {
        add(&probes[i], delays[_i]);
    }
    grader_expect(wheel_cancel(wheel, &probes[1].timer), CANCEL, "expected true, got false");
    grader_step("cancel it once more");
    grader_expect(!wheel_cancel(wheel, &probes[1].timer), CANCEL, "expected false, got true");
    advance(delays[_i]);
    expect_rings(2, (int[]){0, 2}, (uint64_t[]){delays[_i], delays[_i]});
    grader_step("cancel timer 0, which has rung");
    grader_expect(!wheel_cancel(wheel, &probes[0].timer), CANCEL, "expected false, got true");
    grader_step("add the cancelled one again, with delay 3");
    add(&probes[1], 3);
    advance(3);
    grader_expect(rings.count == 3 && rings.ids[2] == 1, CANCEL,
                  "expected timer 1 to ring after all, got %d rings", rings.count);
}
END_TEST

START_TEST(adding_again_moves_the_timer)
{
    struct probe probes[3];

    make_probes(probes, 3);
    grader_step("add timer 0 with delay 1000 and again with 5: earlier");
    add(&probes[0], 1000);
    add(&probes[0], 5);
    grader_step("add timer 1 with delay 5 and again with 1000: later");
    add(&probes[1], 5);
    add(&probes[1], 1000);
    grader_step("at tick 3: add timer 2 with delay 2, then timer 0 again with delay 2: both for 5");
    advance(3);
    add(&probes[2], 2);
    add(&probes[0], 2);
    advance(2);
    advance(995);
    advance(7);
    grader_expect(rings.count == 3, AGAIN, "expected each of 3 timers to ring once, got %d rings",
                  rings.count);
    grader_expect(rings.ids[0] == 2 && rings.ids[1] == 0 && rings.ids[2] == 1, AGAIN,
                  "expected the order 2 0 1, got %d %d %d", rings.ids[0], rings.ids[1],
                  rings.ids[2]);
    expect_rings(3, (int[]){2, 0, 1}, (uint64_t[]){5, 5, 1000});
}
END_TEST

START_TEST(timers_of_one_tick_ring_in_the_order_of_adding)
{
    static const uint64_t added_at[] = {0, 100, 255, 256, 400, 511, 512, 590, 599};
    enum { COUNT = sizeof added_at / sizeof added_at[0] };
    static const uint64_t due = 600;
    struct probe probes[COUNT];
    uint64_t ticks[COUNT];
    int ids[COUNT];

    make_probes(probes, COUNT);
    for (int i = 0; i < COUNT; i++) {
        advance(added_at[i] - wheel_now(wheel));
        grader_step("at tick %" PRIu64 ": add timer %d for tick %" PRIu64, added_at[i], i, due);
        add(&probes[i], due - added_at[i]);
        ids[i] = i;
        ticks[i] = due;
    }
    advance(1);
    expect_rings(COUNT, ids, ticks);
}
END_TEST

START_TEST(a_jump_rings_everything_in_order)
{
    struct probe probes[DELAYS];
    uint64_t ticks[DELAYS];
    int ids[DELAYS];

    make_probes(probes, DELAYS);
    advance(77);
    grader_step("at tick 77: add %d timers with delays from 1 to 65535, the longest first", DELAYS);
    for (int i = DELAYS - 1; i >= 0; i--) {
        add(&probes[i], delays[i]);
        ids[i] = i;
        ticks[i] = 77 + delays[i];
    }
    grader_step("advance by 1000000 ticks in one call");
    advance(1000000);
    expect_rings(DELAYS, ids, ticks);
    grader_step("advance by 0 ticks");
    advance(0);
    expect_rings(DELAYS, ids, ticks);
}
END_TEST

static void add_again(struct probe *probe)
{
    if (rings.count < 100) {
        add(probe, delays[probe->id]);
    }
}

START_TEST(a_callback_may_add_its_timer_again)
{
    struct probe probe = make_probe(_i);

    probe.then = add_again;
    grader_step("a timer that adds itself again, each time with delay %" PRIu64, delays[_i]);
    add(&probe, delays[_i]);
    grader_step("advance by %" PRIu64 " ticks in one call, and then by one less", 50 * delays[_i]);
    advance(50 * delays[_i]);
    advance(50 * delays[_i] - 1);
    grader_expect(rings.count == 99, CALLBACK, "expected 99 rings, got %d", rings.count);
    for (int i = 0; i < 99; i++) {
        uint64_t expected = (uint64_t)(i + 1) * delays[_i];
        grader_expect(rings.ticks[i] == expected, NOW,
                      "ring %d: expected at tick %" PRIu64 ", got at %" PRIu64, i, expected,
                      rings.ticks[i]);
    }
    grader_expect(wheel_cancel(wheel, &probe.timer), CALLBACK,
                  "expected the timer to be in the wheel, got false");
}
END_TEST

static struct probe *party; /* seven timers of one tick; the last is due one tick later */

static void cancel_and_wreck(struct probe *probe, bool expected)
{
    bool was_in = wheel_cancel(wheel, &probe->timer);

    grader_expect(was_in == expected, CANCEL,
                  "inside ring, cancel of timer %d: expected %d, got %d", probe->id, expected,
                  was_in);
    memset(&probe->timer, FREED, sizeof probe->timer);
}

static void wreck_the_party(struct probe *probe)
{
    grader_step("timer %d rings; it cancels itself, 1, 3, 4 and 6, and overwrites their memory",
                probe->id);
    cancel_and_wreck(probe, false);
    cancel_and_wreck(&party[1], false);
    cancel_and_wreck(&party[3], true);
    cancel_and_wreck(&party[4], true);
    cancel_and_wreck(&party[6], true);
}

START_TEST(a_callback_may_cancel_its_neighbours)
{
    struct probe probes[7];

    party = probes;
    make_probes(probes, 7);
    probes[2].then = wreck_the_party;
    grader_step("add timers 0 to 5 for tick %" PRIu64 ", timer 6 for the one after it", delays[_i]);
    for (int i = 0; i < 6; i++) {
        add(&probes[i], delays[_i]);
    }
    add(&probes[6], delays[_i] < WHEEL_LONGEST_DELAY ? delays[_i] + 1 : delays[_i]);
    advance(delays[_i] + 10);
    grader_expect(rings.count == 4, CALLBACK, "expected 4 rings (0 1 2 5), got %d", rings.count);
    for (int i = 0; i < 4; i++) {
        static const int left[] = {0, 1, 2, 5};
        grader_expect(rings.ids[i] == left[i], CALLBACK, "ring %d: expected timer %d, got timer %d",
                      i, left[i], rings.ids[i]);
    }
}
END_TEST

static void wreck_itself(struct probe *probe)
{
    memset(&probe->timer, FREED, sizeof probe->timer);
}

START_TEST(a_timer_that_rang_belongs_to_its_owner)
{
    struct probe probes[5];

    make_probes(probes, 5);
    grader_step("five timers, due at ticks 3 3 3 4 300; each overwrites its memory when it rings");
    for (int i = 0; i < 5; i++) {
        probes[i].then = wreck_itself;
        add(&probes[i], i < 3 ? 3 : i == 3 ? 4 : 300);
    }
    advance(300);
    grader_expect(rings.count == 5, OWNER, "expected 5 rings, got %d", rings.count);
}
END_TEST

START_TEST(two_wheels_do_not_know_each_other)
{
    struct wheel *other = wheel_create();
    struct probe probes[3];

    grader_expect(other != NULL, APART, "expected a second wheel, got NULL");
    make_probes(probes, 3);
    grader_step("first wheel at tick 50, second at 0; one timer with delay 10 in each");
    advance(50);
    add(&probes[0], 10);
    wheel_add(other, &probes[1].timer, 10);
    wheel_add(other, &probes[2].timer, 20);
    wheel_advance(other, 9);
    grader_expect(rings.count == 0, APART, "second wheel at 9: expected no ring, got %d",
                  rings.count);
    wheel_advance(other, 1);
    grader_expect(rings.count == 1 && rings.ids[0] == 1, APART,
                  "second wheel at 10: expected timer 1 to ring, got %d rings", rings.count);
    grader_step("destroy the second wheel with a timer in it; destroy NULL");
    wheel_destroy(other);
    wheel_destroy(NULL);
    advance(20);
    grader_expect(rings.count == 2 && rings.ids[1] == 0, APART,
                  "expected only timer 0 to ring after that, got %d rings", rings.count);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("what rings when", set_up, tear_down);
    grader_add_loop(a_timer_rings_at_its_tick, 0, DELAYS);
    grader_add(a_delay_out_of_range_is_refused);
    grader_add_loop(a_cancelled_timer_does_not_ring, 0, DELAYS);
    grader_add(adding_again_moves_the_timer);
    grader_add(timers_of_one_tick_ring_in_the_order_of_adding);
    grader_add(a_jump_rings_everything_in_order);
    grader_add_loop(a_callback_may_add_its_timer_again, 0, DELAYS);
    grader_add_loop(a_callback_may_cancel_its_neighbours, 0, DELAYS);
    grader_add(a_timer_that_rang_belongs_to_its_owner);
    grader_add(two_wheels_do_not_know_each_other);
    add_model_checks();
    add_cost_checks();
    return grader_run(argc, argv);
}
