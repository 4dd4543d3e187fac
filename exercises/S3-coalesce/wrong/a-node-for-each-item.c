/* caught-by: a_post_allocates_nothing */
/* Puts a node of its own around each item, as a list of pointers would. */
#include "wakeup.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

struct inbox_item {
    struct inbox_item *next;
};

struct inbox;

int inbox_create(const struct wakeup *wakeup, struct inbox **ret_inbox);
int inbox_fd(const struct inbox *inbox);
void inbox_post(struct inbox *inbox, struct inbox_item *item);
size_t inbox_take(struct inbox *inbox, struct inbox_item **ret_items, size_t most);
void inbox_destroy(struct inbox *inbox);

struct node {
    struct inbox_item *item;
    struct node *next;
};

struct inbox {
    const struct wakeup *wakeup;
    int read_fd;
    int write_fd;

    pthread_mutex_t mutex;
    /* Guarded by the mutex: */
    struct node *head;
    struct node **tail;
    bool pending;
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
    inbox->tail = &inbox->head;
    pthread_mutex_init(&inbox->mutex, NULL);
    *ret_inbox = inbox;
    return 0;
}

int inbox_fd(const struct inbox *inbox)
{
    return inbox->read_fd;
}

/* To be called by the one who has set `pending`, without the mutex. */
static void wake(struct inbox *inbox)
{
    if (inbox->wakeup->wake(inbox->write_fd) < 0) {
        /* No wakeup is under way, so the next post has to try. */
        pthread_mutex_lock(&inbox->mutex);
        inbox->pending = false;
        pthread_mutex_unlock(&inbox->mutex);
    }
}

void inbox_post(struct inbox *inbox, struct inbox_item *item)
{
    struct node *node = malloc(sizeof *node);

    if (node == NULL) {
        abort();
    }
    *node = (struct node){item, NULL};
    pthread_mutex_lock(&inbox->mutex);
    *inbox->tail = node;
    inbox->tail = &node->next;
    bool first = !inbox->pending;
    inbox->pending = true;
    pthread_mutex_unlock(&inbox->mutex);
    if (first) {
        wake(inbox);
    }
}

size_t inbox_take(struct inbox *inbox, struct inbox_item **ret_items, size_t most)
{
    size_t count = 0;

    /* First of all: a wakeup that is written after the look at the list must not be cleared. */
    inbox->wakeup->clear(inbox->read_fd);
    pthread_mutex_lock(&inbox->mutex);
    while (count < most && inbox->head != NULL) {
        struct node *node = inbox->head;
        ret_items[count++] = node->item;
        inbox->head = node->next;
        free(node);
    }
    bool left = inbox->head != NULL;
    if (!left) {
        inbox->tail = &inbox->head;
    }
    inbox->pending = left;
    pthread_mutex_unlock(&inbox->mutex);
    if (left) {
        wake(inbox);
    }
    return count;
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
