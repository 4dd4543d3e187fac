/* run-under: ndebug thread */
/*
 * The grader of S3-handshake.
 *
 * Threads and conditions are the grader's (check_threads.h), so that each race is decided by the
 * check and nothing hangs: it sees when nobody is left to wake the others. Two checks do without, for the
 * sanitizers to see more.
 */
#include "check_threads.h"
#include "check_workers.h"
#include "grader.h"

#include <errno.h>
#include <string.h>

static const char ALL_READY[] = "it returns 0 when every prepare has returned 0, and not before "
                                "(contract, 2)";
static const char ALL_BEFORE_WORK[] = "nobody works before all are prepared (contract, 3)";
static const char AT_ONCE[] = "all prepare at the same time (contract, 1)";
static const char WORK_AT_ONCE[] = "all work at the same time, and the starter does not wait for "
                                   "the end of it (contract, 3)";
static const char FAILED[] = "if a prepare fails, its error is returned, all workers are joined, "
                             "and none works (contract, 4)";
static const char REFUSED[] = "if a thread cannot be made, the error is returned, those that were "
                              "made are joined, and none works (contract, 5)";
static const char SPURIOUS[] = "a wait may end for no reason (contract, 6)";
static const char BLOCKED[] = "who waits, sleeps until it is woken: no spin, no nap, no time limit "
                              "(contract, 6)";
static const char ALIVE[] = "what a worker uses is there as long as it may use it (contract, 7)";
static const char NO_STATIC[] = "several starts at once know nothing of each other (contract, 8)";

static struct plan plan;
static pthread_t threads[MOST_WORKERS];

static void begin(void)
{
    threads_begin();
    plan_init(&plan, WORKERS);
}

static int start(void)
{
    int result = plan_start(&plan, threads);

    atomic_store(&seen.returned, true);
    return result;
}

static void expect_all_well(const char *rule)
{
    int result = start();

    grader_expect(result == 0, rule, "expected 0, got %d", result);
    plan_finish(&plan, threads, rule);
}

static void expect_given_up(int result, int expected, const char *rule)
{
    grader_expect(result == expected, rule, "expected %d (%s), got %d", expected,
                  strerror(-expected), result);
    int created = atomic_load(&seen.created);
    int joined = atomic_load(&seen.joined);
    grader_expect(created == joined, rule,
                  "%d threads were made: expected that all are joined, "
                  "but it joined %d",
                  created, joined);
    grader_expect(plan.worked == 0, rule, "expected no call of work, got %zu", plan.worked);
    threads_expect_no_fault(rule);
}

START_TEST(all_are_ready_when_it_returns)
{
    plan.first_waits_for_starter = true;
    grader_step("4 workers; the first prepares until the starter waits for it");
    int result = start();
    grader_expect(result == 0, ALL_READY, "expected 0, got %d", result);
    pthread_mutex_lock(&plan.mutex);
    size_t prepared = plan.prepared;
    pthread_mutex_unlock(&plan.mutex);
    grader_expect(prepared == WORKERS, ALL_READY, "it returned when %zu of 4 had prepared",
                  prepared);
    plan_finish(&plan, threads, ALL_READY);
}
END_TEST

START_TEST(nobody_works_before_all_are_prepared)
{
    plan.first_waits_for_others = true;
    grader_step("4 workers; the first prepares until the others have and wait");
    expect_all_well(ALL_READY);
    grader_expect(!plan.too_early, ALL_BEFORE_WORK, "work was called while worker 0 prepared");
}
END_TEST

START_TEST(all_prepare_at_the_same_time)
{
    plan.all_wait_for_all = true;
    grader_step("4 workers; each one's prepare waits until all 4 have begun theirs");
    expect_all_well(AT_ONCE);
}
END_TEST

START_TEST(a_wait_may_end_for_no_reason)
{
    script.spurious = 3;
    plan.first_waits_for_starter = true;
    plan.first_waits_for_others = true;
    grader_step("the first 3 waits of each thread end at once, without a signal");
    int result = start();
    grader_expect(result == 0, SPURIOUS, "expected 0, got %d", result);
    pthread_mutex_lock(&plan.mutex);
    bool early = plan.prepared < WORKERS || plan.too_early;
    pthread_mutex_unlock(&plan.mutex);
    grader_expect(!early, SPURIOUS, "somebody went on before all were prepared");
    plan_finish(&plan, threads, SPURIOUS);
}
END_TEST

START_TEST(workers_may_be_faster_than_the_starter)
{
    script.fast_workers = true;
    grader_step("each worker has prepared before pthread_create returns to the starter");
    expect_all_well("a signal that nobody waits for is lost; what it said is not (contract, 6)");
}
END_TEST

START_TEST(who_waits_sleeps)
{
    plan.first_waits_for_others = true;
    plan.first_waits_for_starter = true;
    grader_step("the first prepares until the other workers wait, then until the starter does");
    expect_all_well(BLOCKED);
    grader_expect(!plan.others_spin, BLOCKED, "a worker waits, and uses the CPU all the time");
    grader_expect(plan.starter == SLEEPS, BLOCKED, "the starter uses the CPU all the time");
    int naps = atomic_load(&seen.naps);
    grader_expect(naps == 0, BLOCKED,
                  "expected no call that yields, sleeps for a time or has a time limit, got %d",
                  naps);
}
END_TEST

