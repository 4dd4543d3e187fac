#include "scripted_stage.h"

#include "grader.h"

#include <errno.h>
#include <string.h>

struct worker_pool {
    size_t capacity;
    size_t waiting;
    struct worker_job *first;
    struct worker_job **last;
    bool cancelled;
    bool fast;
};

struct mailbox {
    size_t references;
    struct mailbox_task *first;
    struct mailbox_task **last;
    bool closed;
};

static struct worker_pool pool;
static struct mailbox mailbox;
static const char *misdeed;
/* Guards all of the above. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static _Thread_local bool on_worker;

static void lock(void)
{
    pthread_mutex_lock(&mutex);
}

static void unlock(void)
{
    pthread_mutex_unlock(&mutex);
}

/* Called with the mutex held. */
static void must(bool condition, const char *otherwise)
{
    if (!condition) {
        misdeed = otherwise;
    }
}

static void must_live(const struct mailbox *used)
{
    must(used == &mailbox && used->references > 0,
         "the mailbox was used after the last reference to it had been given back");
}

void stage_begin(size_t capacity)
{
    pool = (struct worker_pool){.capacity = capacity, .last = &pool.first};
    mailbox = (struct mailbox){.references = 1, .last = &mailbox.first};
    misdeed = NULL;
}

struct worker_pool *stage_workers(void)
{
    return &pool;
}

struct mailbox *stage_mailbox(void)
{
    return &mailbox;
}

/* The workers, as in worker_pool.h. */

int worker_pool_submit(struct worker_pool *workers, struct worker_job *job)
{
    int result = -EAGAIN;

    lock();
    job->next = NULL;
    job->cancelled = false;
    if (workers->waiting < workers->capacity) {
        *workers->last = job;
        workers->last = &job->next;
        workers->waiting++;
        result = 0;
    }
    bool fast = result == 0 && workers->fast;
    unlock();
    if (fast) {
        worker_runs_one();
    }
    return result;
}

static struct worker_job *take_job(void)
{
    lock();
    struct worker_job *job = pool.first;
    if (job != NULL) {
        pool.first = job->next;
        pool.last = pool.first == NULL ? &pool.first : pool.last;
        pool.waiting--;
    }
    unlock();
    return job;
}

bool worker_tries_one(void)
{
    struct worker_job *job = take_job();

    if (job == NULL) {
        return false;
    }
    on_worker = true;
    job->run(job, &pool);
    on_worker = false;
    return true;
}

static void *run_worker(void *unused)
{
    worker_tries_one();
    return unused;
}

void worker_starts_one(pthread_t *ret_thread)
{
    ck_assert_int_eq(pthread_create(ret_thread, NULL, run_worker, NULL), 0);
}

void worker_ends(pthread_t thread)
{
    pthread_join(thread, NULL);
}

void worker_runs_one(void)
{
    pthread_t thread;

    worker_starts_one(&thread);
    worker_ends(thread);
}

void workers_are_fast(void)
{
    pool.fast = true;
}

void worker_pool_cancel(struct worker_pool *workers)
{
    lock();
    workers->cancelled = true;
    unlock();
}

void worker_pool_cancel_job(struct worker_pool *workers, struct worker_job *job)
{
    (void)workers;
    lock();
    job->cancelled = true;
    unlock();
}

bool worker_cancelled(struct worker_pool *workers, const struct worker_job *job)
{
    lock();
    bool cancelled = workers->cancelled || job->cancelled;
    unlock();
    return cancelled;
}

bool worker_pause(struct worker_pool *workers, const struct worker_job *job, unsigned ms)
{
    (void)ms;
    return !worker_cancelled(workers, job);
}

size_t worker_pool_busy(struct worker_pool *workers)
{
    lock();
    size_t waiting = workers->waiting;
    unlock();
    return waiting;
}

/* The mailbox, as in mailbox.h. */

struct mailbox *mailbox_ref(struct mailbox *used)
{
    lock();
    must_live(used);
    mailbox.references++;
    unlock();
    return used;
}

void mailbox_unref(struct mailbox *used)
{
    if (used != NULL) {
        lock();
        must_live(used);
        mailbox.references -= mailbox.references > 0;
        unlock();
    }
}

int mailbox_queue_in_loop(struct mailbox *used, struct mailbox_task *task)
{
    lock();
    must_live(used);
    bool closed = mailbox.closed;
    if (!closed) {
        must(task->run != NULL && task->drop != NULL, "a task without `run` or without `drop`");
        task->next = NULL;
        *mailbox.last = task;
        mailbox.last = &task->next;
    }
    unlock();
    return closed ? -ESHUTDOWN : 0;
}

int mailbox_run_in_loop(struct mailbox *used, struct mailbox_task *task)
{
    if (on_worker) {
        return mailbox_queue_in_loop(used, task);
    }
    task->run(task);
    return 0;
}

struct event_loop *mailbox_loop(const struct mailbox *used)
{
    (void)used;
    return NULL;
}

const struct mailbox_counters *mailbox_counters(const struct mailbox *used)
{
    static const struct mailbox_counters none;

    (void)used;
    return &none;
}

/* Returns what was in it. */
static struct mailbox_task *empty_mailbox(bool close_it)
{
    lock();
    struct mailbox_task *tasks = mailbox.first;
    mailbox.first = NULL;
    mailbox.last = &mailbox.first;
    mailbox.closed = mailbox.closed || close_it;
    unlock();
    return tasks;
}

size_t loop_takes_mail(void)
{
    struct mailbox_task *task = empty_mailbox(false);
    size_t count = 0;

    while (task != NULL) {
        struct mailbox_task *next = task->next;
        task->run(task);
        task = next;
        count++;
    }
    return count;
}

void loop_ends(void)
{
    struct mailbox_task *task = empty_mailbox(true);

    while (task != NULL) {
        struct mailbox_task *next = task->next;
        if (task->drop != NULL) {
            task->drop(task);
        }
        task = next;
    }
    mailbox_unref(&mailbox);
}

bool on_worker_thread(void)
{
    return on_worker;
}

size_t stage_references(void)
{
    lock();
    size_t references = mailbox.references;
    unlock();
    return references;
}

size_t stage_jobs_waiting(void)
{
    return worker_pool_busy(&pool);
}

const char *stage_misdeed(void)
{
    lock();
    const char *text = misdeed;
    unlock();
    return text;
}
