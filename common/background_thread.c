#include "background_thread.h"

#include <signal.h>

int background_thread_start(pthread_t *ret_thread, const char *name, void *(*run)(void *argument),
                            void *argument)
{
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int error = pthread_create(ret_thread, NULL, run, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error == 0) {
        pthread_setname_np(*ret_thread, name);
    }
    return -error;
}
