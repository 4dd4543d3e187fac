/*
 * wakeup: how to get a loop out of its wait from another thread.
 *
 * The sleeper sits in the kernel and only a descriptor that becomes ready gets it out. So every
 * mailbox owns a pair of ends: the loop watches the reading one as a channel, anybody writes the
 * other. A wakeup is a constant table of functions; socketpair is the lectures' way, eventfd needs
 * one descriptor instead of two.
 */
#ifndef WAKEUP_H
#define WAKEUP_H

#include "named_choices.h"
#include "server_extensions.h"

struct wakeup {
    const char *name;
    /*
     * Opens both ends, non-blocking and close-on-exec, owned by the caller, who closes each number
     * once: they may be the same. Returns 0 or -errno.
     */
    int (*open)(int *ret_read_fd, int *ret_write_fd);
    /*
     * Thread: any. Makes the reading end readable. Never blocks: if there is no room to write, the
     * reading end is readable already, and that is a success. Returns 0 or -errno.
     */
    int (*wake)(int write_fd);
    /* Thread: the loop's. The reading end is not readable afterwards, until the next wake. */
    void (*clear)(int read_fd);
};

extern const struct wakeup socketpair_wakeup;
extern const struct wakeup eventfd_wakeup;

/* The index of the default, socketpair, in every list that wakeups_list makes. */
enum { WAKEUPS_DEFAULT = 0 };

/*
 * The built-in ones, then those of `extensions` (may be NULL). Returns 0 or -errno
 * (named_choices_add).
 */
int wakeups_list(const struct server_extensions *extensions, struct named_choices *ret_choices);

#endif
