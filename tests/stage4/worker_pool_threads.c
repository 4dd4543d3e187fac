/* A worker pool's threads: how they start, how they are asked to end, and how they end. */
#include "allocation_faults.h"
#include "background_thread.h"
#include "container_of.h"
#include "pool_jobs.h"
#include "test_worker_pool.h"
#include "thread_faults.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

enum { WORKERS = 4, JOBS = 20, PATIENCE_MS = 10000, SHORT_MS = 20 };

static struct worker_pool *pool;

static void open_pool(size_t workers, size_t capacity)
{
    ck_assert_int_eq(worker_pool_create(workers, capacity, &pool), 0);
}

static void close_pool(void)
{
    ck_assert_int_eq(worker_pool_destroy(pool, PATIENCE_MS), 0);
    ck_assert_int_eq(atomic_load(&thread_faults.not_joined), 0);
}

struct looking_job {
    struct worker_job job;
    sem_t looked;
    sem_t may_end;
    char name[16];
    bool blocks_term;
};

static void look_around(struct worker_job *job, struct worker_pool *unused)
{
    struct looking_job *looking = container_of(job, struct looking_job, job);
    sigset_t mask;

    (void)unused;
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    looking->blocks_term = sigismember(&mask, SIGTERM) == 1;
    pthread_getname_np(pthread_self(), looking->name, sizeof looking->name);
    sem_post(&looking->looked);
    sem_wait(&looking->may_end); /* so that every worker gets one */
}

START_TEST(each_worker_is_a_thread_of_its_own_with_a_name_and_without_signals)
{
    struct looking_job jobs[WORKERS];
    bool seen[WORKERS] = {false};

    open_pool(WORKERS, WORKERS);
    ck_assert_int_eq(atomic_load(&thread_faults.not_joined), 0);
    for (int i = 0; i < WORKERS; i++) {
        jobs[i] = (struct looking_job){.job.run = look_around};
        sem_init(&jobs[i].looked, 0, 0);
        sem_init(&jobs[i].may_end, 0, 0);
        ck_assert_int_eq(worker_pool_submit(pool, &jobs[i].job), 0);
        ck_assert_int_eq(atomic_load(&thread_faults.not_joined), i + 1);
    }
    for (int i = 0; i < WORKERS; i++) {
        await_semaphore(&jobs[i].looked, "all jobs run at the same time");
        ck_assert_msg(strncmp(jobs[i].name, "worker-", 7) == 0, "a worker is named '%s'",
                      jobs[i].name);
        int number = jobs[i].name[7] - '0';
        ck_assert_msg(number >= 0 && number < WORKERS && !seen[number], "two are named '%s'",
                      jobs[i].name);
        seen[number] = true;
        ck_assert_msg(jobs[i].blocks_term, "%s would be interrupted by SIGTERM", jobs[i].name);
    }
    for (int i = 0; i < WORKERS; i++) {
        sem_post(&jobs[i].may_end);
    }
    close_pool();
}
END_TEST

static atomic_int runs;

static void count_run(struct worker_job *job, struct worker_pool *unused)
{
    (void)job;
    (void)unused;
    atomic_fetch_add(&runs, 1);
}

START_TEST(jobs_that_come_one_after_the_other_need_one_thread)
{
    struct worker_job jobs[JOBS];

    open_pool(WORKERS, JOBS);
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (struct worker_job){.run = count_run};
        ck_assert_int_eq(worker_pool_submit(pool, &jobs[i]), 0);
        await_idle(pool);
        ck_assert_int_eq(atomic_load(&thread_faults.not_joined), 1);
    }
    ck_assert_int_eq(atomic_load(&runs), JOBS);
    close_pool();
}
END_TEST

START_TEST(there_are_never_more_threads_than_workers)
{
    struct worker_job jobs[JOBS];
    struct held_job held[2];

    open_pool(2, JOBS);
    for (int i = 0; i < 2; i++) {
        held_job_init(&held[i]);
        held_job_begin(&held[i], pool);
    }
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (struct worker_job){.run = count_run};
        ck_assert_int_eq(worker_pool_submit(pool, &jobs[i]), 0);
    }
    ck_assert_int_eq(atomic_load(&thread_faults.not_joined), 2);
    for (int i = 0; i < 2; i++) {
        held_job_end(&held[i]);
    }
    close_pool();
    ck_assert_int_eq(atomic_load(&runs), JOBS);
}
END_TEST

