/* caught-by: a_cancelled_job_does_no_work */
/* Does the work although the pool ends, and nobody will wait for it. */
#include "offload.h"

#include "container_of.h"

#include <errno.h>
#include <stdlib.h>

struct offloaded {
    struct blocking_call call;
    struct worker_job job;
    struct mailbox_task reply;
    struct mailbox *home; /* a reference, for the worker */
    int status;
};

static void end(struct offloaded *offloaded)
{
    offloaded->call.release(offloaded->call.data);
    free(offloaded);
}

/* Only now, and only here, is it known whether somebody still waits. */
static void run_reply(struct mailbox_task *task)
{
    struct offloaded *offloaded = container_of(task, struct offloaded, reply);
    const struct blocking_call *call = &offloaded->call;
    void *connection = call->find(call->table, call->connection);

    if (connection != NULL) {
        call->finish(connection, call->data, offloaded->status);
    }
    end(offloaded);
}

/* The loop has ended, and its table with it. */
static void drop_reply(struct mailbox_task *task)
{
    end(container_of(task, struct offloaded, reply));
}

static void run_on_worker(struct worker_job *job, struct worker_pool *pool)
{
    struct offloaded *offloaded = container_of(job, struct offloaded, job);
    struct mailbox *home = offloaded->home;

    (void)pool;
    offloaded->call.work(offloaded->call.data);
    /* Once it is posted, the loop may have freed it. The reference is needed up to here. */
    if (mailbox_queue_in_loop(home, &offloaded->reply) < 0) {
        end(offloaded);
    }
    mailbox_unref(home);
}

int offload(struct worker_pool *workers, struct mailbox *home, const struct blocking_call *call)
{
    struct offloaded *offloaded = malloc(sizeof *offloaded);

    if (offloaded == NULL) {
        return -ENOMEM;
    }
    *offloaded = (struct offloaded){
        .call = *call,
        .job = {.run = run_on_worker},
        .reply = {.run = run_reply, .drop = drop_reply},
        .home = mailbox_ref(home),
    };
    int result = worker_pool_submit(workers, &offloaded->job);
    if (result < 0) {
        mailbox_unref(home);
        free(offloaded);
    }
    return result;
}
