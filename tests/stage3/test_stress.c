/* Thousands of posts while loops start and stop: each runs or is dropped exactly once. */
#include "container_of.h"
#include "event_loop_thread.h"
#include "footprint.h"
#include "suite_runner.h"
#include "variants.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>

enum { POSTERS = 4, POSTS = 4000, LOOPS = 3 };

struct item {
    struct mailbox_task task;
    atomic_uint runs;
    atomic_uint drops;
    unsigned refusals; /* by closed mailboxes; the poster then tries another */
};

struct poster {
    pthread_t thread;
    struct item items[POSTS];
};

static struct event_loop_thread loops[LOOPS];
static struct poster posters[POSTERS];
static atomic_size_t taken; /* tells the starter and stopper how far the posters are */

/* Where the loops are to be found. Posters take a reference of their own under the mutex. */
static struct {
    pthread_mutex_t mutex;
    struct mailbox *mailboxes[LOOPS]; /* NULL: no loop here now */
} directory = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void directory_set(size_t index, struct mailbox *mailbox)
{
    pthread_mutex_lock(&directory.mutex);
    struct mailbox *old = directory.mailboxes[index];
    directory.mailboxes[index] = mailbox != NULL ? mailbox_ref(mailbox) : NULL;
    pthread_mutex_unlock(&directory.mutex);
    mailbox_unref(old);
}

/* Returns a reference, or NULL. */
static struct mailbox *directory_get(size_t index)
{
    pthread_mutex_lock(&directory.mutex);
    struct mailbox *mailbox = directory.mailboxes[index];
    if (mailbox != NULL) {
        mailbox_ref(mailbox);
    }
    pthread_mutex_unlock(&directory.mutex);
    return mailbox;
}

static void run_item(struct mailbox_task *task)
{
    atomic_fetch_add(&container_of(task, struct item, task)->runs, 1);
}

static void drop_item(struct mailbox_task *task)
{
    atomic_fetch_add(&container_of(task, struct item, task)->drops, 1);
}

/* Returns whether the task was taken. */
static bool post_to(size_t index, struct item *item)
{
    struct mailbox *mailbox = directory_get(index);

    if (mailbox == NULL) {
        return false;
    }
    int result = mailbox_run_in_loop(mailbox, &item->task);
    mailbox_unref(mailbox);
    item->refusals += result == -ESHUTDOWN;
    return result == 0;
}

static void *post_items(void *opaque)
{
    struct poster *poster = opaque;

    for (size_t i = 0; i < POSTS; i++) {
        struct item *item = &poster->items[i];
        item->task = (struct mailbox_task){.run = run_item, .drop = drop_item};
        for (size_t index = i; !post_to(index % LOOPS, item); index++) {
            sched_yield();
        }
        atomic_fetch_add(&taken, 1);
    }
    return NULL;
}

static void on_failure(struct event_loop_thread *thread, int error)
{
    (void)thread;
    ck_abort_msg("a loop ended by itself: %d", error);
}

static void start_loop(size_t index, const struct reactor_config *reactor)
{
    const struct event_loop_thread_config config = {
        .reactor = reactor,
        .index = (unsigned)index,
        .on_failure = on_failure,
    };

    ck_assert_int_eq(event_loop_thread_start(&loops[index], &config), 0);
    directory_set(index, loops[index].reactor.mailbox);
}

/* The directory still names the loop for a while, so that posters meet a closed mailbox, too. */
static void stop_loop(size_t index)
{
    event_loop_thread_stop(&loops[index]);
    directory_set(index, NULL);
}

static void expect_each_exactly_once(void)
{
    size_t runs = 0;
    size_t drops = 0;

    for (size_t i = 0; i < POSTERS; i++) {
        for (size_t k = 0; k < POSTS; k++) {
            struct item *item = &posters[i].items[k];
            unsigned calls = atomic_load(&item->runs) + atomic_load(&item->drops);
            ck_assert_msg(calls == 1, "poster %zu, item %zu: expected one call, got %u + %u", i, k,
                          atomic_load(&item->runs), atomic_load(&item->drops));
            runs += atomic_load(&item->runs);
            drops += atomic_load(&item->drops);
        }
    }
    ck_assert_uint_eq(runs + drops, (size_t)POSTERS * POSTS);
    ck_assert_uint_gt(runs, 0);
}

START_TEST(each_of_thousands_of_posts_runs_or_is_dropped_exactly_once)
{
    struct footprint before = footprint_take();
    struct reactor_config reactor = variant_reactor_config(variant_at(_i));

    for (size_t i = 0; i < LOOPS; i++) {
        start_loop(i, &reactor);
    }
    for (size_t i = 0; i < POSTERS; i++) {
        ck_assert_int_eq(pthread_create(&posters[i].thread, NULL, post_items, &posters[i]), 0);
    }
    for (size_t i = 0; atomic_load(&taken) < (size_t)POSTERS * POSTS; i++) {
        stop_loop(i % LOOPS);
        start_loop(i % LOOPS, &reactor);
    }
    for (size_t i = 0; i < POSTERS; i++) {
        ck_assert_int_eq(pthread_join(posters[i].thread, NULL), 0);
    }
    for (size_t i = 0; i < LOOPS; i++) {
        stop_loop(i);
    }
    expect_each_exactly_once();
    footprint_expect(before);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stress");

    add_case_for_each_variant(suite, "posts while loops start and stop",
                              each_of_thousands_of_posts_runs_or_is_dropped_exactly_once);
    return run_suite(suite);
}
