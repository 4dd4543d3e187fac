#include "mailbox.h"

#include "container_of.h"
#include "log.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

struct mailbox {
    atomic_uint references;
    const struct wakeup *wakeup;
    int write_fd;
    pthread_t owner;
    atomic_bool wake_owed; /* the last wake failed: the next post tries again */

    pthread_mutex_t mutex;
    /* Guarded by the mutex: */
    struct mailbox_task *head;
    struct mailbox_task **tail;
    uint64_t length;
    bool closed;

    /* The loop's thread only: */
    struct event_loop *loop;
    struct channel channel; /* the wakeup's reading end */
    struct deferred drain;
    struct mailbox_task *draining; /* taken from the list, not yet run */
    struct mailbox_counters counters;
};

static struct mailbox_task *take_all(struct mailbox *mailbox, bool close_it)
{
    pthread_mutex_lock(&mailbox->mutex);
    struct mailbox_task *tasks = mailbox->head;
    uint64_t length = mailbox->length;
    mailbox->head = NULL;
    mailbox->tail = &mailbox->head;
    mailbox->length = 0;
    mailbox->closed = mailbox->closed || close_it;
    pthread_mutex_unlock(&mailbox->mutex);
    counter_raise(&mailbox->counters.pending_high, length);
    return tasks;
}

/*
 * Swap under the mutex, run without it. `draining` is a member so that a task may close the
 * mailbox.
 */
static void drain(struct deferred *deferred)
{
    struct mailbox *mailbox = container_of(deferred, struct mailbox, drain);

    mailbox->draining = take_all(mailbox, false);
    while (mailbox->draining != NULL) {
        struct mailbox_task *task = mailbox->draining;
        mailbox->draining = task->next;
        counter_add(&mailbox->counters.tasks, 1);
        task->run(task);
    }
    mailbox_unref(mailbox);
}

/*
 * Clears first and takes the list later: a post in between finds the list non-empty, writes
 * nothing, and is taken with the rest. The other order would lose it. The drain is deferred so that
 * the I/O of this batch goes first.
 */
static void on_wakeup(struct channel *channel)
{
    struct mailbox *mailbox = container_of(channel, struct mailbox, channel);

    mailbox->wakeup->clear(channel->fd);
    counter_add(&mailbox->counters.wakeups, 1);
    log_debug("cross-thread call: woken");
    if (!mailbox->drain.queued) {
        event_loop_defer(mailbox->loop, &mailbox->drain);
        mailbox_ref(mailbox);
    }
}

int mailbox_create(struct event_loop *loop, const struct wakeup *wakeup,
                   struct mailbox **ret_mailbox)
{
    struct mailbox *mailbox = calloc(1, sizeof *mailbox);

    if (mailbox == NULL) {
        return -ENOMEM;
    }
    atomic_init(&mailbox->references, 1);
    mailbox->wakeup = wakeup;
    mailbox->owner = pthread_self();
    mailbox->tail = &mailbox->head;
    mailbox->loop = loop;
    mailbox->drain.run = drain;
    mailbox->channel.on_read = on_wakeup;
    int result = wakeup->open(&mailbox->channel.fd, &mailbox->write_fd);
    if (result < 0) {
        free(mailbox);
        return result;
    }
    pthread_mutex_init(&mailbox->mutex, NULL); /* default attributes: cannot fail on Linux */
    result = event_loop_add_channel(loop, &mailbox->channel, EVENT_READ);
    if (result < 0) {
        mailbox_unref(mailbox);
        return result;
    }
    *ret_mailbox = mailbox;
    return 0;
}

static void drop_all(struct mailbox_task *task)
{
    while (task != NULL) {
        struct mailbox_task *next = task->next;
        task->drop(task);
        task = next;
    }
}

void mailbox_close(struct mailbox *mailbox)
{
    assert(pthread_equal(mailbox->owner, pthread_self()));
    if (mailbox->loop == NULL) {
        return;
    }
    event_loop_remove_channel(mailbox->loop, &mailbox->channel);
    mailbox->loop = NULL;
    struct mailbox_task *waiting = take_all(mailbox, true);
    struct mailbox_task *draining = mailbox->draining;
    mailbox->draining = NULL;
    drop_all(draining);
    drop_all(waiting);
}

struct mailbox *mailbox_ref(struct mailbox *mailbox)
{
    atomic_fetch_add_explicit(&mailbox->references, 1, memory_order_relaxed);
    return mailbox;
}

void mailbox_unref(struct mailbox *mailbox)
{
    if (mailbox == NULL ||
        atomic_fetch_sub_explicit(&mailbox->references, 1, memory_order_acq_rel) > 1) {
        return;
    }
    close(mailbox->channel.fd);
    if (mailbox->write_fd != mailbox->channel.fd) {
        close(mailbox->write_fd);
    }
    pthread_mutex_destroy(&mailbox->mutex);
    free(mailbox);
}

int mailbox_queue_in_loop(struct mailbox *mailbox, struct mailbox_task *task)
{
    task->next = NULL;
    pthread_mutex_lock(&mailbox->mutex);
    bool closed = mailbox->closed;
    bool was_empty = mailbox->head == NULL;
    if (!closed) {
        *mailbox->tail = task;
        mailbox->tail = &task->next;
        mailbox->length++;
    }
    pthread_mutex_unlock(&mailbox->mutex);
    if (closed) {
        return -ESHUTDOWN;
    }
    /* From here on the task may have run and be gone. The system call is made without the mutex. */
    if (was_empty || atomic_exchange(&mailbox->wake_owed, false)) {
        int result = mailbox->wakeup->wake(mailbox->write_fd);
        if (result < 0) {
            atomic_store(&mailbox->wake_owed, true);
        }
        log_debug("cross-thread call: posted, the loop is woken (%d)", result);
    }
    return 0;
}

int mailbox_run_in_loop(struct mailbox *mailbox, struct mailbox_task *task)
{
    if (!pthread_equal(mailbox->owner, pthread_self())) {
        return mailbox_queue_in_loop(mailbox, task);
    }
    /*
     * Asked under the mutex: once a loop's thread has ended, a new one may get the same pthread_t.
     */
    pthread_mutex_lock(&mailbox->mutex);
    bool closed = mailbox->closed;
    pthread_mutex_unlock(&mailbox->mutex);
    if (closed) {
        return -ESHUTDOWN;
    }
    task->run(task);
    return 0;
}

const struct mailbox_counters *mailbox_counters(const struct mailbox *mailbox)
{
    return &mailbox->counters;
}

struct event_loop *mailbox_loop(const struct mailbox *mailbox)
{
    return mailbox->loop;
}
