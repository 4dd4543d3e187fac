/*
 * The grader of S3-coalesce, part two: threads that post, and a loop that sleeps in poll until it
 * is woken. A wakeup that is lost leaves it asleep for ever.
 */
#include "check_threads.h"

#include "check_inbox.h"
#include "grader.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { POSTERS = 4, ITEMS = 500, ALL = POSTERS * ITEMS, MOST = 7 };

static const char NONE_LOST[] = "each item is taken once, in the order in which its thread posted "
                                "it (contract, 2 and 4)";
static const char FEW_WAKES[] = "never more wakes than takes, and one (contract, 3)";

struct numbered {
    struct inbox_item item;
    int poster;
    int number;
};

static struct numbered numbered[POSTERS][ITEMS];
static struct inbox *inbox;
static const struct wakeup *const kinds[] = {&socketpair_wakeup, &eventfd_wakeup};
static const struct wakeup *kind;
static atomic_int wakes;

static int open_counted(int *ret_read_fd, int *ret_write_fd)
{
    return kind->open(ret_read_fd, ret_write_fd);
}

static int wake_counted(int write_fd)
{
    atomic_fetch_add_explicit(&wakes, 1, memory_order_relaxed);
    return kind->wake(write_fd);
}

static void clear_counted(int read_fd)
{
    kind->clear(read_fd);
}

static const struct wakeup counted_wakeup = {
    .name = "counted",
    .open = open_counted,
    .wake = wake_counted,
    .clear = clear_counted,
};

static void *post_all(void *argument)
{
    struct numbered *own = argument;

    for (int i = 0; i < ITEMS; i++) {
        inbox_post(inbox, &own[i].item);
    }
    return NULL;
}

static void start(pthread_t *posters)
{
    for (int i = 0; i < POSTERS; i++) {
        for (int k = 0; k < ITEMS; k++) {
            numbered[i][k] = (struct numbered){.poster = i, .number = k};
        }
        int error = pthread_create(&posters[i], NULL, post_all, numbered[i]);
        ck_assert_msg(error == 0, "pthread_create: %s", strerror(error));
    }
}

/* The loop. Returns how often it took. */
static int take_all(void)
{
    struct pollfd poll_fd = {.fd = inbox_fd(inbox), .events = POLLIN};
    struct inbox_item *batch[MOST];
    int last[POSTERS] = {-1, -1, -1, -1};
    int takes = 0;

    for (size_t taken = 0; taken < ALL; takes++) {
        ck_assert_int_eq(poll(&poll_fd, 1, -1), 1);
        size_t count = inbox_take(inbox, batch, MOST);
        for (size_t i = 0; i < count; i++) {
            const struct numbered *one = (const struct numbered *)batch[i];
            grader_expect(one->number == last[one->poster] + 1, NONE_LOST,
                          "thread %d: expected item %d, got item %d", one->poster,
                          last[one->poster] + 1, one->number);
            last[one->poster] = one->number;
        }
        taken += count;
    }
    return takes;
}

START_TEST(many_threads_post_and_the_loop_sleeps_in_between)
{
    pthread_t posters[POSTERS];

    kind = kinds[_i];
    grader_step("%d threads post %d items each; the loop waits for %s, and takes up to %d", POSTERS,
                ITEMS, kind->name, MOST);
    ck_assert_int_eq(inbox_create(&counted_wakeup, &inbox), 0);
    start(posters);
    int takes = take_all();
    for (int i = 0; i < POSTERS; i++) {
        pthread_join(posters[i], NULL);
    }
    int count = atomic_load(&wakes);
    grader_expect(count <= takes + 1, FEW_WAKES, "%d takes, %d wakes", takes, count);
    inbox_destroy(inbox);
}
END_TEST

static int wake_in_vain(int write_fd)
{
    (void)write_fd;
    return -ENOMEM;
}

static const struct wakeup failing_wakeup = {
    .name = "failing",
    .open = open_counted,
    .wake = wake_in_vain,
    .clear = clear_counted,
};

START_TEST(a_wake_may_fail_in_two_threads)
{
    struct inbox_item *batch[ALL];
    pthread_t posters[POSTERS];

    kind = &eventfd_wakeup;
    grader_step("%d threads post %d items each, and no wake succeeds", POSTERS, ITEMS);
    ck_assert_int_eq(inbox_create(&failing_wakeup, &inbox), 0);
    start(posters);
    for (int i = 0; i < POSTERS; i++) {
        pthread_join(posters[i], NULL);
    }
    size_t count = inbox_take(inbox, batch, ALL);
    grader_expect(count == ALL, NONE_LOST, "expected %d items, got %zu", ALL, count);
    inbox_destroy(inbox);
}
END_TEST

void add_thread_checks(void)
{
    grader_group("with threads", NULL, NULL);
    grader_add_loop(many_threads_post_and_the_loop_sleeps_in_between, 0, 2);
    grader_add(a_wake_may_fail_in_two_threads);
}
