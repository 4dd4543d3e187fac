#include "check_jobs.h"

#include "container_of.h"
#include "grader.h"
#include "thread_watch.h"

#include <errno.h>
#include <string.h>

const char RULE_WHOLE[] =
    "crew_create starts all threads; if one cannot be had it returns -EAGAIN, "
    "those there end and are joined, ret_crew is untouched (contract, 1)";
const char RULE_ONCE[] = "what was accepted is run exactly once, by a thread of the crew, also if "
                         "it was stopped meanwhile (contract, 2 and 5)";
const char RULE_REFUSED[] =
    "from the moment crew_stop has begun, crew_post returns -ESHUTDOWN, and "
    "the task is not run (contract, 4)";
const char RULE_JOINED[] =
    "crew_stop from outside returns 0 when all that was accepted has run and "
    "each thread has been joined, once (contract, 5)";

struct test test;

static void run_job(struct crew_task *task)
{
    struct job *job = container_of(task, struct job, task);

    job->on_crew = on_crew_thread();
    job->position = atomic_fetch_add(&test.runs, 1);
    atomic_fetch_add(&job->runs, 1);
    if (job->then != NULL) {
        job->then(job);
    }
}

void make_jobs(struct job *jobs, int count)
{
    memset(jobs, 0, sizeof *jobs * (size_t)count);
    for (int i = 0; i < count; i++) {
        jobs[i].task.run = run_job;
    }
}

void tell(struct job *job)
{
    (void)job;
    sem_post(&test.told);
}

void wait_told(int count)
{
    for (int i = 0; i < count; i++) {
        sem_wait(&test.told);
    }
}

void pass_gate(struct job *job)
{
    (void)job;
    sem_post(&test.began);
    sem_wait(&test.open);
}

void set_up_jobs(void)
{
    memset(&test, 0, sizeof test);
    sem_init(&test.began, 0, 0);
    sem_init(&test.open, 0, 0);
    sem_init(&test.told, 0, 0);
}

void create(size_t threads, struct crew **ret_crew)
{
    grader_step("create a crew of %zu", threads);
    int result = crew_create(threads, ret_crew);
    grader_expect(result == 0, RULE_WHOLE, "expected 0, got %d", result);
}

void post(struct crew *crew, struct job *job)
{
    int result = crew_post(crew, &job->task);

    grader_expect(result == 0, RULE_ONCE, "crew_post, nobody has stopped: expected 0, got %d",
                  result);
}

void hold(struct crew *crew, struct job *gates, int threads)
{
    make_jobs(gates, threads);
    for (int i = 0; i < threads; i++) {
        gates[i].then = pass_gate;
        post(crew, &gates[i]);
    }
    for (int i = 0; i < threads; i++) {
        sem_wait(&test.began);
    }
}

void open_gates(int threads)
{
    for (int i = 0; i < threads; i++) {
        sem_post(&test.open);
    }
}

void expect_each_ran_once(const struct job *jobs, int count)
{
    for (int i = 0; i < count; i++) {
        int runs = atomic_load(&jobs[i].runs);
        grader_expect(runs == 1, RULE_ONCE, "task %d of %d: expected it to run once, got %d", i,
                      count, runs);
    }
}

void expect_all_joined(void)
{
    const char *misdeed = thread_misdeed();

    grader_expect(misdeed == NULL, RULE_JOINED, "expected each thread to be joined once, got: %s",
                  misdeed);
    grader_expect(threads_joined() == threads_created(), RULE_JOINED,
                  "expected all %zu threads to be joined, got %zu", threads_created(),
                  threads_joined());
}

void stop_outside(struct crew *crew)
{
    grader_step("stop it from outside");
    int result = crew_stop(crew);
    grader_expect(result == 0, RULE_JOINED, "expected 0, got %d", result);
    expect_all_joined();
}

void stop_and_post(struct job *job)
{
    (void)job;
    test.result = crew_stop(test.crew);
    test.joins = threads_joined();
    test.post_result = crew_post(test.crew, &test.extra.task);
    sem_post(&test.told);
}