START_TEST(a_prepare_that_fails_ends_the_start)
{
    plan.results[_i] = -ENOBUFS;
    plan.first_waits_for_others = _i > 0;
    grader_step("4 workers; the prepare of worker %d returns -ENOBUFS", _i);
    expect_given_up(start(), -ENOBUFS, FAILED);
}
END_TEST

START_TEST(several_prepares_may_fail)
{
    /* Many rounds: the thread sanitizer forgets a write if the other thread comes very late. */
    enum { ROUNDS = 30 };

    script.real_conditions = true;
    grader_step(
        "4 workers; two prepares fail at the same time, with -ENOBUFS and -EMFILE; %d times",
        ROUNDS);
    for (int round = 0; round < ROUNDS; round++) {
        plan_init(&plan, WORKERS);
        plan.results[1] = -ENOBUFS;
        plan.results[3] = -EMFILE;
        plan.all_wait_for_all = true;
        int result = start();
        expect_given_up(result, result == -EMFILE ? -EMFILE : -ENOBUFS, FAILED);
    }
}
END_TEST

START_TEST(a_thread_that_cannot_be_made_ends_the_start)
{
    script.refuse_at = _i;
    errno = EINVAL; /* of some call long ago; pthread_create does not set it */
    grader_step("4 workers; call %d of pthread_create returns EAGAIN", _i);
    expect_given_up(start(), -EAGAIN, REFUSED);
    int asked = atomic_load(&seen.asked);
    grader_expect(asked == _i, REFUSED, "expected %d calls of pthread_create, got %d", _i, asked);
}
END_TEST

START_TEST(all_work_at_the_same_time)
{
    plan.all_work_together = true;
    script.real_conditions = true;
    grader_step("4 workers; each one's work waits until all 4 have begun theirs and start_workers "
                "has returned");
    expect_all_well(WORK_AT_ONCE);
}
END_TEST

START_TEST(a_hundred_workers_are_no_more_trouble)
{
    plan_init(&plan, MOST_WORKERS);
    plan.all_wait_for_all = true;
    script.real_conditions = true;
    grader_step("%d workers", MOST_WORKERS);
    expect_all_well(ALL_READY);
}
END_TEST

START_TEST(late_workers_find_everything_there)
{
    script.late_workers = true;
    grader_step("workers are slow to wake up: until start_workers is back, or waits for them");
    expect_all_well(ALIVE);
}
END_TEST

START_TEST(a_worker_may_start_workers)
{
    static struct plan inner;

    plan_init(&inner, 2);
    inner.results[1] = _i == 0 ? 0 : -ENOBUFS;
    plan.inner = &inner;
    plan.first_waits_for_others = true;
    grader_step("the first of 4 workers starts 2 workers in its prepare; their start %s",
                _i == 0 ? "goes well" : "fails");
    expect_all_well(NO_STATIC);
    grader_expect(plan.inner_result == inner.results[1], NO_STATIC,
                  "the inner start: expected %d, got %d", inner.results[1], plan.inner_result);
    size_t expected = _i == 0 ? 2 : 0;
    grader_expect(inner.worked == expected, NO_STATIC,
                  "the inner workers: expected %zu calls of work, got %zu", expected, inner.worked);
}
END_TEST

START_TEST(many_starts_go_well)
{
    script.real_conditions = true;
    for (int round = 0; round < 60; round++) {
        plan_init(&plan, (size_t)round % 8 + 1);
        plan.results[0] = round % 10 == 9 ? -ENOBUFS : 0;
        int result = plan_start(&plan, threads);
        grader_expect(result == plan.results[0], ALL_READY, "%zu workers: expected %d, got %d",
                      plan.count, plan.results[0], result);
        if (result == 0) {
            plan_finish(&plan, threads, ALL_READY);
        }
        threads_expect_no_fault(ALL_READY);
    }
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("handshake", begin, NULL);
    grader_add(all_are_ready_when_it_returns);
    grader_add(all_prepare_at_the_same_time);
    grader_add(nobody_works_before_all_are_prepared);
    grader_add(workers_may_be_faster_than_the_starter);
    grader_add(a_wait_may_end_for_no_reason);
    grader_add(who_waits_sleeps);
    grader_add(all_work_at_the_same_time);
    grader_group("failures", begin, NULL);
    grader_add_loop(a_prepare_that_fails_ends_the_start, 0, WORKERS);
    grader_add(several_prepares_may_fail);
    grader_add_loop(a_thread_that_cannot_be_made_ends_the_start, 1, WORKERS + 1);
    grader_group("afterwards", begin, NULL);
    grader_add(late_workers_find_everything_there);
    grader_add_loop(a_worker_may_start_workers, 0, 2);
    grader_add(many_starts_go_well);
    grader_add(a_hundred_workers_are_no_more_trouble);
    return grader_run(argc, argv);
}