START_TEST(a_job_for_which_no_thread_can_be_had_is_refused)
{
    struct worker_job job = {.run = count_run};

    open_pool(WORKERS, JOBS);
    fault_arm(&thread_faults.create, 1, EAGAIN);
    ck_assert_int_eq(worker_pool_submit(pool, &job), -EAGAIN);
    ck_assert_uint_eq(worker_pool_busy(pool), 0);
    ck_assert_int_eq(worker_pool_submit(pool, &job), 0);
    close_pool();
    ck_assert_int_eq(atomic_load(&runs), 1);
}
END_TEST

START_TEST(a_job_waits_for_a_thread_that_is_there_if_no_further_one_can_be_had)
{
    struct worker_job job = {.run = count_run};
    struct held_job first;

    open_pool(WORKERS, JOBS);
    held_job_init(&first);
    held_job_begin(&first, pool);
    fault_arm(&thread_faults.create, 1, EAGAIN);
    ck_assert_int_eq(worker_pool_submit(pool, &job), 0);
    ck_assert_int_eq(atomic_load(&thread_faults.not_joined), 1);
    held_job_end(&first);
    close_pool();
    ck_assert_int_eq(atomic_load(&runs), 1);
}
END_TEST

START_TEST(without_memory_there_is_no_pool)
{
    int result = -ENOMEM;
    int spared = 0;

    for (; result == -ENOMEM; spared++) {
        allocations_fail_after(spared);
        result = worker_pool_create(WORKERS, JOBS, &pool);
        allocations_succeed();
    }
    ck_assert_int_eq(result, 0);
    ck_assert_msg(spared > 1, "no allocation failed");
    close_pool();
}
END_TEST

TCase *worker_pool_starting(void)
{
    TCase *cases = tcase_create("starting");

    tcase_add_test(cases, each_worker_is_a_thread_of_its_own_with_a_name_and_without_signals);
    tcase_add_test(cases, jobs_that_come_one_after_the_other_need_one_thread);
    tcase_add_test(cases, there_are_never_more_threads_than_workers);
    tcase_add_test(cases, a_job_for_which_no_thread_can_be_had_is_refused);
    tcase_add_test(cases, a_job_waits_for_a_thread_that_is_there_if_no_further_one_can_be_had);
    tcase_add_test(cases, without_memory_there_is_no_pool);
    tcase_set_timeout(cases, 30);
    return cases;
}

START_TEST(cancelling_wakes_every_job_that_pauses)
{
    struct pausing_job jobs[WORKERS];

    open_pool(WORKERS, WORKERS);
    for (int i = 0; i < WORKERS; i++) {
        pausing_job_submit(&jobs[i], pool);
        await_semaphore(&jobs[i].begun, "a worker begins with the job that pauses");
    }
    worker_pool_cancel(pool);
    for (int i = 0; i < WORKERS; i++) {
        await_semaphore(&jobs[i].ended, "a job that pauses is woken");
        ck_assert(!jobs[i].saw_cancelled);
        ck_assert_msg(!jobs[i].all_time_passed, "job %d was told that its time has passed", i);
    }
    close_pool();
}
END_TEST

START_TEST(cancelling_one_job_wakes_that_one_only)
{
    struct pausing_job jobs[2];

    open_pool(2, 2);
    for (int i = 0; i < 2; i++) {
        pausing_job_submit(&jobs[i], pool);
        await_semaphore(&jobs[i].begun, "a worker begins with the job that pauses");
    }
    worker_pool_cancel_job(pool, &jobs[0].job);
    await_semaphore(&jobs[0].ended, "the job that was cancelled is woken");
    ck_assert(!jobs[0].all_time_passed);
    ck_assert(!worker_cancelled(pool, &jobs[1].job));
    ck_assert_int_ne(sem_trywait(&jobs[1].ended), 0);
    close_pool();
}
END_TEST

