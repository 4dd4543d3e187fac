/* fails-at: work_is_done_on_a_worker_and_finished_on_the_loop */
/*
 * S4-offload: blocking work off the loop, and the result back to whoever still waits for it.
 *
 * exercises/S4-offload/README.md has the contract, offload.h beside it the types.
 */
#include "offload.h"

#include "container_of.h"

#include <errno.h>
#include <stdlib.h>

int offload(struct worker_pool *workers, struct mailbox *home, const struct blocking_call *call)
{
    /*
     * TODO: a node of your own, with a struct worker_job for the way to the worker and a struct
     * mailbox_task for the way back. Then go through the moments at which somebody else may have
     * left: the client, the loop.
     */
    (void)workers;
    (void)home;
    (void)call;
    return -ENOSYS;
}
