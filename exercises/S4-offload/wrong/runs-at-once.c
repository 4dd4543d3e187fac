/* caught-by: work_is_done_on_a_worker_and_finished_on_the_loop */
/* Does everything right here: each call gets its result, and the loop stands still meanwhile. */
#include "offload.h"

int offload(struct worker_pool *workers, struct mailbox *home, const struct blocking_call *call)
{
    (void)workers;
    (void)home;
    call->work(call->data);
    void *connection = call->find(call->table, call->connection);
    if (connection != NULL) {
        call->finish(connection, call->data, 0);
    }
    call->release(call->data);
    return 0;
}
