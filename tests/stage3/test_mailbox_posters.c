/* The mailbox under several posters at a time: exactly once, each poster's order kept. */
#include "container_of.h"
#include "mailbox_fixture.h"
#include "suite_runner.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>

enum { POSTERS = 4, POSTS = 3000, ROUND_TRIPS = 1000, TASKS_BEFORE_CLOSE = 2000 };

enum fate { POSTED, RUN, DROPPED, REFUSED };

struct poster;

struct item {
    struct mailbox_task task;
    struct poster *poster;
    enum fate fate;
    unsigned times; /* run or dropped */
};

struct poster {
    pthread_t thread;
    struct item items[POSTS];
    size_t next; /* on the loop's thread: the item whose turn it is */
};

static struct mailbox_fixture fixture;
static struct poster posters[POSTERS];
static size_t finished;
static size_t close_at; /* 0: never */

static void settle(struct mailbox_task *task, enum fate fate)
{
    struct item *item = container_of(task, struct item, task);
    struct poster *poster = item->poster;
    size_t position = (size_t)(item - poster->items);

    ck_assert_msg(position == poster->next, "poster %td: expected item %zu next, came %zu",
                  poster - posters, poster->next, position);
    poster->next++;
    item->fate = fate;
    item->times++;
    finished++;
}

static void run_item(struct mailbox_task *task)
{
    settle(task, RUN);
    if (finished == close_at) {
        mailbox_close(fixture.mailbox);
        event_loop_quit(fixture.loop);
    } else if (finished == (size_t)POSTERS * POSTS) {
        event_loop_quit(fixture.loop);
    }
}

static void drop_item(struct mailbox_task *task)
{
    settle(task, DROPPED);
}

static void *post_items(void *opaque)
{
    struct poster *poster = opaque;

    for (size_t i = 0; i < POSTS; i++) {
        struct item *item = &poster->items[i];
        if (mailbox_queue_in_loop(fixture.mailbox, &item->task) == -ESHUTDOWN) {
            item->fate = REFUSED;
        }
    }
    return NULL;
}

static void start_posters(void)
{
    for (size_t i = 0; i < POSTERS; i++) {
        for (size_t k = 0; k < POSTS; k++) {
            posters[i].items[k] = (struct item){
                .task = {.run = run_item, .drop = drop_item},
                .poster = &posters[i],
            };
        }
        ck_assert_int_eq(pthread_create(&posters[i].thread, NULL, post_items, &posters[i]), 0);
    }
}

static void join_posters(void)
{
    for (size_t i = 0; i < POSTERS; i++) {
        ck_assert_int_eq(pthread_join(posters[i].thread, NULL), 0);
    }
}

/* Returns how many items have this fate. */
static size_t count_fate(enum fate fate)
{
    size_t count = 0;

    for (size_t i = 0; i < POSTERS; i++) {
        for (size_t k = 0; k < POSTS; k++) {
            const struct item *item = &posters[i].items[k];
            unsigned expected = item->fate == REFUSED ? 0 : 1;
            ck_assert_msg(item->times == expected,
                          "poster %zu, item %zu: expected %u calls, got %u (fate %d)", i, k,
                          expected, item->times, item->fate);
            count += item->fate == fate;
        }
    }
    return count;
}

START_TEST(each_task_of_many_posters_runs_exactly_once_and_in_its_posters_order)
{
    mailbox_fixture_open(&fixture, variant_at(_i));
    start_posters();
    ck_assert_int_eq(event_loop_run(fixture.loop), 0);
    join_posters();
    ck_assert_uint_eq(count_fate(RUN), (size_t)POSTERS * POSTS);
    mailbox_fixture_close(&fixture);
}
END_TEST

START_TEST(a_close_while_others_post_runs_drops_or_refuses_each_exactly_once)
{
    close_at = TASKS_BEFORE_CLOSE;
    mailbox_fixture_open(&fixture, variant_at(_i));
    start_posters();
    ck_assert_int_eq(event_loop_run(fixture.loop), 0);
    join_posters();
    size_t dropped = count_fate(DROPPED);
    size_t refused = count_fate(REFUSED);
    ck_assert_uint_eq(count_fate(RUN), TASKS_BEFORE_CLOSE);
    ck_assert_msg(TASKS_BEFORE_CLOSE + dropped + refused == (size_t)POSTERS * POSTS,
                  "expected %d in all, got %d run, %zu dropped, %zu refused", POSTERS * POSTS,
                  TASKS_BEFORE_CLOSE, dropped, refused);
    mailbox_fixture_close(&fixture);
}
END_TEST

struct ball {
    struct mailbox_task task;
    sem_t back;
    int trips;
};

static void throw_back(struct mailbox_task *task)
{
    struct ball *ball = container_of(task, struct ball, task);

    if (++ball->trips == ROUND_TRIPS) {
        event_loop_quit(fixture.loop);
    }
    sem_post(&ball->back);
}

static void *throw(void *opaque)
{
    struct ball *ball = opaque;

    for (int i = 0; i < ROUND_TRIPS; i++) {
        mailbox_queue_in_loop(fixture.mailbox, &ball->task);
        sem_wait(&ball->back);
    }
    return NULL;
}

/* One lost wakeup and it hangs: the loop sleeps, and the poster waits for it. */
START_TEST(no_wakeup_is_lost_when_each_post_waits_for_the_one_before)
{
    struct ball ball = {.task.run = throw_back};
    pthread_t thread;

    sem_init(&ball.back, 0, 0);
    mailbox_fixture_open(&fixture, variant_at(_i));
    ck_assert_int_eq(pthread_create(&thread, NULL, throw, &ball), 0);
    ck_assert_int_eq(event_loop_run(fixture.loop), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_int_eq(ball.trips, ROUND_TRIPS);
    mailbox_fixture_close(&fixture);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mailbox posters");

    add_case_for_each_variant(suite, "many posters",
                              each_task_of_many_posters_runs_exactly_once_and_in_its_posters_order,
                              no_wakeup_is_lost_when_each_post_waits_for_the_one_before);
    add_case_for_each_variant(suite, "close",
                              a_close_while_others_post_runs_drops_or_refuses_each_exactly_once);
    return run_suite(suite);
}
