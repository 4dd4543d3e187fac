/* ./lab run S3-coalesce */
/*
 * Four threads post 25,000 items each. A loop sleeps in poll until it is woken and takes at most 64
 * items a turn, so that it has time for other events. How often is it woken?
 */
#include "wakeup.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

struct inbox_item {
    struct inbox_item *next;
};

struct inbox;

int inbox_create(const struct wakeup *wakeup, struct inbox **ret_inbox);
int inbox_fd(const struct inbox *inbox);
void inbox_post(struct inbox *inbox, struct inbox_item *item);
size_t inbox_take(struct inbox *inbox, struct inbox_item **ret_items, size_t most);
void inbox_destroy(struct inbox *inbox);

enum { POSTERS = 4, ITEMS = 25000, MOST = 64 };

static struct inbox_item items[POSTERS][ITEMS];
static struct inbox *inbox;
static atomic_int wakes;

static int wake_and_count(int write_fd)
{
    atomic_fetch_add(&wakes, 1);
    return eventfd_wakeup.wake(write_fd);
}

static void *post_all(void *argument)
{
    struct inbox_item *own = argument;

    for (int i = 0; i < ITEMS; i++) {
        inbox_post(inbox, &own[i]);
    }
    return NULL;
}

int main(void)
{
    struct wakeup counted = eventfd_wakeup;
    struct inbox_item *batch[MOST];
    pthread_t posters[POSTERS];
    int turns = 0;

    counted.wake = wake_and_count;
    if (inbox_create(&counted, &inbox) < 0) {
        return 1;
    }
    for (int i = 0; i < POSTERS; i++) {
        if (pthread_create(&posters[i], NULL, post_all, items[i]) != 0) {
            return 1;
        }
    }
    struct pollfd poll_fd = {.fd = inbox_fd(inbox), .events = POLLIN};
    for (size_t taken = 0; taken < (size_t)POSTERS * ITEMS; turns++) {
        poll(&poll_fd, 1, -1);
        taken += inbox_take(inbox, batch, MOST);
    }
    for (int i = 0; i < POSTERS; i++) {
        pthread_join(posters[i], NULL);
    }
    printf("%d posts, %d turns, %d wakes\n", POSTERS * ITEMS, turns, atomic_load(&wakes));
    inbox_destroy(inbox);
    return 0;
}
