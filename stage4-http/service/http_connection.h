/* http_connection: the state of one connection. Private to service/. */
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include "http_loop.h"

enum http_phase { READING_HEAD, READING_BODY, WORKING, ANSWERING, LINGERING };

struct http_connection {
    struct http_loop *loop;
    struct tcp_connection *tcp;
    struct http_exchange *exchange; /* NULL between requests */
    enum http_phase phase;
    bool turned_away;  /* one too many: counted apart from the others */
    bool keep_alive;   /* after the answer in progress */
    bool may_send;     /* and if not: may the client still be sending? */
    bool eof;          /* the client has sent all it will send */
    bool offloaded;    /* WORKING: a worker has the exchange */
    bool shut;         /* LINGERING: our side is shut down */
    bool limit_is_old; /* another time limit holds from here: set it when the callback is over */
    uint32_t requests; /* so far */
    uint64_t since;    /* LINGERING: when our side was shut down, in ms */
    char *address;     /* the client's, for the log; NULL until it is needed */
    /* For http_time_limits.c. The last two are bytes, when the present stretch of time began: */
    struct timer_wheel_entry limit;   /* for what the client must send */
    struct timer_wheel_entry reading; /* for what it must take; in the wheel while output waits */
    uint64_t taken;                   /* of output the client had taken */
    uint64_t offered;                 /* of output were there to be taken */
};

/*
 * From bytes to handlers, in http_input.c. Takes one step with the bytes behind *used: a head, a
 * body or a part of them. Returns whether another step may be possible.
 */
bool http_connection_step(struct http_connection *http, char *bytes, size_t length, size_t *used);

/* From handlers to bytes, in http_output.c. */

/* Goes over to another phase; its time limit begins with renew_time_limits. */
void http_connection_enter(struct http_connection *http, enum http_phase phase);

/* To be called when a callback is over, and not at each change: a batch of requests is one change. */
void http_connection_renew_time_limits(struct http_connection *http);

/* Sends the response of the exchange, or its head if a source is to follow. */
void http_connection_answer(struct http_connection *http);

/*
 * For what loses the framing: nobody knows where the next request starts. Answers with an error,
 * and then the connection ends.
 */
void http_connection_refuse(struct http_connection *http, int status);

/* Has the source of the response send some more. */
void http_connection_produce(struct http_connection *http);

/* Half a close says "that was my last request": what came before it is still answered. */
void http_connection_after_eof(struct http_connection *http);

/* The client has sent its last, and nothing is being made: what is out by then is all it gets. */
void http_connection_end(struct http_connection *http);

/* Closes at once. Nothing more is parsed, not even what this delivery still holds. */
void http_connection_cut_off(struct http_connection *http);

/* The connection is closed, and no worker has its exchange: gives that back, finished or not. */
void http_connection_drop_exchange(struct http_connection *http);

/* The answer of a worker is in the exchange. */
void http_connection_reply(struct http_connection *http);

/* To workers and back, in http_offload.c. */

/*
 * Hands the complete request of the exchange to a worker, who calls the route's handler. From here
 * to http_connection_reply the exchange is the worker's. Returns 0, or -errno: nothing has changed.
 */
int http_offload(struct http_connection *http, const struct http_route *route);

/* The connection is closed before the reply has come: the handler is asked to end. */
void http_offload_cancel(struct http_connection *http);

enum time_limit_verdict {
    TIME_LEFT,      /* the next stretch has begun */
    TIME_UP_QUIET,  /* nothing is owed to anybody: close */
    TIME_UP_ANSWER, /* 408 */
    TIME_UP_CUT,    /* the client does not read, so nothing can be said either */
};

/* In http_time_limits.c, as are the next three: starts the limit that fits the phase. */
void http_time_limit_set(struct http_connection *http);

/* Sees to it that the client is watched while output waits for it. */
void http_time_limit_watch_reader(struct http_connection *http);

/* `limit` or `reading` has expired. They start the next stretch unless it is over for good. */
enum time_limit_verdict http_time_limit_judge(struct http_connection *http);
enum time_limit_verdict http_time_limit_judge_reader(struct http_connection *http);

#endif
