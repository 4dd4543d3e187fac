#include "event_loop_thread.h"

#include "container_of.h"
#include "log.h"

#include <stdio.h>

static void publish(struct event_loop_thread *thread, int error)
{
    pthread_mutex_lock(&thread->mutex);
    thread->state = error == 0 ? LOOP_READY : LOOP_FAILED;
    thread->error = error;
    pthread_cond_signal(&thread->changed);
    pthread_mutex_unlock(&thread->mutex);
}

static void *run_thread(void *argument)
{
    struct event_loop_thread *thread = argument;
    const struct event_loop_thread_config *config = &thread->config;
    char name[16]; /* the kernel's limit for a thread's name, NUL included */

    snprintf(name, sizeof name, "sub-reactor-%u", config->index % 1000);
    pthread_setname_np(pthread_self(), name);
    int result = reactor_init(&thread->reactor, config->reactor, config->pool, config->load);
    if (result < 0) {
        publish(thread, result);
        return NULL;
    }
    /* Taken before 'ready' is published: from then on this thread may end at any time. */
    thread->mailbox = mailbox_ref(thread->reactor.mailbox);
    log_debug("start-up: loop created, telling the parent");
    publish(thread, 0);
    result = event_loop_run(thread->reactor.loop);
    if (result < 0) {
        config->on_failure(thread, result);
    }
    reactor_release(&thread->reactor);
    return NULL;
}

static void run_quit(struct mailbox_task *task)
{
    struct event_loop_thread *thread = container_of(task, struct event_loop_thread, quit);

    event_loop_quit(thread->reactor.loop);
}

/* The loop has ended by itself: what quit asks for has happened. */
static void drop_quit(struct mailbox_task *task)
{
    (void)task;
}

static void release(struct event_loop_thread *thread)
{
    pthread_join(thread->thread, NULL);
    mailbox_unref(thread->mailbox);
    pthread_cond_destroy(&thread->changed);
    pthread_mutex_destroy(&thread->mutex);
}

int event_loop_thread_start(struct event_loop_thread *thread,
                            const struct event_loop_thread_config *config)
{
    *thread = (struct event_loop_thread){
        .config = *config,
        .state = LOOP_STARTING,
        .quit = {.run = run_quit, .drop = drop_quit},
    };
    pthread_mutex_init(&thread->mutex, NULL);
    pthread_cond_init(&thread->changed, NULL);
    int result = pthread_create(&thread->thread, NULL, run_thread, thread);
    if (result != 0) {
        pthread_cond_destroy(&thread->changed);
        pthread_mutex_destroy(&thread->mutex);
        return -result;
    }
    pthread_mutex_lock(&thread->mutex);
    /* 'while', not 'if': a wait may end for no reason. If the child was faster, there is no wait at
     * all. */
    while (thread->state == LOOP_STARTING) {
        pthread_cond_wait(&thread->changed, &thread->mutex);
    }
    result = thread->error;
    pthread_mutex_unlock(&thread->mutex);
    if (result < 0) {
        release(thread);
    } else {
        log_debug("start-up: sub-reactor %u is ready", config->index);
    }
    return result;
}

void event_loop_thread_stop(struct event_loop_thread *thread)
{
    /* -ESHUTDOWN: the loop has ended by itself, and only the join is left to do. */
    mailbox_queue_in_loop(thread->mailbox, &thread->quit);
    release(thread);
}
