#include "check_locks.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

/* The sanitizers have functions of their own, which must see what is locked. */
int __interceptor_pthread_mutex_lock(pthread_mutex_t *mutex) __attribute__((weak));
int __interceptor_pthread_mutex_trylock(pthread_mutex_t *mutex) __attribute__((weak));
int __interceptor_pthread_mutex_unlock(pthread_mutex_t *mutex) __attribute__((weak));

typedef int mutex_call(pthread_mutex_t *mutex);

static _Thread_local int held;
static _Thread_local int taken;
static _Thread_local void (*before_next)(void);

int locks_held(void)
{
    return held;
}

int locks_taken(void)
{
    return taken;
}

void locks_before_next(void (*hook)(void))
{
    before_next = hook;
}

static mutex_call *real(mutex_call *sanitizers, const char *name)
{
    return sanitizers != NULL ? sanitizers : (mutex_call *)dlsym(RTLD_NEXT, name);
}

static int note(int result)
{
    if (result == 0) {
        held++;
        taken++;
    }
    return result;
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    void (*hook)(void) = before_next;

    if (hook != NULL) {
        before_next = NULL;
        hook();
    }
    return note(real(__interceptor_pthread_mutex_lock, "pthread_mutex_lock")(mutex));
}

int pthread_mutex_trylock(pthread_mutex_t *mutex)
{
    return note(real(__interceptor_pthread_mutex_trylock, "pthread_mutex_trylock")(mutex));
}

int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    held--;
    return real(__interceptor_pthread_mutex_unlock, "pthread_mutex_unlock")(mutex);
}
