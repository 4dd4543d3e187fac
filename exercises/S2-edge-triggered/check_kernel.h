/*
 * check_kernel: what the answer asks of the kernel, noted on its way there.
 *
 * epoll_ctl, epoll_wait and its relatives, and the five ways to read from a socket are defined in
 * check_kernel.c. The real kernel answers; only a wait never sleeps, for all that a check needs is
 * there before it.
 */
#ifndef CHECK_KERNEL_H
#define CHECK_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

enum { KERNEL_MOST_DESCRIPTORS = 1024 };

/* By descriptor. */
extern struct kernel_seen {
    int changes; /* calls of epoll_ctl */
    int last_operation;
    uint32_t events; /* of the last EPOLL_CTL_ADD or MOD */
    int reads;
} kernel_seen[KERNEL_MOST_DESCRIPTORS];

extern int kernel_waits;
extern int kernel_timeout_ms; /* that the last wait asked for */
extern int kernel_room;       /* that the last wait had */
extern int kernel_most;       /* what one read or recv gives at most; 0: all that there is */

/* The next so many reads, or the next wait, fail with this errno. */
void kernel_disturb_reads(int error, int times);
void kernel_disturb_wait(int error);

#endif
