/* run-under: thread */
/* The grader of S4-offload: each moment at which somebody may have left, one after the other. */
#include "check_calls.h"
#include "grader.h"
#include "scripted_stage.h"

#include <errno.h>

static const char BORROWED[] = "the struct may go away when offload returns (contract, 1)";
static const char CANCELLED[] = "a job that was cancelled before it began does no work, and finish "
                                "hears -ECANCELED (contract, 3)";
static const char ENDED[] = "when the loop has ended nobody is asked or told; the data is released "
                            "(contract, 5 and 6)";

START_TEST(work_is_done_on_a_worker_and_finished_on_the_loop)
{
    struct client *client = open_client();

    grader_step("offload a call");
    call(client, 0);
    expect_counts(0, 0, 0, 0);
    grader_expect(stage_jobs_waiting() == 1, RULE_THREADS,
                  "expected 1 job in the workers' queue, got %zu", stage_jobs_waiting());
    grader_step("a worker takes the job and runs it");
    worker_runs_one();
    expect_counts(0, 1, 0, 0);
    grader_step("the loop takes its mail");
    size_t tasks = loop_takes_mail();
    grader_expect(tasks == 1, RULE_THREADS, "expected 1 task in the mailbox, got %zu", tasks);
    expect_counts(0, 1, 1, 1);
    grader_expect(test.data[0].told == client, RULE_GONE, "expected the client to be told");
    grader_expect(test.data[0].status == 0, RULE_ONCE, "finish: expected status 0, got %d",
                  test.data[0].status);
}
END_TEST

START_TEST(the_description_may_go_away)
{
    struct blocking_call call = make_call(open_client(), 0);

    grader_step("offload a call, then overwrite the struct that described it");
    offload(stage_workers(), stage_mailbox(), &call);
    struct blocking_call other = make_call(open_client(), 1);
    call = other;
    worker_runs_one();
    loop_takes_mail();
    grader_expect(test.data[1].works == 0 && test.data[1].releases == 0, BORROWED,
                  "expected the data of call 0 to be worked on, got that of call 1");
    expect_counts(0, 1, 1, 1);
}
END_TEST

START_TEST(what_cannot_be_taken_stays_yours)
{
    struct client *client = open_client();

    stage_begin(1);
    grader_step("the workers' queue has one place; offload two calls");
    call(client, 0);
    struct blocking_call second = make_call(client, 1);
    int result = offload(stage_workers(), stage_mailbox(), &second);
    grader_expect(result == -EAGAIN, RULE_REFUSED, "the second: expected -EAGAIN (%d), got %d",
                  -EAGAIN, result);
    grader_expect(test.data[1].releases == 0, RULE_REFUSED, "expected no release, got %d",
                  test.data[1].releases);
    worker_runs_one();
    loop_takes_mail();
    expect_counts(0, 1, 1, 1);
    expect_counts(1, 0, 0, 0);
    grader_expect(stage_references() == 1, RULE_REFERENCE,
                  "expected only the loop's reference to the mailbox to be left, got %zu",
                  stage_references());
}
END_TEST

/* When the client leaves: before the work, during it, when the reply waits already. */
START_TEST(a_client_that_left_gets_nothing)
{
    static const char *const moments[] = {"before a worker takes the job", "while a worker works",
                                          "when the reply waits in the mailbox"};
    struct client *client = open_client();
    struct blocking_call gated = make_call(client, 0);
    pthread_t worker;

    gated.work = work_gated;
    offload(stage_workers(), stage_mailbox(), &gated);
    grader_step("the client leaves %s", moments[_i]);
    if (_i == 0) {
        close_client(client);
    }
    worker_starts_one(&worker);
    sem_wait(&test.working);
    if (_i == 1) {
        close_client(client);
    }
    sem_post(&test.go_on);
    worker_ends(worker);
    if (_i == 2) {
        close_client(client);
    }
    loop_takes_mail();
    grader_expect(client->answers == 0, RULE_GONE, "expected no call of finish, got %d",
                  client->answers);
    expect_counts(0, 1, 0, 1);
}
END_TEST

START_TEST(who_comes_into_the_old_place_gets_nothing)
{
    struct client *client = open_client();

    call(client, 0);
    worker_runs_one();
    close_client(client);
    const struct client *next = open_client();
    grader_step("client 100 has left, and client 101 has the same memory, when the reply comes");
    ck_assert_ptr_eq(next, client);
    loop_takes_mail();
    grader_expect(next->answers == 0, RULE_GONE,
                  "expected client 101 to hear nothing, it got the answer for client 100");
    expect_counts(0, 1, 0, 1);
}
END_TEST

START_TEST(calls_do_not_know_each_other)
{
    struct client *clients[3] = {open_client(), open_client(), open_client()};

    grader_step("two calls of client 100, one of 101, two of 102; 101 leaves");
    for (int i = 0; i < 5; i++) {
        call(clients[i / 2], i);
    }
    close_client(clients[1]);
    for (int i = 0; i < 5; i++) {
        worker_runs_one();
    }
    loop_takes_mail();
    for (int i = 0; i < 5; i++) {
        expect_counts(i, 1, i / 2 != 1, 1);
        grader_expect(i / 2 == 1 || test.data[i].told == clients[i / 2], RULE_GONE,
                      "call %d: expected client %d to be told, it was another one", i, 100 + i / 2);
    }
}
END_TEST