START_TEST(jobs_that_wait_or_come_later_see_the_cancellation)
{
    struct pausing_job jobs[WORKERS];
    struct held_job first;

    open_pool(1, WORKERS);
    held_job_init(&first);
    held_job_begin(&first, pool);
    for (int i = 0; i < WORKERS; i++) {
        if (i == WORKERS / 2) {
            worker_pool_cancel(pool);
        }
        pausing_job_submit(&jobs[i], pool);
    }
    held_job_end(&first);
    for (int i = 0; i < WORKERS; i++) {
        await_semaphore(&jobs[i].ended, "a job that waited is run and does not pause");
        ck_assert_msg(jobs[i].saw_cancelled, "job %d was not told", i);
        ck_assert_msg(!jobs[i].all_time_passed, "job %d was told that its time has passed", i);
    }
    close_pool();
}
END_TEST

struct short_job {
    struct worker_job job;
    bool all_time_passed;
    int64_t took_ns;
};

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void pause_for_a_moment(struct worker_job *job, struct worker_pool *its_pool)
{
    struct short_job *brief = container_of(job, struct short_job, job);
    int64_t start = now_ns();

    brief->all_time_passed = worker_pause(its_pool, job, SHORT_MS);
    brief->took_ns = now_ns() - start;
}

/* Many, so that one of them begins its pause late in a second, and the nanoseconds carry over. */
START_TEST(a_pause_that_nobody_ends_takes_all_its_time)
{
    struct short_job jobs[WORKERS];

    open_pool(WORKERS, WORKERS);
    for (int i = 0; i < WORKERS; i++) {
        jobs[i] = (struct short_job){.job.run = pause_for_a_moment};
        ck_assert_int_eq(worker_pool_submit(pool, &jobs[i].job), 0);
    }
    await_idle(pool);
    close_pool();
    for (int i = 0; i < WORKERS; i++) {
        ck_assert(jobs[i].all_time_passed);
        ck_assert_msg(jobs[i].took_ns >= SHORT_MS * 1000000LL, "it took %lld ns",
                      (long long)jobs[i].took_ns);
    }
}
END_TEST

TCase *worker_pool_cancelling(void)
{
    TCase *cases = tcase_create("cancelling");

    tcase_add_test(cases, cancelling_wakes_every_job_that_pauses);
    tcase_add_test(cases, cancelling_one_job_wakes_that_one_only);
    tcase_add_test(cases, jobs_that_wait_or_come_later_see_the_cancellation);
    tcase_add_test(cases, a_pause_that_nobody_ends_takes_all_its_time);
    tcase_set_timeout(cases, 30);
    return cases;
}

static void *end_held_job(void *held)
{
    held_job_end(held);
    return NULL;
}

START_TEST(destroy_waits_for_the_jobs_that_run_and_for_those_that_wait)
{
    struct worker_job jobs[JOBS];
    struct held_job first;
    pthread_t other;

    open_pool(1, JOBS);
    held_job_init(&first);
    held_job_begin(&first, pool);
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (struct worker_job){.run = count_run};
        ck_assert_int_eq(worker_pool_submit(pool, &jobs[i]), 0);
    }
    ck_assert_int_eq(background_thread_start(&other, "other", end_held_job, &first), 0);
    ck_assert_int_eq(worker_pool_destroy(pool, PATIENCE_MS), 0);
    ck_assert_int_eq(atomic_load(&runs), JOBS);
    pthread_join(other, NULL);
}
END_TEST

START_TEST(destroy_gives_up_on_a_job_that_does_not_listen_and_frees_nothing)
{
    struct held_job stubborn;

    open_pool(2, 1);
    held_job_init(&stubborn);
    held_job_begin(&stubborn, pool);
    ck_assert_int_eq(worker_pool_destroy(pool, SHORT_MS), -ETIMEDOUT);
    ck_assert_uint_eq(worker_pool_busy(pool), 1);
    ck_assert(worker_cancelled(pool, &stubborn.job));
    ck_assert_int_eq(atomic_load(&thread_faults.not_joined), 1);
    held_job_end(&stubborn);
    close_pool();
}
END_TEST

START_TEST(no_pool_at_all_is_destroyed_as_well)
{
    ck_assert_int_eq(worker_pool_destroy(NULL, 0), 0);
}
END_TEST

TCase *worker_pool_ending(void)
{
    TCase *cases = tcase_create("ending");

    tcase_add_test(cases, destroy_waits_for_the_jobs_that_run_and_for_those_that_wait);
    tcase_add_test(cases, destroy_gives_up_on_a_job_that_does_not_listen_and_frees_nothing);
    tcase_add_test(cases, no_pool_at_all_is_destroyed_as_well);
    tcase_set_timeout(cases, 30);
    return cases;
}
