/* check_threads: the checks with real threads and the wakeups of stage 3. */
#ifndef CHECK_THREADS_H
#define CHECK_THREADS_H

void add_thread_checks(void);

#endif
