/*
 * hook_record: loop hooks that note what they see, and fail when told to.
 *
 * The context of loop_hooks; one for all loops of a test. Written on the loops' threads: what is
 * not atomic may be read once the loop has started or was joined.
 */
#ifndef HOOK_RECORD_H
#define HOOK_RECORD_H

#include "fault.h"
#include "reactor.h"

#include <semaphore.h>
#include <sys/types.h>

/* Zero-initialise. */
struct hook_record {
    struct fault enter;
    sem_t *may_enter;    /* NULL, or: enter waits for it */
    atomic_uint entered; /* calls of enter that succeeded */
    atomic_uint left;    /* calls of leave */
    pid_t thread;        /* of the last enter */
    char name[16];       /* of that thread */
};

struct loop_hooks hook_record_hooks(struct hook_record *record);

#endif
