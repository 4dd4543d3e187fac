#include "hook_record.h"

#include <pthread.h>
#include <unistd.h>

static int enter(struct reactor *reactor, void *context)
{
    struct hook_record *record = context;
    int error = fault_next(&record->enter);

    if (record->may_enter != NULL) {
        sem_wait(record->may_enter);
    }
    if (error != 0) {
        return error;
    }
    record->thread = gettid();
    pthread_getname_np(pthread_self(), record->name, sizeof record->name);
    reactor->hook_state = record;
    atomic_fetch_add(&record->entered, 1);
    return 0;
}

static void leave(struct reactor *reactor, void *context)
{
    struct hook_record *record = context;

    (void)reactor;
    atomic_fetch_add(&record->left, 1);
}

struct loop_hooks hook_record_hooks(struct hook_record *record)
{
    return (struct loop_hooks){.enter = enter, .leave = leave, .context = record};
}
