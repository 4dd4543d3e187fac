/*
 * crew: some threads that run tasks. The contract is in README.md; do not change this file.
 */
#ifndef CREW_H
#define CREW_H

#include <stddef.h>

struct crew; /* yours to define */

/* Embedded in whatever the work needs. `run` may free it. */
struct crew_task {
    struct crew_task *next; /* the crew's */
    void (*run)(struct crew_task *task);
};

/* Returns 0 or -errno. */
int crew_create(size_t threads, struct crew **ret_crew);

/* Thread: any. Returns 0, or -ESHUTDOWN: the task is still yours. */
int crew_post(struct crew *crew, struct crew_task *task);

/* Thread: any. Returns 0: it is over; or, to a task of this crew, -EINPROGRESS. */
int crew_stop(struct crew *crew);

/* Stops, if nobody has, and frees. */
void crew_destroy(struct crew *crew);

#endif
