#include "event_loop_thread.h"

#include "container_of.h"
#include "log.h"

#include <stdio.h>

static void set_state(struct event_loop_thread *thread, enum loop_state state)
{
    pthread_mutex_lock(&thread->mutex);
    thread->state = state;
    pthread_cond_broadcast(&thread->changed);
    pthread_mutex_unlock(&thread->mutex);
}

/*
 * 'while', not 'if': a wait may end for no reason. If the other one was faster, there is no wait at
 * all.
 */
static enum loop_state wait_while(struct event_loop_thread *thread, enum loop_state state)
{
    pthread_mutex_lock(&thread->mutex);
    while (thread->state == state) {
        pthread_cond_wait(&thread->changed, &thread->mutex);
    }
    enum loop_state now = thread->state;
    pthread_mutex_unlock(&thread->mutex);
    return now;
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
        thread->error = result;
        set_state(thread, LOOP_NOT_STARTED);
        return NULL;
    }
    log_debug("start-up: loop created, telling the parent");
    set_state(thread, LOOP_READY);
    result = event_loop_run(thread->reactor.loop);
    if (result < 0) {
        reactor_abandon(&thread->reactor);
        config->on_failure(thread, result);
    } else {
        reactor_close_connections(&thread->reactor);
    }
    set_state(thread, LOOP_ENDED);
    wait_while(thread, LOOP_ENDED);
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

static void join(struct event_loop_thread *thread)
{
    pthread_join(thread->thread, NULL);
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
    if (wait_while(thread, LOOP_STARTING) == LOOP_NOT_STARTED) {
        result = thread->error;
        join(thread);
        return result;
    }
    log_debug("start-up: sub-reactor %u is ready", config->index);
    return 0;
}

void event_loop_thread_quit(struct event_loop_thread *thread)
{
    pthread_mutex_lock(&thread->mutex);
    bool running = thread->state == LOOP_READY;
    pthread_mutex_unlock(&thread->mutex);
    if (running) {
        /* -ESHUTDOWN: it is ending by itself at this moment. */
        mailbox_queue_in_loop(thread->reactor.mailbox, &thread->quit);
        wait_while(thread, LOOP_READY);
    }
}

void event_loop_thread_stop(struct event_loop_thread *thread)
{
    event_loop_thread_quit(thread);
    set_state(thread, LOOP_RELEASING);
    join(thread);
}
