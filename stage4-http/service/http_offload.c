/*
 * The way of a request to a worker and of its answer back.
 *
 *     loop     http_offload ── the exchange, with a copy of the request ──▶ worker pool
 *     worker   run: the handler ── mailbox_queue_in_loop ──▶ the loop's mailbox
 *     loop     run_reply: find the connection by its id; if it is gone, so is the work
 *
 * The exchange belongs to exactly one side at a time, so nothing in it is locked. But it exists
 * until the reply has come, or the loop has ended; so a connection that closes first can cancel the
 * job.
 */
#include "http_connection.h"

#include "connection_table.h"
#include "container_of.h"

#include <errno.h>

static void run_reply(struct mailbox_task *task)
{
    struct http_exchange *exchange = container_of(task, struct http_exchange, offload.reply);
    struct http_loop *loop = exchange->offload.loop;
    const struct tcp_connection *tcp =
        connection_table_find(loop->reactor->table, exchange->offload.connection_id);

    if (exchange->offload.waiting != NULL) {
        exchange->offload.waiting->offloaded = false;
    }
    if (tcp != NULL) {
        http_connection_reply(tcp_connection_context(tcp));
    } else if (exchange->offload.waiting == NULL) {
        http_loop_give_back(loop, exchange); /* the client has left; else it is about to */
    }
}

/* The loop has ended, and its http_loop is gone already. */
static void drop_reply(struct mailbox_task *task)
{
    http_exchange_destroy(container_of(task, struct http_exchange, offload.reply));
}

static void run_on_worker(struct worker_job *job, struct worker_pool *pool)
{
    struct http_exchange *exchange = container_of(job, struct http_exchange, offload.job);
    struct mailbox *mailbox = exchange->offload.mailbox;
    const struct http_route *route = exchange->offload.route;
    const struct http_context context = {.user = route->user, .workers = pool, .job = job};

    if (worker_cancelled(pool, job)) {
        http_response_error(&exchange->response, 503);
    } else {
        route->handler(&exchange->request, &exchange->response, &context);
    }
    if (mailbox_queue_in_loop(mailbox, &exchange->offload.reply) < 0) {
        http_exchange_destroy(exchange);
    }
    mailbox_unref(mailbox);
}

int http_offload(struct http_connection *http, const struct http_route *route)
{
    struct http_loop *loop = http->loop;
    struct http_exchange *exchange = http->exchange;

    if (loop->service->workers == NULL) {
        return -EAGAIN;
    }
    int result = http_exchange_own_request(exchange);
    if (result < 0) {
        return result;
    }
    exchange->offload.job = (struct worker_job){.run = run_on_worker};
    exchange->offload.reply = (struct mailbox_task){.run = run_reply, .drop = drop_reply};
    exchange->offload.loop = loop;
    exchange->offload.route = route;
    exchange->offload.connection_id = tcp_connection_id(http->tcp);
    exchange->offload.waiting = http;
    exchange->offload.mailbox = mailbox_ref(loop->reactor->mailbox);
    result = worker_pool_submit(loop->service->workers, &exchange->offload.job);
    if (result < 0) {
        mailbox_unref(loop->reactor->mailbox);
        return result;
    }
    http->offloaded = true;
    return 0;
}

void http_offload_cancel(struct http_connection *http)
{
    struct http_exchange *exchange = http->exchange;

    exchange->offload.waiting = NULL;
    http->exchange = NULL;
    http->offloaded = false;
    worker_pool_cancel_job(http->loop->service->workers, &exchange->offload.job);
}
