#include "channel_operation.h"

#include "container_of.h"

#include <errno.h>

static int perform(const struct channel_operation *operation)
{
    struct event_loop *loop = mailbox_loop(operation->mailbox);

    switch (operation->kind) {
    case CHANNEL_ADD:
        return event_loop_add_channel(loop, operation->channel, operation->events);
    case CHANNEL_UPDATE:
        return event_loop_update_channel(loop, operation->channel, operation->events);
    case CHANNEL_REMOVE:
        event_loop_remove_channel(loop, operation->channel);
        return 0;
    }
    return -EINVAL;
}

static void run(struct mailbox_task *task)
{
    struct channel_operation *operation = container_of(task, struct channel_operation, task);

    operation->done(operation, perform(operation));
}

static void drop(struct mailbox_task *task)
{
    struct channel_operation *operation = container_of(task, struct channel_operation, task);

    operation->done(operation, -ECANCELED);
}

int channel_operation_post(struct mailbox *mailbox, struct channel_operation *operation)
{
    operation->mailbox = mailbox;
    operation->task = (struct mailbox_task){.run = run, .drop = drop};
    return mailbox_run_in_loop(mailbox, &operation->task);
}
