#include "check_threads.h"

#include "grader.h"

#include <dlfcn.h>
#include <errno.h>
#include <semaphore.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST_PEOPLE = 128 };

static const char NOT_LOCKED[] = "a thread that waits for a condition has the mutex locked, also "
                                 "with -DNDEBUG (contract, 6 and 9)";
static const char STILL_USED[] = "what a worker uses is there as long as it may use it "
                                 "(contract, 7)";
static const char NOBODY_LEFT[] =
    "whoever waits is woken: by a worker that is ready, by one that failed, or because there are "
    "no more workers (contract, 2 to 6)";

struct script script;
struct seen seen;

/* One thread: what it waits for. */
struct person {
    bool used;
    bool ended;
    bool asleep;
    const void *waits_for; /* a condition, or the person that it joins; NULL: it is up */
    const pthread_mutex_t *mutex;
    sem_t wake;
    pthread_t thread;
    void *(*start)(void *argument);
    void *argument;
    atomic_int tid;
};

static struct {
    pthread_mutex_t mutex;
    struct person people[MOST_PEOPLE];
    struct person *starter;
    int alive;
    int asleep;
    bool stuck;
    const char *frame; /* of threads_begin: what the starter calls later is below */
    const char *stack; /* the lowest address that its stack may have */
} model = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local struct person *me;
static _Thread_local int spurious_done;

/* The sanitizers have functions of their own, which must see what happens. */
int __interceptor_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                                 void *(*start)(void *), void *argument) __attribute__((weak));
int __interceptor_pthread_join(pthread_t thread, void **ret_value) __attribute__((weak));
int __interceptor_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
    __attribute__((weak));
int __interceptor_pthread_cond_signal(pthread_cond_t *condition) __attribute__((weak));
int __interceptor_pthread_cond_broadcast(pthread_cond_t *condition) __attribute__((weak));
int __interceptor_pthread_cond_destroy(pthread_cond_t *condition) __attribute__((weak));
int __interceptor_pthread_mutex_destroy(pthread_mutex_t *mutex) __attribute__((weak));

static bool modelled(void)
{
    return !script.real_conditions || __interceptor_pthread_cond_wait == NULL;
}

/* The model's mutex is held by the caller of the following. */

static struct person *new_person(void)
{
    for (int i = 0; i < MOST_PEOPLE; i++) {
        struct person *person = &model.people[i];
        if (!person->used) {
            *person = (struct person){.used = true};
            sem_init(&person->wake, 0, 0);
            model.alive++;
            return person;
        }
    }
    return NULL;
}

static void wake_person(struct person *person)
{
    person->asleep = false;
    model.asleep--;
    sem_post(&person->wake);
}

static void wake_those_who_wait_for(const void *what, int most)
{
    for (int i = 0; i < MOST_PEOPLE && most > 0; i++) {
        struct person *person = &model.people[i];
        if (person->used && person->asleep && person->waits_for == what) {
            wake_person(person);
            most--;
        }
    }
}

static void look_whether_stuck(void)
{
    if (!model.stuck && model.starter->asleep && model.asleep == model.alive) {
        model.stuck = true;
        wake_person(model.starter);
    }
}

/* ... up to here. */

static void lock_model(void)
{
    pthread_mutex_lock(&model.mutex);
}

static void unlock_model(void)
{
    pthread_mutex_unlock(&model.mutex);
}

void threads_begin(void)
{
    pthread_attr_t attributes;
    void *stack = NULL;
    size_t size = 0;

    model.frame = __builtin_frame_address(0);
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        pthread_attr_getstack(&attributes, &stack, &size);
        pthread_attr_destroy(&attributes);
    }
    model.stack = stack;
    lock_model();
    me = new_person();
    model.starter = me;
    unlock_model();
    me->thread = pthread_self();
    atomic_store(&me->tid, gettid());
}

void threads_expect_no_fault(const char *rule)
{
    const char *fault = atomic_load(&seen.fault);

    grader_expect(fault == NULL, rule, "%s", fault);
}

/* Sleeps until somebody wakes it; the model is locked, and unlocked afterwards. */
static void sleep_for(const void *what, pthread_mutex_t *mutex)
{
    me->waits_for = what;
    me->mutex = mutex;
    me->asleep = true;
    model.asleep++;
    look_whether_stuck();
    unlock_model();
    if (mutex != NULL) {
        pthread_mutex_unlock(mutex);
    }
    while (sem_wait(&me->wake) < 0) {
    }
    if (me == model.starter && model.stuck) {
        grader_expect(false, NOBODY_LEFT,
                      "the starter waits, and so does every worker that has not ended: nobody is "
                      "left to wake it");
    }
}

static void get_up(void)
{
    lock_model();
    me->waits_for = NULL;
    me->mutex = NULL;
    unlock_model();
}

static void end_person(void *argument)
{
    struct person *person = argument;

    lock_model();
    person->ended = true;
    model.alive--;
    wake_those_who_wait_for(person, MOST_PEOPLE);
    look_whether_stuck();
    unlock_model();
}

