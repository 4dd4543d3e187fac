#include "loop_calls.h"

#include "container_of.h"
#include "scripted_dispatcher.h"

#include <check.h>
#include <unistd.h>

struct question {
    struct mailbox_task task;
    sem_t answered;
    pid_t thread;
};

static void run_question(struct mailbox_task *task)
{
    struct question *question = container_of(task, struct question, task);

    question->thread = gettid();
    sem_post(&question->answered);
}

static void drop_question(struct mailbox_task *task)
{
    sem_post(&container_of(task, struct question, task)->answered);
}

pid_t loop_thread_id(struct mailbox *mailbox)
{
    struct question question = {.task = {.run = run_question, .drop = drop_question}};

    sem_init(&question.answered, 0, 0);
    ck_assert_int_eq(mailbox_queue_in_loop(mailbox, &question.task), 0);
    sem_wait(&question.answered);
    sem_destroy(&question.answered);
    ck_assert_msg(question.thread != 0, "the loop dropped a task that it should run");
    return question.thread;
}

static void run_hold(struct mailbox_task *task)
{
    struct loop_hold *hold = container_of(task, struct loop_hold, task);

    dispatcher_wait_error = hold->wait_error;
    sem_post(&hold->held);
    sem_wait(&hold->released);
}

static void drop_hold(struct mailbox_task *task)
{
    sem_post(&container_of(task, struct loop_hold, task)->held);
}

static void post_hold(struct loop_hold *hold, struct mailbox *mailbox)
{
    hold->task = (struct mailbox_task){.run = run_hold, .drop = drop_hold};
    sem_init(&hold->held, 0, 0);
    sem_init(&hold->released, 0, 0);
    ck_assert_int_eq(mailbox_queue_in_loop(mailbox, &hold->task), 0);
}

void loop_hold(struct loop_hold *hold, struct mailbox *mailbox)
{
    post_hold(hold, mailbox);
    sem_wait(&hold->held);
}

void loop_release(struct loop_hold *hold)
{
    sem_post(&hold->released);
}

void loop_break(struct loop_hold *hold, struct mailbox *mailbox, int error)
{
    hold->wait_error = error;
    post_hold(hold, mailbox);
    loop_release(hold);
}
