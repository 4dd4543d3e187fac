/*
 * What the calls cost, without a clock.
 *
 * Each timer lies on a page of its own, and the pages are made unreadable before a call. So each
 * timer that the answer looks at is a fault; the fault is counted, the page opened, and the answer
 * goes on without noticing.
 */
#include "check_parts.h"
#include "grader.h"
#include "wheel.h"

#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { TIMERS = 1000, MANY = 20000, SMALL_HEAP = 16 * 1024, LARGEST_WHEEL = 64 * 1024 };

static const char MEMORY[] = "a wheel takes at most 64 KiB, and timers take nothing besides their "
                             "own struct (contract, 9)";
static const char FEW[] = "wheel_add and wheel_cancel look at no more than 8 other timers, however "
                          "many there are (contract, 10)";
static const char NOT_ALL[] =
    "while 256 ticks pass one by one, wheel_advance looks at each waiting "
    "timer 8 times at most on the average (contract, 11)";

static struct {
    char *start; /* TIMERS pages */
    size_t page;
    volatile sig_atomic_t looks;
} guarded;

static struct wheel_timer *timer(size_t i)
{
    return (struct wheel_timer *)(guarded.start + i * guarded.page);
}

static void ring(struct wheel_timer *unused)
{
    (void)unused;
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    size_t offset = (size_t)((char *)info->si_addr - guarded.start);

    (void)context;
    if (offset >= TIMERS * guarded.page) {
        /* Somewhere else: the answer's own mistake, to crash of. */
        signal(number, SIG_DFL);
        return;
    }
    guarded.looks++;
    size_t page = offset / guarded.page;
    mprotect(guarded.start + page * guarded.page, guarded.page, PROT_READ | PROT_WRITE);
}

static void guard(void)
{
    mprotect(guarded.start, TIMERS * guarded.page, PROT_NONE);
}

static void unguard(void)
{
    mprotect(guarded.start, TIMERS * guarded.page, PROT_READ | PROT_WRITE);
}

static void set_up(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

    guarded.page = (size_t)sysconf(_SC_PAGESIZE);
    guarded.start = mmap(NULL, TIMERS * guarded.page, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(guarded.start, MAP_FAILED);
    sigaction(SIGSEGV, &action, NULL);
    for (size_t i = 0; i < TIMERS; i++) {
        timer(i)->ring = ring;
    }
}

static void tear_down(void)
{
    munmap(guarded.start, TIMERS * guarded.page);
}

static size_t heap_in_use(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

START_TEST(timers_need_no_memory_of_the_wheel)
{
    struct wheel_timer *timers = calloc(MANY, sizeof *timers);
    size_t at_first = heap_in_use();
    struct wheel *wheel = wheel_create();
    size_t empty = heap_in_use();

    grader_step("create a wheel");
    grader_expect(empty - at_first <= LARGEST_WHEEL, MEMORY,
                  "expected at most %d bytes of heap, got %zu", LARGEST_WHEEL, empty - at_first);
    grader_step("add %d timers with delays from 1 to 65535", MANY);
    for (size_t i = 0; i < MANY; i++) {
        timers[i].ring = ring;
        wheel_add(wheel, &timers[i], 1 + i * 7919 % WHEEL_LONGEST_DELAY);
    }
    size_t full = heap_in_use();
    grader_expect(full < empty + SMALL_HEAP, MEMORY, "expected the heap not to grow, got %zu bytes",
                  full - empty);
    wheel_advance(wheel, WHEEL_LONGEST_DELAY);
    wheel_destroy(wheel);
    free(timers);
}
END_TEST

/* So that neither a sorted list nor a heap can be lucky: far, near, and many for one tick. */
static uint64_t spread(size_t i)
{
    return i % 4 == 0 ? 5000 : 300 + i * 7919 % 60000;
}

START_TEST(adding_and_cancelling_look_at_few_timers)
{
    struct wheel *wheel = wheel_create();

    grader_step("%d timers with delays from 300 to 60300, every fourth of them 5000", TIMERS);
    for (size_t i = 0; i < TIMERS; i++) {
        wheel_add(wheel, timer(i), spread(i));
    }
    for (size_t i = 0; i < TIMERS; i += 7) {
        guard();
        guarded.looks = 0;
        wheel_cancel(wheel, timer(i));
        int looks = guarded.looks;
        grader_expect(looks <= 9, FEW,
                      "cancel of the timer for %" PRIu64 ": expected a look at 8 timers at most "
                      "besides its own, got %d",
                      spread(i), looks - 1);
        guard();
        guarded.looks = 0;
        wheel_add(wheel, timer(i), spread(i));
        looks = guarded.looks;
        grader_expect(looks <= 9, FEW,
                      "add with delay %" PRIu64 ": expected a look at 8 timers at most besides its "
                      "own, got %d",
                      spread(i), looks - 1);
    }
    unguard();
    wheel_destroy(wheel);
}
END_TEST

START_TEST(advancing_does_not_look_at_all_timers)
{
    struct wheel *wheel = wheel_create();

    grader_step("%d timers with delays from 300 to 60300, every fourth of them 5000", TIMERS);
    for (size_t i = 0; i < TIMERS; i++) {
        wheel_add(wheel, timer(i), spread(i));
    }
    grader_step("advance by 1 tick, 256 times");
    guarded.looks = 0;
    for (int tick = 1; tick <= 256; tick++) {
        guard();
        wheel_advance(wheel, 1);
        grader_expect(guarded.looks <= 8 * TIMERS, NOT_ALL,
                      "tick %d: expected at most %d looks in 256 ticks, got %d already", tick,
                      8 * TIMERS, (int)guarded.looks);
    }
    unguard();
    wheel_destroy(wheel);
}
END_TEST

void add_cost_checks(void)
{
    grader_group("what it costs", set_up, tear_down);
    grader_add(timers_need_no_memory_of_the_wheel);
    grader_add(adding_and_cancelling_look_at_few_timers);
    grader_add(advancing_does_not_look_at_all_timers);
}