static void close_and_call_again(struct client *client)
{
    test.in_finish = NULL;
    close_client(client);
    call(open_client(), 1);
}

START_TEST(finish_may_close_and_call_again)
{
    call(open_client(), 0);
    test.in_finish = close_and_call_again;
    worker_runs_one();
    grader_step("in finish, the client is closed; a new one comes and offloads a call");
    loop_takes_mail();
    expect_counts(0, 1, 1, 1);
    expect_counts(1, 0, 0, 0);
    worker_runs_one();
    loop_takes_mail();
    expect_counts(1, 1, 1, 1);
}
END_TEST

START_TEST(a_cancelled_job_does_no_work)
{
    const struct client *client = open_client();
    struct blocking_call gated = make_call(client, 0);
    pthread_t worker;

    gated.work = work_gated;
    offload(stage_workers(), stage_mailbox(), &gated);
    call(client, 1);
    worker_starts_one(&worker);
    sem_wait(&test.working);
    grader_step("the pool is cancelled while call 0 is worked on and call 1 waits");
    worker_pool_cancel(stage_workers());
    sem_post(&test.go_on);
    worker_ends(worker);
    worker_runs_one();
    loop_takes_mail();
    grader_expect(test.data[1].works == 0, CANCELLED, "call 1: expected no work, got %d",
                  test.data[1].works);
    grader_expect(test.data[0].status == 0, CANCELLED,
                  "call 0, whose work was done: expected status 0, got %d", test.data[0].status);
    grader_expect(test.data[1].status == -ECANCELED, CANCELLED,
                  "call 1: expected status -ECANCELED (%d), got %d", -ECANCELED,
                  test.data[1].status);
    expect_counts(0, 1, 1, 1);
    expect_counts(1, 0, 1, 1);
}
END_TEST

START_TEST(a_worker_may_be_faster_than_the_submit)
{
    workers_are_fast();
    grader_step("a worker has done the job, and posted, before worker_pool_submit returns");
    call(open_client(), 0);
    loop_takes_mail();
    expect_counts(0, 1, 1, 1);
    grader_step("the same, with a pool that is cancelled");
    worker_pool_cancel(stage_workers());
    call(open_client(), 1);
    loop_takes_mail();
    expect_counts(1, 0, 1, 1);
    grader_expect(test.data[1].status == -ECANCELED, CANCELLED,
                  "expected status -ECANCELED (%d), got %d", -ECANCELED, test.data[1].status);
}
END_TEST

/* When the loop ends: before the work, during it, when the reply waits already. */
START_TEST(the_loop_may_end_first)
{
    static const char *const moments[] = {"before a worker takes the job", "while a worker works",
                                          "when the reply waits in the mailbox"};
    struct blocking_call gated = make_call(open_client(), 0);
    pthread_t worker;

    gated.work = work_gated;
    offload(stage_workers(), stage_mailbox(), &gated);
    grader_step("the loop ends %s", moments[_i]);
    test.table_is_gone = _i == 0;
    if (_i == 0) {
        loop_ends();
    }
    worker_starts_one(&worker);
    sem_wait(&test.working);
    test.table_is_gone = _i <= 1;
    if (_i == 1) {
        loop_ends();
    }
    sem_post(&test.go_on);
    worker_ends(worker);
    test.table_is_gone = true;
    if (_i == 2) {
        loop_ends();
    }
    grader_expect(!test.asked_a_gone_table, ENDED, "expected no call of find, its table is gone");
    grader_expect(test.data[0].releases == 1, ENDED, "expected 1 release, got %d",
                  test.data[0].releases);
    expect_counts(0, 1, 0, 1);
}
END_TEST

START_TEST(each_reference_is_given_back)
{
    const struct client *client = open_client();

    for (int i = 0; i < CALLS; i++) {
        call(client, i);
    }
    for (int i = 0; i < CALLS; i++) {
        worker_runs_one();
    }
    loop_takes_mail();
    grader_step("%d calls have come and gone", CALLS);
    grader_expect(stage_references() == 1, RULE_REFERENCE,
                  "expected only the loop's reference to the mailbox to be left, got %zu",
                  stage_references());
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("one moment after the other", set_up_calls, NULL);
    grader_add(work_is_done_on_a_worker_and_finished_on_the_loop);
    grader_add(the_description_may_go_away);
    grader_add(what_cannot_be_taken_stays_yours);
    grader_add_loop(a_client_that_left_gets_nothing, 0, 3);
    grader_add(who_comes_into_the_old_place_gets_nothing);
    grader_add(calls_do_not_know_each_other);
    grader_add(finish_may_close_and_call_again);
    grader_add(a_cancelled_job_does_no_work);
    grader_add(a_worker_may_be_faster_than_the_submit);
    grader_add_loop(the_loop_may_end_first, 0, 3);
    grader_add(each_reference_is_given_back);
    add_load_checks();
    return grader_run(argc, argv);
}
