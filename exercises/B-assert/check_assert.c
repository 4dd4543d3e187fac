/* run-under: ndebug thread */
/*
 * The grader of B-assert.
 *
 * It stands between the program and its mutexes, to see whether each unlock has a lock before it,
 * and to stop a thread inside. The thread sanitizer has to see the real calls, so there it does
 * not interfere.
 */
#include "diagnosis.h"
#include "grader.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct totals {
    size_t requests;
    size_t bytes;
    size_t largest;
};

struct stats;
struct stats *stats_create(void);
void stats_count(struct stats *stats, size_t bytes);
void stats_read(struct stats *stats, struct totals *ret_totals);
void stats_destroy(struct stats *stats);
int answer_main(int argc, char **argv);

enum { THREADS = 4, FROM_EACH = 20000, READS = 2000, CHANGES = 200, BYTES = 100 };
static const int64_t MOST_CPU_NS = 100 * 1000 * 1000;

static const char COUNTED[] = "requests, bytes, and the largest answer are counted (contract, 1)";
static const char ONE_MOMENT[] = "stats_read gives totals of one moment (contract, 2)";
static const char NOTHING_LOST[] = "whatever threads do at once, nothing is lost (contract, 3)";
static const char BALANCED[] = "in every build a thread unlocks what it has locked (contract, 4)";

static struct stats *stats;

/* Of the calling thread: how many mutexes it holds, and whether it is inside the program. */
static _Thread_local int held;
static _Thread_local bool inside;
static _Thread_local bool stops_at_unlock;
static atomic_int unlocked_without_lock;

/* The thread that stops inside. */
static sem_t go_on;
static atomic_bool has_stopped;

/* gcc says it with a macro, clang with a function. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1
#endif
#endif

#ifndef __SANITIZE_THREAD__

typedef int mutex_function(pthread_mutex_t *mutex);

/* Looked up once, before there is a second thread. */
static struct {
    mutex_function *lock;
    mutex_function *trylock;
    mutex_function *unlock;
} real;

__attribute__((constructor)) static void look_up(void)
{
    *(void **)&real.lock = dlsym(RTLD_NEXT, "pthread_mutex_lock");
    *(void **)&real.trylock = dlsym(RTLD_NEXT, "pthread_mutex_trylock");
    *(void **)&real.unlock = dlsym(RTLD_NEXT, "pthread_mutex_unlock");
}

static int note_lock(int result)
{
    if (inside && result == 0) {
        held++;
    }
    return result;
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    return note_lock(real.lock(mutex));
}

int pthread_mutex_trylock(pthread_mutex_t *mutex)
{
    return note_lock(real.trylock(mutex));
}

int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    if (inside && held == 0) {
        atomic_fetch_add(&unlocked_without_lock, 1);
    } else if (inside) {
        held--;
    }
    if (stops_at_unlock) {
        stops_at_unlock = false;
        atomic_store(&has_stopped, true);
        sem_wait(&go_on);
    }
    return real.unlock(mutex);
}

#endif

static void create_stats(void)
{
    sem_init(&go_on, 0, 0);
    stats = stats_create();
    ck_assert(stats != NULL);
}

static void destroy_stats(void)
{
    stats_destroy(stats);
    sem_destroy(&go_on);
}

static void count(size_t bytes)
{
    inside = true;
    stats_count(stats, bytes);
    inside = false;
}

static struct totals totals_now(void)
{
    struct totals totals;

    inside = true;
    stats_read(stats, &totals);
    inside = false;
    return totals;
}

static void expect_totals(const char *rule, size_t requests, size_t bytes, size_t largest)
{
    struct totals got = totals_now();

    grader_expect(got.requests == requests && got.bytes == bytes && got.largest == largest, rule,
                  "expected %zu requests, %zu bytes, the largest %zu; got %zu, %zu, %zu", requests,
                  bytes, largest, got.requests, got.bytes, got.largest);
}

START_TEST(the_line_is_found)
{
    diagnosis_expect_line("assert(pthread_mutex_lock(&stats->mutex) == 0);",
                          "assert(pthread_mutex_lock(&stats->mutex) == 0);");
}
END_TEST

START_TEST(the_kind_is_named)
{
    diagnosis_expect_bug(BUG_SIDE_EFFECT_IN_ASSERT);
}
END_TEST

/* The last two say something only of the program with -DNDEBUG: a parameter that nothing uses, and
 * an unlock of what is not locked. */
START_TEST(the_tool_shows_it)
{
    diagnosis_expect_tool(1U << TOOL_RELEASE_BUILD | 1U << TOOL_COMPILER_WARNING |
                          1U << TOOL_THREAD_SANITIZER);
}
END_TEST

static void expect_balance(const char *function)
{
    grader_expect(atomic_load(&unlocked_without_lock) == 0, BALANCED,
                  "%s unlocks a mutex that this thread has not locked", function);
    grader_expect(held == 0, BALANCED, "%s returns, and a mutex is still locked", function);
}

START_TEST(each_unlock_has_its_lock)
{
    static const size_t sizes[] = {100, 0, 50, 200};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        grader_step("stats_count with %zu bytes", sizes[i]);
        count(sizes[i]);
        expect_balance("stats_count");
    }
    grader_step("stats_read");
    totals_now();
    expect_balance("stats_read");
}
END_TEST

START_TEST(one_thread_counts)
{
    expect_totals(COUNTED, 0, 0, 0);
    grader_step("answers of 10, 30, 0 and 20 bytes");
    count(10);
    expect_totals(COUNTED, 1, 10, 10);
    count(30);
    count(0);
    count(20);
    expect_totals(COUNTED, 4, 60, 30);
    grader_step("an answer of 3,000,000,000 bytes");
    count(3000000000);
    expect_totals(COUNTED, 5, 3000000060, 3000000000);
}
END_TEST

