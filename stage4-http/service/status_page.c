#include "status_page.h"

#include "access_log.h"
#include "http_service.h"
#include "thread_pool.h"
#include "worker_pool.h"

#include <inttypes.h>

/* Index 0 is the main reactor; without threads it is also the only one of the pool. */
static struct reactor *listed_reactor(struct thread_pool *pool, size_t index)
{
    return index == 0 ? thread_pool_main_reactor(pool) : thread_pool_reactor(pool, index - 1);
}

static int append_counter(struct buffer *json, const char *name, const struct counter *counter)
{
    return buffer_printf(json, ",\"%s\":%" PRIu64, name, counter_read(counter));
}

static int append_name(struct buffer *json, size_t index)
{
    return index == 0 ? buffer_printf(json, "{\"name\":\"main-reactor\"")
                      : buffer_printf(json, "{\"name\":\"sub-reactor-%zu\"", index - 1);
}

static int append_loop(struct buffer *json, const struct reactor *reactor, size_t index)
{
    const struct event_loop_counters *loop = event_loop_counters(reactor->loop);
    const struct connection_counters *connections = connection_table_counters(reactor->table);
    const struct mailbox_counters *mailbox = mailbox_counters(reactor->mailbox);
    const struct http_counters *http = http_service_counters(reactor);
    const struct {
        const char *name;
        const struct counter *counter;
    } rows[] = {
        {"iterations", &loop->iterations},
        {"events", &loop->events},
        {"busy_ns", &loop->busy_ns},
        {"waiting_ns", &loop->waiting_ns},
        {"wakeups", &mailbox->wakeups},
        {"tasks", &mailbox->tasks},
        {"pending_high", &mailbox->pending_high},
        {"opened", &connections->opened},
        {"closed", &connections->closed},
        {"bytes_in", &connections->bytes_in},
        {"bytes_out", &connections->bytes_out},
        {"requests", &http->requests},
        {"responses", &http->responses},
        {"errors", &http->errors},
        {"timeouts", &http->timeouts},
    };
    size_t load = reactor->load != NULL ? loop_load_connections(reactor->load) : 0;
    int result = append_name(json, index);

    if (result == 0) {
        result = buffer_printf(json, ",\"connections\":%zu", load);
    }
    for (size_t i = 0; result == 0 && i < sizeof rows / sizeof rows[0]; i++) {
        result = append_counter(json, rows[i].name, rows[i].counter);
    }
    return result < 0 ? result : buffer_append(json, "}", 1);
}

static int append_status(struct buffer *json, const struct status_page *page,
                         const struct reactor *reactor)
{
    const struct http_service *service = page->service;
    size_t listed = 1 + (size_t)page->threads;
    size_t answered_by = 0;

    for (size_t i = 0; i < listed; i++) {
        answered_by = listed_reactor(reactor->pool, i) == reactor ? i : answered_by;
    }
    int result = buffer_printf(
        json,
        "{\"server\":\"%s\",\"version\":\"%s\",\"dispatcher\":\"%s\",\"wakeup\":\"%s\","
        "\"policy\":\"%s\",\"threads\":%ld,\"open_connections\":%zu,\"workers_busy\":%zu,"
        "\"log_lines_dropped\":%" PRIu64 ",\"answered_by\":%zu,\"loops\":[",
        page->program, REACTOR_LAB_VERSION, page->dispatcher, page->wakeup, page->policy,
        page->threads, atomic_load(&service->connections),
        service->workers != NULL ? worker_pool_busy(service->workers) : 0,
        service->log != NULL ? access_log_dropped(service->log) : 0, answered_by);
    for (size_t i = 0; result == 0 && i < listed; i++) {
        result = i > 0 ? buffer_append(json, ",", 1) : 0;
        if (result == 0) {
            result = append_loop(json, listed_reactor(reactor->pool, i), i);
        }
    }
    return result < 0 ? result : buffer_append(json, "]}\n", 3);
}

void status_page_handler(struct http_request *request, struct http_response *response,
                         const struct http_context *context)
{
    struct buffer json = {0};

    (void)request;
    if (append_status(&json, context->user, context->reactor) < 0) {
        http_response_error(response, 503);
    } else {
        http_response_add_field(response, "Cache-Control", "no-store");
        http_response_copy(response, "application/json", buffer_data(&json), json.length);
    }
    buffer_release(&json);
}
