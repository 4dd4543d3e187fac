/* fails-at: what_is_posted_is_taken_in_order */
/*
 * S3-coalesce: an inbox that wakes its loop once, however many items are posted.
 *
 * exercises/S3-coalesce/README.md has the whole contract. Create and destroy are done.
 */
#include "wakeup.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

/* Leave the declarations as they are: the grader has the same ones. */
struct inbox_item {
    struct inbox_item *next;
};

struct inbox;

int inbox_create(const struct wakeup *wakeup, struct inbox **ret_inbox);
int inbox_fd(const struct inbox *inbox);
void inbox_post(struct inbox *inbox, struct inbox_item *item);
size_t inbox_take(struct inbox *inbox, struct inbox_item **ret_items, size_t most);
void inbox_destroy(struct inbox *inbox);

/* What is inside is up to you. */
struct inbox {
    const struct wakeup *wakeup;
    int read_fd;
    int write_fd;

    pthread_mutex_t mutex;
    /* Guarded by the mutex: */
    struct inbox_item *head;
};

int inbox_create(const struct wakeup *wakeup, struct inbox **ret_inbox)
{
    struct inbox *inbox = calloc(1, sizeof *inbox);

    if (inbox == NULL) {
        return -ENOMEM;
    }
    int result = wakeup->open(&inbox->read_fd, &inbox->write_fd);
    if (result < 0) {
        free(inbox);
        return result;
    }
    inbox->wakeup = wakeup;
    pthread_mutex_init(&inbox->mutex, NULL);
    *ret_inbox = inbox;
    return 0;
}

int inbox_fd(const struct inbox *inbox)
{
    return inbox->read_fd;
}

void inbox_post(struct inbox *inbox, struct inbox_item *item)
{
    /* TODO: append the item under the mutex. Who has to wake the loop, and when exactly? */
    (void)inbox;
    (void)item;
}

size_t inbox_take(struct inbox *inbox, struct inbox_item **ret_items, size_t most)
{
    /* TODO: clear the wakeup, take items: in which order? And what if some are left? */
    (void)inbox;
    (void)ret_items;
    (void)most;
    return 0;
}

void inbox_destroy(struct inbox *inbox)
{
    close(inbox->read_fd);
    if (inbox->write_fd != inbox->read_fd) {
        close(inbox->write_fd);
    }
    pthread_mutex_destroy(&inbox->mutex);
    free(inbox);
}
