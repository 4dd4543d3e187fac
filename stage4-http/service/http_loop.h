/* http_loop: what all HTTP connections of one loop share. Private to service/. */
#ifndef HTTP_LOOP_H
#define HTTP_LOOP_H

#include "http_body.h"
#include "http_service.h"

/*
 * One request and its answer. Taken with the request's first byte, given back when the answer is
 * out.
 */
struct http_exchange {
    struct http_exchange *next; /* in the list of free ones */
    struct http_parser parser;
    struct http_body body;
    struct http_request request;
    struct http_response response;
    struct buffer head;    /* a copy of the head, if the body was not there with it */
    struct buffer content; /* the body, likewise, or if it was chunked */
    struct buffer path;
};

struct http_loop {
    const struct http_service *service;
    struct reactor *reactor;
    struct http_exchange *free_exchanges;
    size_t free_count;
    struct buffer head_text; /* the head of an answer, while it is put together */
    time_t date_second;
    char date_line[64]; /* "Date: …\r\nServer: …\r\n" */
    size_t date_length;
    struct http_counters counters;
};

/* Returns NULL when memory is short. */
struct http_exchange *http_loop_take_exchange(struct http_loop *loop);
void http_loop_give_back(struct http_loop *loop, struct http_exchange *exchange);

/* The lines of Date and Server, made anew once a second. */
struct http_span http_loop_date_line(struct http_loop *loop);

/*
 * Sends the head, and the body unless it comes from a source or must not be sent (HEAD). Returns 0
 * or -errno: then the connection is of no more use.
 */
int http_loop_send(struct http_loop *loop, struct tcp_connection *connection,
                   const struct http_exchange *exchange, bool keep_alive);

#endif
