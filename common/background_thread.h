/*
 * background_thread: a thread that runs no event loop.
 *
 * It is born with every signal blocked: what the process is told goes to the main reactor's
 * signalfd, whichever threads exist before or after that is opened.
 */
#ifndef BACKGROUND_THREAD_H
#define BACKGROUND_THREAD_H

#include <pthread.h>

/*
 * Starts a thread. `name` is copied, at most 15 characters; debuggers and ps -L show it. The caller
 * joins it. Returns 0 or -errno.
 */
int background_thread_start(pthread_t *ret_thread, const char *name, void *(*run)(void *argument),
                            void *argument);

#endif
