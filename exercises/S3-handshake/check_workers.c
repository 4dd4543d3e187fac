#include "check_workers.h"

#include "grader.h"

#include <unistd.h>

static const char ONCE[] = "thread i calls prepare once, with i, and then work (contract, 1 and 3)";

void plan_init(struct plan *plan, size_t count)
{
    *plan = (struct plan){.count = count};
    pthread_mutex_init(&plan->mutex, NULL);
    pthread_cond_init(&plan->changed, NULL);
}

static void wait_for_all(struct plan *plan)
{
    pthread_mutex_lock(&plan->mutex);
    while (plan->begun < plan->count) {
        pthread_cond_wait(&plan->changed, &plan->mutex);
    }
    pthread_mutex_unlock(&plan->mutex);
}

/* All others have prepared, and nothing more can happen without worker 0. */
static void wait_for_others(struct plan *plan)
{
    bool spin = false;

    pthread_mutex_lock(&plan->mutex);
    while (plan->prepared < plan->count - 1) {
        pthread_cond_wait(&plan->changed, &plan->mutex);
    }
    pthread_mutex_unlock(&plan->mutex);
    for (size_t i = 1; i < plan->count; i++) {
        spin = wait_until_it_rests(plan->tids[i]) == SPINS || spin;
    }
    pthread_mutex_lock(&plan->mutex);
    plan->others_spin = spin;
    pthread_mutex_unlock(&plan->mutex);
}

static void start_inner(struct plan *plan)
{
    pthread_t threads[MOST_WORKERS];

    plan->inner_result = plan_start(plan->inner, threads);
    for (size_t i = 0; plan->inner_result == 0 && i < plan->inner->count; i++) {
        pthread_join(threads[i], NULL);
    }
}

static void begin(struct plan *plan, size_t index)
{
    pthread_mutex_lock(&plan->mutex);
    plan->begun++;
    plan->calls[index]++;
    plan->by[index] = pthread_self();
    plan->tids[index] = gettid();
    pthread_cond_broadcast(&plan->changed);
    pthread_mutex_unlock(&plan->mutex);
}

int plan_prepare(void *context, size_t index)
{
    struct plan *plan = context;

    if (index >= plan->count) {
        atomic_store(&seen.fault, "prepare was called with an index that no worker has");
        return 0;
    }
    begin(plan, index);
    if (plan->all_wait_for_all) {
        wait_for_all(plan);
    }
    if (index == 0 && plan->first_waits_for_others) {
        wait_for_others(plan);
    }
    if (index == 0 && plan->first_waits_for_starter) {
        plan->starter = wait_until_starter_rests();
    }
    if (index == 0 && plan->inner != NULL) {
        start_inner(plan);
    }
    pthread_mutex_lock(&plan->mutex);
    plan->prepared++;
    pthread_cond_broadcast(&plan->changed);
    pthread_mutex_unlock(&plan->mutex);
    return plan->results[index];
}

void plan_work(void *context, size_t index)
{
    struct plan *plan = context;

    if (index >= plan->count) {
        atomic_store(&seen.fault, "work was called with an index that no worker has");
        return;
    }
    pthread_mutex_lock(&plan->mutex);
    plan->worked++;
    plan->work_calls[index]++;
    plan->too_early = plan->too_early || plan->prepared < plan->count;
    plan->strange = plan->strange || !pthread_equal(plan->by[index], pthread_self());
    pthread_cond_broadcast(&plan->changed);
    while (plan->all_work_together && (plan->worked < plan->count || !plan->starter_is_back)) {
        pthread_cond_wait(&plan->changed, &plan->mutex);
    }
    pthread_mutex_unlock(&plan->mutex);
}

/*
 * Far down in the stack, so that nothing overwrites what the answer has left there: an answer that
 * leaves something is to be found by the check that is for it, and not by chance before.
 */
int plan_start(struct plan *plan, pthread_t *ret_threads)
{
    volatile char space[65536];

    space[0] = 0;
    int result = start_workers(plan->count, plan_prepare, plan_work, plan, ret_threads);
    space[1] = space[0];
    pthread_mutex_lock(&plan->mutex);
    plan->starter_is_back = true;
    pthread_cond_broadcast(&plan->changed);
    pthread_mutex_unlock(&plan->mutex);
    return result;
}

void plan_finish(struct plan *plan, const pthread_t *threads, const char *rule)
{
    for (size_t i = 0; i < plan->count; i++) {
        bool same = pthread_equal(threads[i], plan->by[i]) != 0;
        grader_expect(same, "ret_threads[i] is the thread that prepared with i (contract, 2)",
                      "worker %zu: it is another thread", i);
        pthread_join(threads[i], NULL);
    }
    threads_expect_no_fault(rule);
    for (size_t i = 0; i < plan->count; i++) {
        grader_expect(plan->calls[i] == 1 && plan->work_calls[i] == 1, ONCE,
                      "worker %zu: expected 1 and 1 calls, got %d of prepare and %d of work", i,
                      plan->calls[i], plan->work_calls[i]);
    }
    grader_expect(!plan->strange, ONCE, "a worker prepared in one thread and worked in another");
}
