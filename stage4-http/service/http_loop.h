/* http_loop: what all HTTP connections of one loop share. Private to service/. */
#ifndef HTTP_LOOP_H
#define HTTP_LOOP_H

#include "access_log.h"
#include "http_body.h"
#include "http_service.h"
#include "timer.h"
#include "worker_pool.h"

/*
 * One request and its answer. Taken with the request's first byte, given back when the answer is
 * out. While a worker has it, it belongs to the worker.
 */
struct http_exchange {
    struct http_exchange *next; /* in the list of free ones */
    struct http_parser parser;
    struct http_body body;
    struct http_request request;
    struct http_response response;
    struct buffer head;    /* a copy of the head, if it is needed longer than on_bytes lasts */
    struct buffer content; /* the body, likewise, or if it was chunked */
    struct buffer path;
    uint64_t body_mark; /* bytes of content when the present stretch of time began */
    bool answered;      /* the head of the answer is out */
    struct {
        struct worker_job job;     /* to the worker */
        struct mailbox_task reply; /* and back */
        struct mailbox *mailbox;   /* a reference */
        struct http_loop *loop;    /* only for who is on the loop */
        const struct http_route *route;
        uint64_t connection_id;
        struct http_connection *waiting; /* only for who is on the loop; NULL once it is closed */
    } offload;
};

struct http_loop {
    struct http_service *service;
    struct reactor *reactor;
    struct http_exchange *free_exchanges;
    size_t free_count;
    struct timer_wheel wheel;
    struct timer ticks;   /* moves the wheel's hand, while anything is in it */
    struct deferred step; /* does so, after the batch */
    bool ticking;
    void **locals;           /* what each route keeps here, by its number */
    struct buffer head_text; /* the head of an answer, while it is put together */
    time_t date_second;
    char date_line[64]; /* "Date: …\r\nServer: …\r\n" */
    size_t date_length;
    struct access_log_stream log_stream;
    struct timer_wheel_entry log_flush;
    char log_time[ACCESS_LOG_TIME_TEXT];
    struct http_counters counters;
};

/* Returns NULL when memory is short. */
struct http_exchange *http_loop_take_exchange(struct http_loop *loop);
void http_loop_give_back(struct http_loop *loop, struct http_exchange *exchange);
/* For an exchange whose loop is gone. Thread: the one that has it. */
void http_exchange_destroy(struct http_exchange *exchange);

/*
 * Copies head and body into the exchange's own buffers, unless they are there already: for who
 * needs them after on_bytes. Returns 0 or -ENOMEM.
 */
int http_exchange_own_request(struct http_exchange *exchange);

/* In milliseconds, of a clock that never goes back. */
uint64_t http_loop_now(void);
void http_loop_start_timer(struct http_loop *loop, struct timer_wheel_entry *entry,
                           uint64_t delay_ms);

/* The lines of Date and Server, made anew once a second. */
struct http_span http_loop_date_line(struct http_loop *loop);

/* Writes a line of the access log for an exchange that was answered. `address`: the client's. */
void http_loop_log(struct http_loop *loop, const struct http_exchange *exchange,
                   struct http_span address);

/*
 * Sends the head, and the body unless it comes from a source or must not be sent (HEAD). Returns 0
 * or -errno: then the connection is of no more use.
 */
int http_answer_send(struct http_loop *loop, struct tcp_connection *connection,
                     const struct http_exchange *exchange, bool keep_alive);

#endif
