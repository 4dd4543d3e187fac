#include "test_worker_pool.h"

#include "container_of.h"
#include "pool_jobs.h"
#include "suite_runner.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>

enum {
    JOBS = 100,
    CAPACITY = 3,
    WORKERS = 8,
    SUBMITTERS = 4,
    JOBS_EACH = 2000,
    PATIENCE_MS = 10000
};

static struct worker_pool *pool;

static void open_pool(size_t workers, size_t capacity)
{
    ck_assert_int_eq(worker_pool_create(workers, capacity, &pool), 0);
}

static void close_pool(void)
{
    ck_assert_int_eq(worker_pool_destroy(pool, PATIENCE_MS), 0);
}

struct numbered_job {
    struct worker_job job;
    int number;
};

/* By the one worker there is. */
static int order[JOBS];
static int order_length;

static void note_number(struct worker_job *job, struct worker_pool *unused)
{
    (void)unused;
    order[order_length++] = container_of(job, struct numbered_job, job)->number;
}

START_TEST(one_worker_takes_the_jobs_in_the_order_in_which_they_came)
{
    struct numbered_job jobs[JOBS];
    struct held_job first;

    open_pool(1, JOBS);
    held_job_init(&first);
    held_job_begin(&first, pool);
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (struct numbered_job){.job.run = note_number, .number = i};
        ck_assert_int_eq(worker_pool_submit(pool, &jobs[i].job), 0);
    }
    ck_assert_uint_eq(worker_pool_busy(pool), JOBS + 1);
    held_job_end(&first);
    close_pool();
    ck_assert_int_eq(order_length, JOBS);
    for (int i = 0; i < JOBS; i++) {
        ck_assert_msg(order[i] == i, "place %d: expected job %d, got job %d", i, i, order[i]);
    }
}
END_TEST

START_TEST(as_many_jobs_wait_as_the_queue_takes_and_not_one_more)
{
    struct numbered_job jobs[CAPACITY + 1];
    struct held_job first;

    open_pool(1, CAPACITY);
    held_job_init(&first);
    held_job_begin(&first, pool);
    for (int i = 0; i <= CAPACITY; i++) {
        int expected = i < CAPACITY ? 0 : -EAGAIN;
        jobs[i] = (struct numbered_job){.job.run = note_number, .number = i};
        int result = worker_pool_submit(pool, &jobs[i].job);
        ck_assert_msg(result == expected, "job %d of a queue of %d: expected %d, got %d", i,
                      CAPACITY, expected, result);
    }
    ck_assert_uint_eq(worker_pool_busy(pool), 1 + CAPACITY);
    held_job_end(&first);
    await_idle(pool);
    ck_assert_int_eq(order_length, CAPACITY);
    /* It is still ours, and once there is room again it is taken. */
    ck_assert_int_eq(worker_pool_submit(pool, &jobs[CAPACITY].job), 0);
    close_pool();
    ck_assert_int_eq(order_length, CAPACITY + 1);
    ck_assert_int_eq(order[CAPACITY], CAPACITY);
}
END_TEST

struct quick_job {
    struct worker_job job;
    sem_t ran;
};

static void run_quick(struct worker_job *job, struct worker_pool *unused)
{
    (void)unused;
    sem_post(&container_of(job, struct quick_job, job)->ran);
}

/*
 * All but one pause, and have done so for longer than the last one is free: one condition for both
 * would wake a pausing job instead.
 */
START_TEST(a_job_that_pauses_does_not_take_the_wake_up_of_a_new_one)
{
    struct held_job busy;
    struct pausing_job pausing[WORKERS - 1];
    struct quick_job quick = {.job.run = run_quick};

    open_pool(WORKERS, WORKERS);
    held_job_init(&busy);
    held_job_begin(&busy, pool);
    for (int i = 0; i < WORKERS - 1; i++) {
        pausing_job_submit(&pausing[i], pool);
        await_semaphore(&pausing[i].begun, "a worker begins with the job that pauses");
    }
    held_job_end(&busy);
    sem_init(&quick.ran, 0, 0);
    for (int i = 0; i < JOBS; i++) {
        ck_assert_int_eq(worker_pool_submit(pool, &quick.job), 0);
        await_semaphore(&quick.ran, "the worker that is free takes the job");
        while (worker_pool_busy(pool) > WORKERS - 1) {
            sched_yield(); /* until the worker is back, and waits for the next signal */
        }
    }
    close_pool();
}
END_TEST

struct counted_job {
    struct worker_job job;
    atomic_int runs;
};

static void count_run(struct worker_job *job, struct worker_pool *unused)
{
    (void)unused;
    atomic_fetch_add(&container_of(job, struct counted_job, job)->runs, 1);
}

static void *submit_many(void *argument)
{
    struct counted_job *jobs = argument;

    for (int i = 0; i < JOBS_EACH; i++) {
        jobs[i].job.run = count_run;
        while (worker_pool_submit(pool, &jobs[i].job) < 0) {
            sched_yield();
        }
    }
    return NULL;
}

START_TEST(whoever_submits_each_job_runs_exactly_once)
{
    static struct counted_job jobs[SUBMITTERS][JOBS_EACH];
    pthread_t submitters[SUBMITTERS];

    open_pool(WORKERS, CAPACITY);
    for (int i = 0; i < SUBMITTERS; i++) {
        ck_assert_int_eq(pthread_create(&submitters[i], NULL, submit_many, jobs[i]), 0);
    }
    for (int i = 0; i < SUBMITTERS; i++) {
        pthread_join(submitters[i], NULL);
    }
    close_pool();
    for (int i = 0; i < SUBMITTERS; i++) {
        for (int j = 0; j < JOBS_EACH; j++) {
            int runs = atomic_load(&jobs[i][j].runs);
            ck_assert_msg(runs == 1, "job %d of submitter %d ran %d times", j, i, runs);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("worker_pool");
    TCase *queue = tcase_create("queue");

    tcase_add_test(queue, one_worker_takes_the_jobs_in_the_order_in_which_they_came);
    tcase_add_test(queue, as_many_jobs_wait_as_the_queue_takes_and_not_one_more);
    tcase_add_test(queue, a_job_that_pauses_does_not_take_the_wake_up_of_a_new_one);
    tcase_add_test(queue, whoever_submits_each_job_runs_exactly_once);
    tcase_set_timeout(queue, 30);
    suite_add_tcase(suite, queue);
    suite_add_tcase(suite, worker_pool_starting());
    suite_add_tcase(suite, worker_pool_cancelling());
    suite_add_tcase(suite, worker_pool_ending());
    return run_suite(suite);
}
