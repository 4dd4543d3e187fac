/*
 * check_locks: sees the mutexes that the answer locks. A mutex is free while a task runs if the
 * task's thread holds none.
 */
#ifndef CHECK_LOCKS_H
#define CHECK_LOCKS_H

/* How many mutexes the calling thread holds, and how often it has locked one. */
int locks_held(void);
int locks_taken(void);

/* The calling thread's next lock is preceded by this call: what another thread may do just then. */
void locks_before_next(void (*hook)(void));

#endif
