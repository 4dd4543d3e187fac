#include "reactor.h"

#include "container_of.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* An accepted descriptor on its way to the loop that will own it. */
struct hand_over {
    struct mailbox_task task;
    struct reactor *reactor;
    int fd;
};

static void lower_load(void *context)
{
    struct reactor *reactor = context;

    if (reactor->load != NULL) {
        atomic_fetch_sub_explicit(&reactor->load->connections, 1, memory_order_relaxed);
    }
}

int reactor_init(struct reactor *reactor, const struct reactor_config *config,
                 struct thread_pool *pool, struct loop_load *load)
{
    *reactor = (struct reactor){.config = config, .pool = pool, .load = load};
    struct connection_table_config table_config = {
        .limits = config->limits,
        .context = reactor,
        .on_removed = lower_load,
    };
    int result = event_loop_create(config->dispatcher, &reactor->loop);

    if (result < 0) {
        return result;
    }
    result = mailbox_create(reactor->loop, config->wakeup, &reactor->mailbox);
    if (result < 0) {
        goto destroy_loop;
    }
    result = connection_table_create(reactor->loop, &table_config, &reactor->table);
    if (result < 0) {
        goto close_mailbox;
    }
    result = drain_init(&reactor->drain, reactor->table);
    if (result < 0) {
        goto destroy_table;
    }
    result = config->hooks.enter != NULL ? config->hooks.enter(reactor, config->hooks.context) : 0;
    if (result == 0) {
        return 0;
    }
    drain_release(&reactor->drain);
destroy_table:
    connection_table_destroy(reactor->table);
close_mailbox:
    mailbox_close(reactor->mailbox);
    mailbox_unref(reactor->mailbox);
destroy_loop:
    event_loop_destroy(reactor->loop);
    return result;
}

void reactor_close_connections(struct reactor *reactor)
{
    connection_table_close_all(reactor->table);
    event_loop_run_deferred(reactor->loop);
}

void reactor_release(struct reactor *reactor)
{
    const struct loop_hooks *hooks = &reactor->config->hooks;

    reactor_close_connections(reactor);
    if (hooks->leave != NULL) {
        hooks->leave(reactor, hooks->context);
    }
    mailbox_close(reactor->mailbox);
    mailbox_unref(reactor->mailbox);
    drain_release(&reactor->drain);
    connection_table_destroy(reactor->table);
    event_loop_destroy(reactor->loop);
}

/* Whoever closes the descriptor lowers the load: the count travels with it. */
static void give_up(struct reactor *reactor, int fd)
{
    close(fd);
    lower_load(reactor);
}

static void adopt(struct reactor *reactor, int fd)
{
    int result = connection_table_adopt(reactor->table, fd, reactor->config->callbacks, NULL, NULL);

    if (result < 0) {
        server_log_refused(&reactor->refusals, fd, -result);
        give_up(reactor, fd);
    }
}

static void run_hand_over(struct mailbox_task *task)
{
    struct hand_over *hand_over = container_of(task, struct hand_over, task);

    adopt(hand_over->reactor, hand_over->fd);
    free(hand_over);
}

static void drop_hand_over(struct mailbox_task *task)
{
    struct hand_over *hand_over = container_of(task, struct hand_over, task);

    give_up(hand_over->reactor, hand_over->fd);
    free(hand_over);
}

void reactor_hand_over(struct reactor *reactor, int fd)
{
    atomic_fetch_add_explicit(&reactor->load->connections, 1, memory_order_relaxed);
    if (event_loop_is_owner(reactor->loop)) {
        adopt(reactor, fd);
        return;
    }
    struct hand_over *hand_over = malloc(sizeof *hand_over);
    if (hand_over == NULL) {
        log_debug("hand-over: no memory, fd %d is closed", fd);
        give_up(reactor, fd);
        return;
    }
    *hand_over = (struct hand_over){
        .task = {.run = run_hand_over, .drop = drop_hand_over},
        .reactor = reactor,
        .fd = fd,
    };
    if (mailbox_queue_in_loop(reactor->mailbox, &hand_over->task) < 0) {
        give_up(reactor, fd);
        free(hand_over);
    }
}

static void report_drained(struct reactor *reactor)
{
    /* -ESHUTDOWN: home has ended, so nobody is waiting for the report. */
    mailbox_queue_in_loop(reactor->drain_order.home, &reactor->drain_order.done);
}

static void on_drain_done(struct drain *drain)
{
    report_drained(container_of(drain, struct reactor, drain));
}

static void run_drain_start(struct mailbox_task *task)
{
    struct reactor *reactor = container_of(task, struct reactor, drain_order.start);

    drain_start(&reactor->drain, reactor->drain_order.timeout_ms, on_drain_done);
}

static void drop_drain_start(struct mailbox_task *task)
{
    report_drained(container_of(task, struct reactor, drain_order.start));
}

static void run_drain_done(struct mailbox_task *task)
{
    struct reactor *reactor = container_of(task, struct reactor, drain_order.done);

    reactor->drain_order.on_drained(reactor, reactor->drain_order.context);
}

static void drop_drain_done(struct mailbox_task *task)
{
    (void)task;
}

void reactor_abandon(struct reactor *reactor)
{
    reactor_close_connections(reactor);
    mailbox_close(reactor->mailbox);
    if (reactor->drain.running) {
        report_drained(reactor);
    }
}

void reactor_drain(struct reactor *reactor, unsigned timeout_ms, struct mailbox *home,
                   void (*on_drained)(struct reactor *reactor, void *context), void *context)
{
    reactor->drain_order = (struct drain_order){
        .start = {.run = run_drain_start, .drop = drop_drain_start},
        .done = {.run = run_drain_done, .drop = drop_drain_done},
        .home = home,
        .timeout_ms = timeout_ms,
        .on_drained = on_drained,
        .context = context,
    };
    if (mailbox_queue_in_loop(reactor->mailbox, &reactor->drain_order.start) < 0) {
        report_drained(reactor);
    }
}
