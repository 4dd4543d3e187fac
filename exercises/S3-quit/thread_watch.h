/*
 * thread_watch: sees which threads the answer creates and joins.
 *
 * pthread_create, pthread_join and pthread_detach are functions of check_threads.c. They are passed
 * on and noted, except for the grader's own threads.
 */
#ifndef THREAD_WATCH_H
#define THREAD_WATCH_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The n-th thread of the answer from now on (from 1) cannot be had: EAGAIN. 0: all can. */
void fail_thread(size_t nth);

/* How many threads the answer has created, and how many of these have been joined. */
size_t threads_created(void);
size_t threads_joined(void);

/* What was done that a thread must not do, or NULL. */
const char *thread_misdeed(void);

/* Whether the calling thread is one that the answer has made. */
bool on_crew_thread(void);

/* How often a thread of the answer has waited with a time limit, slept for a time or yielded. */
size_t threads_napped(void);

/* Waits until each thread of the answer sleeps in the kernel, or one has napped. */
void wait_until_all_idle(void);

/* A thread of the grader's own, with its number in the kernel as soon as it runs. */
struct own_thread {
    pthread_t thread;
    void (*run)(void *argument);
    void *argument;
    pid_t tid;
    bool done; /* both by atomic builtins */
};

void own_thread_start(struct own_thread *thread, void (*run)(void *argument), void *argument);
void own_thread_join(struct own_thread *thread);

/* Waits until the thread has ended (false), or has slept for a while (true). */
bool own_thread_sleeps(struct own_thread *thread);

#endif
