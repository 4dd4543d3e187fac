/*
 * check_kernel: what the program that is graded does with its wakeup, seen from the kernel's side.
 */
#ifndef CHECK_KERNEL_H
#define CHECK_KERNEL_H

#include <stdatomic.h>
#include <stdbool.h>

extern const char NO_WAIT[];
extern const char WOKEN[];

/* Set by the check's thread around a call of loop_post, on whichever thread that is. */
extern _Thread_local int posts_in_vain;
extern _Thread_local int in_post;

/* How many calls of a post would have waited, or were tried again and again. */
extern atomic_int waits_in_post;

/* What the loop has not run yet, as far as the check knows; -1: it does not know. */
extern atomic_int tasks_left;

/* Whether the check's thread, which is the loop's, sleeps at this moment. Thread: another one. */
bool check_thread_sleeps(void);

#endif
