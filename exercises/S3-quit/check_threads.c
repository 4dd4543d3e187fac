#include "thread_watch.h"

#include "grader.h"

#include <dlfcn.h>
#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MOST_THREADS = 256, LOOKS = 10 };

typedef int create_function(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
typedef int join_function(pthread_t, void **);

/* A sanitizer that is linked in has its own functions, which must not be left out. */
create_function __interceptor_pthread_create __attribute__((weak));
join_function __interceptor_pthread_join __attribute__((weak));

struct birth {
    void *(*run)(void *);
    void *argument;
    size_t number;
};

static struct {
    pthread_mutex_t mutex;
    pthread_t threads[MOST_THREADS];
    pid_t tids[MOST_THREADS]; /* 0 until it runs, and when it has been joined */
    bool joined[MOST_THREADS];
    size_t created;
    size_t joins;
    size_t fails_at; /* in so many creations from now */
    const char *misdeed;
} watch = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static atomic_size_t naps;

static _Thread_local bool is_crews;
static _Thread_local bool own_call; /* the grader's own thread is being made or joined */

static void lock(void)
{
    pthread_mutex_lock(&watch.mutex);
}

static void unlock(void)
{
    pthread_mutex_unlock(&watch.mutex);
}

static int real_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                       void *argument)
{
    create_function *real = __interceptor_pthread_create;

    if (real == NULL) {
        real = (create_function *)dlsym(RTLD_NEXT, "pthread_create");
    }
    return real(thread, attributes, run, argument);
}

static int real_join(pthread_t thread, void **result)
{
    join_function *real = __interceptor_pthread_join;

    if (real == NULL) {
        real = (join_function *)dlsym(RTLD_NEXT, "pthread_join");
    }
    return real(thread, result);
}

static void *run_crew_thread(void *argument)
{
    struct birth birth = *(struct birth *)argument;

    free(argument);
    is_crews = true;
    lock();
    watch.tids[birth.number] = gettid();
    unlock();
    return birth.run(birth.argument);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                   void *argument)
{
    if (own_call) {
        return real_create(thread, attributes, run, argument);
    }
    lock();
    bool fails = watch.fails_at > 0 && --watch.fails_at == 0;
    struct birth *birth = fails ? NULL : malloc(sizeof *birth);
    if (birth == NULL || watch.created == MOST_THREADS) {
        unlock();
        free(birth);
        return EAGAIN;
    }
    *birth = (struct birth){run, argument, watch.created};
    unlock();
    int error = real_create(thread, attributes, run_crew_thread, birth);
    lock();
    if (error == 0) {
        watch.threads[watch.created++] = *thread;
    }
    unlock();
    if (error != 0) {
        free(birth);
    }
    return error;
}

/* Called with the mutex held. Returns its number, or MOST_THREADS. */
static size_t find(pthread_t thread)
{
    for (size_t i = watch.created; i > 0; i--) {
        if (pthread_equal(watch.threads[i - 1], thread) && !watch.joined[i - 1]) {
            return i - 1;
        }
    }
    return MOST_THREADS;
}

int pthread_join(pthread_t thread, void **result)
{
    if (own_call) {
        return real_join(thread, result);
    }
    lock();
    size_t number = find(thread);
    bool itself = pthread_equal(thread, pthread_self()) != 0;
    bool good = !itself && number < MOST_THREADS;
    if (!good) {
        watch.misdeed = itself ? "a thread has joined itself" : "a thread has been joined twice";
    }
    if (good) {
        /* Two at the same time would be a mistake as well. */
        watch.joined[number] = true;
        watch.tids[number] = 0;
    }
    unlock();
    int error = good ? real_join(thread, result) : EDEADLK;
    if (error == 0) {
        lock();
        watch.joins++;
        unlock();
    }
    return error;
}

int pthread_detach(pthread_t thread)
{
    (void)thread;
    lock();
    watch.misdeed = "a thread has been detached";
    unlock();
    return 0;
}

void fail_thread(size_t nth)
{
    lock();
    watch.fails_at = nth;
    unlock();
}

size_t threads_created(void)
{
    lock();
    size_t created = watch.created;
    unlock();
    return created;
}

size_t threads_joined(void)
{
    lock();
    size_t joins = watch.joins;
    unlock();
    return joins;
}

const char *thread_misdeed(void)
{
    lock();
    const char *misdeed = watch.misdeed;
    unlock();
    return misdeed;
}

bool on_crew_thread(void)
{
    return is_crews;
}

size_t threads_napped(void)
{
    return atomic_load(&naps);
}

static void note_nap(void)
{
    if (is_crews) {
        atomic_fetch_add(&naps, 1);
    }
}

int sched_yield(void)
{
    note_nap();
    return (int)syscall(SYS_sched_yield);
}

int nanosleep(const struct timespec *time, struct timespec *ret_left)
{
    note_nap();
    return (int)syscall(SYS_nanosleep, time, ret_left);
}

int usleep(useconds_t us)
{
    return nanosleep(&(struct timespec){us / 1000000, (long)(us % 1000000) * 1000}, NULL);
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                           const struct timespec *time)
{
    (void)condition;
    (void)time;
    note_nap();
    pthread_mutex_unlock(mutex);
    syscall(SYS_sched_yield);
    pthread_mutex_lock(mutex);
    return ETIMEDOUT;
}

/* Whether the kernel says that the thread sleeps. */
static bool is_asleep(pid_t tid)
{
    char path[64];
    char text[256] = "";

    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)tid);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return false;
    }
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    const char *name_end = strrchr(text, ')');
    return name_end != NULL && strncmp(name_end, ") S", 3) == 0;
}

/* Between two looks. */
static void look_away(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static bool all_are_asleep(void)
{
    bool asleep = true;

    lock();
    for (size_t i = 0; i < watch.created; i++) {
        asleep = asleep && (watch.joined[i] || (watch.tids[i] != 0 && is_asleep(watch.tids[i])));
    }
    unlock();
    return asleep;
}

void wait_until_all_idle(void)
{
    for (int looks = 0; looks < LOOKS && threads_napped() == 0; look_away()) {
        looks = all_are_asleep() ? looks + 1 : 0;
    }
}

static void *run_own_thread(void *argument)
{
    struct own_thread *thread = argument;

    __atomic_store_n(&thread->tid, gettid(), __ATOMIC_RELEASE);
    thread->run(thread->argument);
    __atomic_store_n(&thread->done, true, __ATOMIC_RELEASE);
    return NULL;
}

void own_thread_start(struct own_thread *thread, void (*run)(void *argument), void *argument)
{
    *thread = (struct own_thread){.run = run, .argument = argument};
    own_call = true;
    int error = pthread_create(&thread->thread, NULL, run_own_thread, thread);
    own_call = false;
    ck_assert_int_eq(error, 0);
}

void own_thread_join(struct own_thread *thread)
{
    own_call = true;
    pthread_join(thread->thread, NULL);
    own_call = false;
}

bool own_thread_sleeps(struct own_thread *thread)
{
    for (int looks = 0; looks < LOOKS; look_away()) {
        pid_t tid = __atomic_load_n(&thread->tid, __ATOMIC_ACQUIRE);
        if (__atomic_load_n(&thread->done, __ATOMIC_ACQUIRE)) {
            return false;
        }
        looks = tid != 0 && is_asleep(tid) ? looks + 1 : 0;
    }
    return true;
}
