/* Stop in the middle of posts that come from everywhere; and tasks that are gone once they ran. */
#include "check_jobs.h"
#include "grader.h"
#include "thread_watch.h"

#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

enum { POSTERS = 3, MOST = 20000, ENOUGH = 300 };

/* Who stops the crew when ENOUGH tasks have run. */
enum stopper { A_TASK, AN_OUTSIDER, BOTH, WAYS };

static const char *const stoppers[WAYS] = {"a task", "the main thread", "each of the two"};

static struct {
    struct crew *crew;
    enum stopper stopper;
    atomic_int accepted;
    atomic_int ran;
    atomic_int wrong_results; /* neither what the contract says of this call nor of that one */
    sem_t enough;
} load;

static void run_task(struct crew_task *task);

/* Returns whether it was accepted. */
static bool post_one(void)
{
    struct crew_task *task = malloc(sizeof *task);

    ck_assert_ptr_nonnull(task);
    task->run = run_task;
    int result = crew_post(load.crew, task);
    if (result == 0) {
        atomic_fetch_add(&load.accepted, 1);
        return true;
    }
    atomic_fetch_add(&load.wrong_results, result != -ESHUTDOWN);
    free(task);
    return false;
}

static void run_task(struct crew_task *task)
{
    int ran = atomic_fetch_add(&load.ran, 1) + 1;

    free(task);
    if (ran % 8 == 0) {
        post_one();
    }
    if (ran == ENOUGH) {
        sem_post(&load.enough);
        if (load.stopper != AN_OUTSIDER) {
            int result = crew_stop(load.crew);
            atomic_fetch_add(&load.wrong_results, result != -EINPROGRESS);
        }
    }
}

static void post_until_refused(void *unused)
{
    (void)unused;
    for (int i = 0; i < MOST && post_one(); i++) {
    }
    atomic_fetch_add(&load.wrong_results, post_one());
}

START_TEST(stop_under_load_loses_nothing)
{
    struct own_thread posters[POSTERS];

    memset(&load, 0, sizeof load);
    sem_init(&load.enough, 0, 0);
    load.stopper = (enum stopper)(_i % WAYS);
    grader_step("a crew of 3, %d threads that post without end, tasks that post as well", POSTERS);
    ck_assert_int_eq(crew_create(3, &load.crew), 0);
    for (int i = 0; i < POSTERS; i++) {
        own_thread_start(&posters[i], post_until_refused, NULL);
    }
    sem_wait(&load.enough);
    grader_step("after %d tasks %s stops it", ENOUGH, stoppers[load.stopper]);
    if (load.stopper != A_TASK) {
        int result = crew_stop(load.crew);
        grader_expect(result == 0, RULE_JOINED, "crew_stop: expected 0, got %d", result);
        expect_all_joined();
    }
    for (int i = 0; i < POSTERS; i++) {
        own_thread_join(&posters[i]);
    }
    crew_destroy(load.crew);
    expect_all_joined();
    grader_expect(atomic_load(&load.wrong_results) == 0, RULE_REFUSED,
                  "expected 0 or -ESHUTDOWN of crew_post, nothing accepted after a refusal, and "
                  "-EINPROGRESS of crew_stop in a task; got %d other results",
                  atomic_load(&load.wrong_results));
    grader_expect(atomic_load(&load.ran) == atomic_load(&load.accepted), RULE_ONCE,
                  "%d tasks were accepted: expected as many runs, got %d",
                  atomic_load(&load.accepted), atomic_load(&load.ran));
}
END_TEST

void add_load_checks(void)
{
    grader_group("under load", NULL, NULL);
    grader_add_loop(stop_under_load_loses_nothing, 0, 4 * WAYS);
}