START_TEST(two_stats_know_nothing_of_each_other)
{
    struct stats *first = stats;

    grader_step("one counts an answer of 10 bytes, another one of 20");
    count(10);
    stats = stats_create();
    count(20);
    expect_totals(COUNTED, 1, 20, 20);
    stats_destroy(stats);
    stats = first;
    expect_totals(COUNTED, 1, 10, 10);
}
END_TEST

struct visitor {
    pthread_t thread;
    size_t bytes;
    bool stops;
    _Atomic(pid_t) number; /* 0: it has not begun */
    atomic_bool done;
};

static void *count_once(void *argument)
{
    struct visitor *visitor = argument;

    stops_at_unlock = visitor->stops;
    atomic_store(&visitor->number, (pid_t)syscall(SYS_gettid));
    count(visitor->bytes);
    stops_at_unlock = false;
    atomic_store(&visitor->done, true);
    return NULL;
}

/* Whether it sleeps, as a thread does that waits for a lock. */
static bool sleeps(pid_t number)
{
    char path[64];
    char line[512];
    char state = 'R';

    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)number);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    if (fgets(line, sizeof line, file) != NULL && strrchr(line, ')') != NULL) {
        state = strrchr(line, ')')[2];
    }
    fclose(file);
    return state == 'S';
}

static bool has_used_the_cpu(pthread_t thread)
{
    clockid_t clock;
    struct timespec used = {0};

    return pthread_getcpuclockid(thread, &clock) == 0 && clock_gettime(clock, &used) == 0 &&
           (int64_t)used.tv_sec * 1000 * 1000 * 1000 + used.tv_nsec > MOST_CPU_NS;
}

/* Until the visitor is through, or cannot get in: it sleeps, or it spins. */
static void wait_until_settled(struct visitor *visitor)
{
    while (!atomic_load(&visitor->done) && !has_used_the_cpu(visitor->thread)) {
        pid_t number = atomic_load(&visitor->number);
        if (number != 0 && sleeps(number)) {
            return;
        }
        sched_yield();
    }
}

START_TEST(who_finds_another_thread_inside_waits)
{
    static struct visitor first = {.bytes = 10, .stops = true};
    static struct visitor second = {.bytes = 20};

    grader_step("a thread is stopped inside stats_count, before it unlocks");
    ck_assert(pthread_create(&first.thread, NULL, count_once, &first) == 0);
    while (!atomic_load(&first.done) && !atomic_load(&has_stopped)) {
        sched_yield();
    }
    grader_step("another thread calls stats_count");
    ck_assert(pthread_create(&second.thread, NULL, count_once, &second) == 0);
    wait_until_settled(&second);
    grader_step("the first one goes on");
    sem_post(&go_on);
    pthread_join(first.thread, NULL);
    pthread_join(second.thread, NULL);
    expect_totals(NOTHING_LOST, 2, 30, 20);
}
END_TEST

static atomic_bool stop;

static void *count_until_stopped(void *argument)
{
    while (!atomic_load(&stop)) {
        count(BYTES);
    }
    return argument;
}

START_TEST(totals_are_of_one_moment)
{
    pthread_t thread;
    struct totals last = {0};
    int changes = 0;

    grader_step("one thread counts answers of %d bytes, another one reads", BYTES);
    ck_assert(pthread_create(&thread, NULL, count_until_stopped, NULL) == 0);
    for (int i = 0; i < READS || changes < CHANGES; i++) {
        struct totals now = totals_now();
        grader_expect(now.bytes == now.requests * BYTES, ONE_MOMENT,
                      "expected %d bytes a request, got %zu requests and %zu bytes", BYTES,
                      now.requests, now.bytes);
        changes += now.requests != last.requests;
        last = now;
        sched_yield();
    }
    atomic_store(&stop, true);
    pthread_join(thread, NULL);
}
END_TEST

static void *count_many(void *largest)
{
    for (size_t i = 0; i < FROM_EACH; i++) {
        count(i == FROM_EACH / 2 ? *(size_t *)largest : BYTES);
    }
    return NULL;
}

START_TEST(threads_lose_nothing)
{
    pthread_t threads[THREADS];
    size_t largest[THREADS];
    size_t bytes = 0;

    grader_step("%d threads count %d answers each", THREADS, FROM_EACH);
    for (size_t i = 0; i < THREADS; i++) {
        largest[i] = 1000 + i;
        bytes += (FROM_EACH - 1) * BYTES + largest[i];
        ck_assert(pthread_create(&threads[i], NULL, count_many, &largest[i]) == 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    expect_totals(NOTHING_LOST, THREADS * FROM_EACH, bytes, 1000 + THREADS - 1);
}
END_TEST

START_TEST(main_ends_with_status_0)
{
    static char name[] = "program";
    char *argv[] = {name, NULL};

    grader_step("the program is started without arguments");
    int status = answer_main(1, argv);
    grader_expect(status == 0, "main ends by itself with status 0 (contract, 6)",
                  "expected status 0, got %d", status);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("diagnosis", NULL, NULL);
    grader_add(the_line_is_found);
    grader_add(the_kind_is_named);
    grader_add(the_tool_shows_it);
    grader_group("repair", create_stats, destroy_stats);
    grader_add(each_unlock_has_its_lock);
    grader_add(one_thread_counts);
    grader_add(two_stats_know_nothing_of_each_other);
    grader_add(who_finds_another_thread_inside_waits);
    grader_add(totals_are_of_one_moment);
    grader_add(threads_lose_nothing);
    grader_group("the program", NULL, NULL);
    grader_add(main_ends_with_status_0);
    return grader_run(argc, argv);
}
