/* Ends that come from outside: while tasks wait, from several threads, from another crew. */
#include "check_jobs.h"
#include "grader.h"
#include "thread_watch.h"

#include <errno.h>

enum { UNTOUCHED = 0x77 };

static const char EVERYBODY[] = "crew_stop may be called again, and by several at once: each waits "
                                "until it is over (contract, 6)";
static const char OTHER_CREW[] = "a task of another crew is outside: it waits (contract, 7)";

static void stop_as(void *argument)
{
    int number = *(int *)argument;

    test.stop_results[number] = crew_stop(test.crew);
    test.runs_at_return[number] = atomic_load(&test.runs);
}

START_TEST(what_was_accepted_runs_while_it_ends)
{
    struct job gates[2];
    struct job jobs[MANY];
    struct own_thread stopper;

    make_jobs(jobs, MANY);
    make_jobs(&test.extra, 1);
    create(2, &test.crew);
    hold(test.crew, gates, 2);
    grader_step("both threads are busy; post %d tasks; another thread calls crew_stop", MANY);
    for (int i = 0; i < MANY; i++) {
        post(test.crew, &jobs[i]);
    }
    own_thread_start(&stopper, stop_as, &(int){0});
    grader_expect(own_thread_sleeps(&stopper), RULE_JOINED,
                  "expected it to wait, for %d tasks have not run; it has returned", MANY);
    int result = crew_post(test.crew, &test.extra.task);
    grader_expect(result == -ESHUTDOWN, RULE_REFUSED,
                  "crew_post meanwhile: expected -ESHUTDOWN (%d), got %d", -ESHUTDOWN, result);
    open_gates(2);
    own_thread_join(&stopper);
    grader_expect(test.stop_results[0] == 0, RULE_JOINED, "crew_stop: expected 0, got %d",
                  test.stop_results[0]);
    expect_each_ran_once(jobs, MANY);
    expect_all_joined();
    crew_destroy(test.crew);
}
END_TEST

START_TEST(everybody_who_stops_waits_until_it_is_over)
{
    struct job gates[2];
    struct job jobs[MANY];
    struct own_thread stoppers[STOPPERS];
    int numbers[STOPPERS];
    int waiting = _i == 0 ? MANY : 0;

    make_jobs(jobs, MANY);
    create(2, &test.crew);
    hold(test.crew, gates, 2);
    grader_step("both threads are busy; %d tasks wait", waiting);
    for (int i = 0; i < waiting; i++) {
        post(test.crew, &jobs[i]);
    }
    for (int i = 0; i < STOPPERS; i++) {
        grader_step("thread %d calls crew_stop; the crew is busy", i);
        numbers[i] = i;
        own_thread_start(&stoppers[i], stop_as, &numbers[i]);
        grader_expect(own_thread_sleeps(&stoppers[i]), EVERYBODY,
                      "expected it to wait, as nothing is over; it has returned");
    }
    grader_step("the crew goes on");
    open_gates(2);
    for (int i = 0; i < STOPPERS; i++) {
        own_thread_join(&stoppers[i]);
        grader_expect(test.stop_results[i] == 0, EVERYBODY, "thread %d: expected 0, got %d", i,
                      test.stop_results[i]);
        grader_expect(test.runs_at_return[i] == waiting + 2, EVERYBODY,
                      "thread %d: expected it to return after %d tasks, got %d", i, waiting + 2,
                      test.runs_at_return[i]);
    }
    expect_all_joined();
    grader_step("and once more, when it is long over");
    stop_outside(test.crew);
    crew_destroy(test.crew);
}
END_TEST

START_TEST(a_task_of_another_crew_waits)
{
    struct job gate;
    struct job stopper;
    struct job job;

    make_jobs(&stopper, 1);
    make_jobs(&job, 1);
    make_jobs(&test.extra, 1);
    stopper.then = stop_and_post;
    create(1, &test.crew);
    create(1, &test.other);
    hold(test.crew, &gate, 1);
    post(test.crew, &job);
    grader_step("a task of the second crew stops the first one, whose thread is busy");
    post(test.other, &stopper);
    wait_until_all_idle();
    grader_expect(sem_trywait(&test.told) != 0, OTHER_CREW,
                  "expected crew_stop to wait, it has returned %d", test.result);
    open_gates(1);
    sem_wait(&test.told);
    grader_expect(test.result == 0, OTHER_CREW, "crew_stop: expected 0, got %d", test.result);
    expect_each_ran_once(&job, 1);
    stop_outside(test.other);
    crew_destroy(test.crew);
    crew_destroy(test.other);
}
END_TEST

START_TEST(destroy_stops_if_nobody_has)
{
    struct job jobs[MANY];

    make_jobs(jobs, MANY);
    make_jobs(&test.extra, 1);
    jobs[MANY / 2].then = _i == 1 ? stop_and_post : NULL;
    create(2, &test.crew);
    grader_step("post %d tasks%s, then destroy the crew", MANY,
                _i == 1 ? ", one of which stops it" : "");
    int accepted = 0;
    while (accepted < MANY && crew_post(test.crew, &jobs[accepted].task) == 0) {
        accepted++;
    }
    crew_destroy(test.crew);
    grader_expect(accepted == MANY || _i == 1, RULE_ONCE, "expected %d to be accepted, got %d",
                  MANY, accepted);
    expect_each_ran_once(jobs, accepted);
    expect_all_joined();
    crew_destroy(NULL);
}
END_TEST

START_TEST(a_crew_is_made_whole_or_not_at_all)
{
    for (size_t nth = 1; nth <= 4; nth++) {
        struct crew *crew = (struct crew *)UNTOUCHED;
        grader_step("create a crew of 4; thread %zu cannot be had", nth);
        fail_thread(nth);
        int result = crew_create(4, &crew);
        fail_thread(0);
        grader_expect(result == -EAGAIN, RULE_WHOLE, "expected -EAGAIN (%d), got %d", -EAGAIN,
                      result);
        grader_expect(crew == (struct crew *)UNTOUCHED, RULE_WHOLE,
                      "expected ret_crew to be as before, it has changed");
        expect_all_joined();
    }
}
END_TEST

void add_end_checks(void)
{
    grader_group("ends from outside", set_up_jobs, NULL);
    grader_add(what_was_accepted_runs_while_it_ends);
    grader_add_loop(everybody_who_stops_waits_until_it_is_over, 0, 2);
    grader_add(a_task_of_another_crew_waits);
    grader_add_loop(destroy_stops_if_nobody_has, 0, 2);
    grader_add(a_crew_is_made_whole_or_not_at_all);
}
