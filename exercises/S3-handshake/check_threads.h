/*
 * check_threads: threads and conditions as the answer finds them.
 *
 * pthread_create, pthread_join and the functions of conditions are the grader's own. So it knows
 * who waits for what, can wake a thread for no reason, let a thread be late, refuse to make one;
 * and it sees when everybody waits and nobody is left to wake them.
 */
#ifndef CHECK_THREADS_H
#define CHECK_THREADS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

/* What is to happen. The check sets it before the answer has any threads. */
struct script {
    int refuse_at;        /* this pthread_create, from 1, returns EAGAIN; 0: none */
    int spurious;         /* so many waits of each thread return at once */
    bool fast_workers;    /* pthread_create returns when the new thread sleeps or has ended */
    bool late_workers;    /* a worker that is woken goes on when the starter sleeps or is back */
    bool real_conditions; /* under a sanitizer: its own, so that it sees what the answer does */
};

extern struct script script;

/* What has happened. */
struct seen {
    atomic_int asked; /* calls of pthread_create */
    atomic_int created;
    atomic_int joined;
    atomic_int naps;             /* calls that sleep for a time, yield, or wait with a time limit */
    atomic_bool returned;        /* set by the check: the starter is back */
    _Atomic(const char *) fault; /* NULL, or what a thread did that it must not do */
};

extern struct seen seen;

/* The check's thread, before anything else: it is the starter. */
void threads_begin(void);

/* Fails the check if there was a fault. */
void threads_expect_no_fault(const char *rule);

enum rest { SLEEPS, SPINS, GONE };

/*
 * Waits until the thread sleeps in the kernel (it waits for something), or is gone, or has used so
 * much CPU time that it does not wait but spin. For the starter, GONE says that it is back.
 */
enum rest wait_until_it_rests(pid_t thread);
enum rest wait_until_starter_rests(void);

#endif
