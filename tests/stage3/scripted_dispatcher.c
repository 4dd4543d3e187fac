#include "scripted_dispatcher.h"

struct dispatcher_script dispatcher_script;
_Thread_local int dispatcher_wait_error;

static int create(void **ret_state)
{
    int error = fault_next(&dispatcher_script.create);

    return error != 0 ? error : dispatcher_script.inner->create(ret_state);
}

static void destroy(void *state)
{
    dispatcher_script.inner->destroy(state);
}

static int add(void *state, int fd, unsigned events)
{
    int error = dispatcher_script.add_error;

    return error != 0 ? error : dispatcher_script.inner->add(state, fd, events);
}

static int update(void *state, int fd, unsigned events)
{
    int error = dispatcher_script.update_error;

    return error != 0 ? error : dispatcher_script.inner->update(state, fd, events);
}

static int remove_fd(void *state, int fd)
{
    return dispatcher_script.inner->remove(state, fd);
}

static int wait_ready(void *state, int timeout_ms, struct ready_event *ret, size_t capacity)
{
    int error = dispatcher_wait_error;

    if (error != 0) {
        return error;
    }
    if (dispatcher_script.waiting != NULL) {
        sem_post(dispatcher_script.waiting);
    }
    return dispatcher_script.inner->wait(state, timeout_ms, ret, capacity);
}

static const struct event_dispatcher table = {
    .name = "scripted",
    .create = create,
    .destroy = destroy,
    .add = add,
    .update = update,
    .remove = remove_fd,
    .wait = wait_ready,
};

const struct event_dispatcher *scripted_dispatcher(const struct event_dispatcher *inner)
{
    dispatcher_script.inner = inner;
    return &table;
}
