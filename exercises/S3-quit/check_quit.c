/* run-under: thread */
/*
 * The grader of S3-quit. Gates hold the crew where a check wants it; a check waits until a thread
 * sleeps in the kernel, and never for a time.
 */
#include "check_jobs.h"
#include "grader.h"
#include "thread_watch.h"

#include <errno.h>

static const char IDLE[] = "a thread that has nothing to do sleeps until it is woken: no spin, "
                           "no time limit (contract, 8)";
static const char SAME_THREAD[] = "crew_post never runs a task itself (contract, 2)";
static const char ORDER[] = "tasks are begun in the order in which they were accepted (contract, "
                            "2)";
static const char FROM_TASK[] = "to a task of the crew, crew_stop returns -EINPROGRESS and waits "
                                "for nothing (contract, 7)";

START_TEST(tasks_run_once_on_the_crews_threads)
{
    struct job jobs[MANY];

    make_jobs(jobs, MANY);
    create(1, &test.crew);
    grader_step("post %d tasks", MANY);
    for (int i = 0; i < MANY; i++) {
        jobs[i].then = tell;
        post(test.crew, &jobs[i]);
    }
    grader_step("wait until they have run");
    wait_told(MANY);
    stop_outside(test.crew);
    expect_each_ran_once(jobs, MANY);
    for (int i = 0; i < MANY; i++) {
        grader_expect(jobs[i].on_crew, SAME_THREAD,
                      "task %d: expected a thread of the crew, got the caller's", i);
    }
    crew_destroy(test.crew);
}
END_TEST

START_TEST(tasks_are_begun_in_order)
{
    struct job gate;
    struct job jobs[MANY];

    make_jobs(jobs, MANY);
    create(1, &test.crew);
    hold(test.crew, &gate, 1);
    grader_step("post %d tasks while the only thread is busy", MANY);
    for (int i = 0; i < MANY; i++) {
        jobs[i].then = tell;
        post(test.crew, &jobs[i]);
    }
    open_gates(1);
    wait_told(MANY);
    stop_outside(test.crew);
    expect_each_ran_once(jobs, MANY);
    for (int i = 0; i < MANY; i++) {
        grader_expect(jobs[i].position == i + 1, ORDER, "task %d: expected place %d, got %d", i,
                      i + 1, jobs[i].position);
    }
    crew_destroy(test.crew);
}
END_TEST

static void post_extra(struct job *job)
{
    (void)job;
    test.post_result = crew_post(test.crew, &test.extra.task);
    test.result = atomic_load(&test.extra.runs);
    sem_post(&test.told);
}

START_TEST(a_task_may_post)
{
    struct job job;

    make_jobs(&job, 1);
    make_jobs(&test.extra, 1);
    job.then = post_extra;
    test.extra.then = tell;
    create(1, &test.crew);
    grader_step("the only thread runs a task, which posts another one");
    post(test.crew, &job);
    wait_told(2);
    grader_expect(test.post_result == 0, RULE_ONCE, "crew_post: expected 0, got %d",
                  test.post_result);
    grader_expect(test.result == 0, SAME_THREAD,
                  "expected it to run later; when crew_post returned it had run");
    stop_outside(test.crew);
    expect_each_ran_once(&test.extra, 1);
    crew_destroy(test.crew);
}
END_TEST

START_TEST(a_post_after_stop_is_refused)
{
    struct job job;

    make_jobs(&job, 1);
    create(1, &test.crew);
    stop_outside(test.crew);
    int result = crew_post(test.crew, &job.task);
    grader_expect(result == -ESHUTDOWN, RULE_REFUSED, "crew_post: expected -ESHUTDOWN (%d), got %d",
                  -ESHUTDOWN, result);
    crew_destroy(test.crew);
    grader_expect(atomic_load(&job.runs) == 0, RULE_REFUSED, "expected it not to run, it has run");
}
END_TEST

START_TEST(stop_wakes_those_who_wait)
{
    size_t threads = _i == 0 ? 4 : 100;

    create(threads, &test.crew);
    grader_expect(threads_created() == threads, RULE_WHOLE, "expected %zu threads, got %zu",
                  threads, threads_created());
    grader_step("wait until all of them sleep");
    wait_until_all_idle();
    grader_expect(threads_napped() == 0, IDLE,
                  "expected no wait with a time limit, no sleep for a time and no yield, got %zu",
                  threads_napped());
    stop_outside(test.crew);
    crew_destroy(test.crew);
}
END_TEST

START_TEST(a_task_may_stop_its_own_crew)
{
    struct job gate;
    struct job jobs[MANY];

    make_jobs(jobs, MANY);
    make_jobs(&test.extra, 1);
    jobs[0].then = stop_and_post;
    create(1, &test.crew);
    hold(test.crew, &gate, 1);
    grader_step("post %d tasks; the first one stops the crew and then posts one more", MANY);
    for (int i = 0; i < MANY; i++) {
        post(test.crew, &jobs[i]);
    }
    open_gates(1);
    wait_told(1);
    grader_expect(test.result == -EINPROGRESS, FROM_TASK,
                  "crew_stop in a task: expected -EINPROGRESS (%d), got %d", -EINPROGRESS,
                  test.result);
    grader_expect(thread_misdeed() == NULL, FROM_TASK, "expected nothing to be joined, got: %s",
                  thread_misdeed());
    grader_expect(test.post_result == -ESHUTDOWN, RULE_REFUSED,
                  "crew_post behind it: expected -ESHUTDOWN (%d), got %d", -ESHUTDOWN,
                  test.post_result);
    stop_outside(test.crew);
    expect_each_ran_once(jobs, MANY);
    grader_expect(atomic_load(&test.extra.runs) == 0, RULE_REFUSED,
                  "the refused task: expected it not to run, it has run");
    crew_destroy(test.crew);
}
END_TEST

static void stop_behind_gate(struct job *job)
{
    pass_gate(job);
    stop_and_post(job);
}

START_TEST(all_tasks_may_stop_at_once)
{
    struct job jobs[4];

    make_jobs(jobs, 4);
    make_jobs(&test.extra, 1);
    create(4, &test.crew);
    grader_step("four tasks, one on each thread; all call crew_stop");
    for (int i = 0; i < 4; i++) {
        jobs[i].then = stop_behind_gate;
        post(test.crew, &jobs[i]);
    }
    for (int i = 0; i < 4; i++) {
        sem_wait(&test.began);
    }
    for (int i = 0; i < 4; i++) {
        open_gates(1);
        wait_told(1);
        grader_expect(test.result == -EINPROGRESS, FROM_TASK,
                      "crew_stop in task %d: expected -EINPROGRESS (%d), got %d", i, -EINPROGRESS,
                      test.result);
        grader_expect(test.joins == 0, FROM_TASK, "expected it to join nobody, got %zu joins",
                      test.joins);
    }
    stop_outside(test.crew);
    crew_destroy(test.crew);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("one crew", set_up_jobs, NULL);
    grader_add(tasks_run_once_on_the_crews_threads);
    grader_add(tasks_are_begun_in_order);
    grader_add(a_post_after_stop_is_refused);
    grader_add_loop(stop_wakes_those_who_wait, 0, 2);
    grader_add(a_task_may_stop_its_own_crew);
    grader_add(a_task_may_post);
    grader_add(all_tasks_may_stop_at_once);
    add_end_checks();
    add_load_checks();
    return grader_run(argc, argv);
}