static void *run_person(void *argument)
{
    void *result;

    me = argument;
    atomic_store(&me->tid, gettid());
    pthread_cleanup_push(end_person, me);
    result = me->start(me->argument);
    pthread_cleanup_pop(1);
    return result;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                   void *argument)
{
    __typeof__(&pthread_create) real = __interceptor_pthread_create;

    if (real == NULL) {
        real = (__typeof__(real))dlsym(RTLD_NEXT, "pthread_create");
    }
    if (atomic_fetch_add(&seen.asked, 1) + 1 == script.refuse_at) {
        return EAGAIN;
    }
    atomic_fetch_add(&seen.created, 1);
    lock_model();
    struct person *person = new_person();
    unlock_model();
    ck_assert_ptr_nonnull(person);
    person->start = start;
    person->argument = argument;
    int error = real(thread, attributes, run_person, person);
    ck_assert_msg(error == 0, "pthread_create: %s", strerror(error));
    lock_model();
    person->thread = *thread;
    unlock_model();
    if (script.fast_workers) {
        while (atomic_load(&person->tid) == 0) {
            syscall(SYS_sched_yield);
        }
        wait_until_it_rests(atomic_load(&person->tid));
    }
    return 0;
}

/* Waits until the thread has ended, and returns it; NULL if it is not there. */
static struct person *wait_for_end(pthread_t thread)
{
    struct person *person = NULL;

    lock_model();
    for (int i = 0; i < MOST_PEOPLE && person == NULL; i++) {
        struct person *one = &model.people[i];
        person = one->used && pthread_equal(one->thread, thread) ? one : NULL;
    }
    if (person == NULL || person->ended) {
        unlock_model();
        return person;
    }
    sleep_for(person, NULL);
    get_up();
    return person;
}

int pthread_join(pthread_t thread, void **ret_value)
{
    __typeof__(&pthread_join) real = __interceptor_pthread_join;
    struct person *person = wait_for_end(thread);

    if (person == NULL) {
        atomic_store(&seen.fault, "a thread was joined that is not there any more");
        return ESRCH;
    }
    if (real == NULL) {
        real = (__typeof__(real))dlsym(RTLD_NEXT, "pthread_join");
    }
    int error = real(thread, ret_value);
    lock_model();
    sem_destroy(&person->wake);
    person->used = false;
    unlock_model();
    atomic_fetch_add(&seen.joined, 1);
    return error;
}

/* A worker that is late: its wait has ended, and it comes back to it only now. */
static void be_late(const pthread_mutex_t *mutex)
{
    const char *place = (const char *)mutex;

    if (wait_until_starter_rests() == GONE && place >= model.stack && place < model.frame) {
        atomic_store(&seen.fault, "a worker wakes up and needs the mutex that was on the stack of "
                                  "start_workers, which has returned");
        pthread_exit(NULL);
    }
}

/* The C library notes who has a mutex. Elsewhere: if it can be locked, nobody had it. */
static bool has_locked(pthread_mutex_t *mutex)
{
#ifdef __GLIBC__
    return __atomic_load_n(&mutex->__data.__owner, __ATOMIC_RELAXED) == gettid();
#else
    bool free = pthread_mutex_trylock(mutex) == 0;

    if (free) {
        pthread_mutex_unlock(mutex);
    }
    return !free;
#endif
}

int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
    if (!has_locked(mutex)) {
        grader_expect(me != model.starter, NOT_LOCKED, "the starter waits without the mutex");
        atomic_store(&seen.fault, "a worker waits without the mutex");
        return 0;
    }
    if (spurious_done < script.spurious) {
        spurious_done++;
        pthread_mutex_unlock(mutex);
        syscall(SYS_sched_yield);
        pthread_mutex_lock(mutex);
        return 0;
    }
    if (!modelled()) {
        return __interceptor_pthread_cond_wait(condition, mutex);
    }
    lock_model();
    sleep_for(condition, mutex);
    if (script.late_workers && me != model.starter) {
        be_late(mutex);
    }
    pthread_mutex_lock(mutex);
    get_up();
    return 0;
}

static int wake_some(pthread_cond_t *condition, int most)
{
    lock_model();
    wake_those_who_wait_for(condition, most);
    unlock_model();
    return 0;
}

int pthread_cond_signal(pthread_cond_t *condition)
{
    return modelled() ? wake_some(condition, 1) : __interceptor_pthread_cond_signal(condition);
}

int pthread_cond_broadcast(pthread_cond_t *condition)
{
    return modelled() ? wake_some(condition, MOST_PEOPLE)
                      : __interceptor_pthread_cond_broadcast(condition);
}

static bool in_use(const void *condition, const pthread_mutex_t *mutex)
{
    bool used = false;

    lock_model();
    for (int i = 0; i < MOST_PEOPLE; i++) {
        const struct person *person = &model.people[i];
        used =
            used || (person->used && person != me && person->waits_for != NULL &&
                     (condition != NULL ? person->waits_for == condition : person->mutex == mutex));
    }
    unlock_model();
    return used;
}

static void expect_unused(bool used, const char *fault)
{
    if (used) {
        grader_expect(me != model.starter, STILL_USED, "%s", fault);
        atomic_store(&seen.fault, fault);
    }
}

int pthread_cond_destroy(pthread_cond_t *condition)
{
    expect_unused(in_use(condition, NULL), "a condition is destroyed, with a thread in its wait");
    return modelled() ? 0 : __interceptor_pthread_cond_destroy(condition);
}

int pthread_mutex_destroy(pthread_mutex_t *mutex)
{
    __typeof__(&pthread_mutex_destroy) real = __interceptor_pthread_mutex_destroy;

    if (real == NULL) {
        real = (__typeof__(real))dlsym(RTLD_NEXT, "pthread_mutex_destroy");
    }
    expect_unused(in_use(NULL, mutex), "a mutex is destroyed, and a thread needs it for its wait");
    return real(mutex);
}
