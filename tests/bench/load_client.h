/*
 * load_client: one of the connections that a load generator keeps busy.
 *
 * A client is given batches: that many requests in one piece. It connects if it is not connected,
 * sends them, counts the answers, and says when the batch is over; what comes next is decided by
 * whoever gave it the batch (load_traffic, load_crowd). A batch may outlive a connection: what a
 * server that announced its close left unanswered is asked again on a new one (RFC 9112, 9.3.2).
 *
 * On the loop's thread.
 */
#ifndef LOAD_CLIENT_H
#define LOAD_CLIENT_H

#include "answer_parser.h"
#include "connection_table.h"
#include "load_tally.h"
#include "load_target.h"

struct load_client;

/*
 * Who ends a connection after its batch? Whoever closes first has it in TIME_WAIT and loses the
 * port for a minute, so where HTTP lets the server do that, we wait for it. In a storm it has to be
 * us. An SO_LINGER of 0 would avoid TIME_WAIT by a reset; but then the server would see an error
 * instead of an end, which is another thing to measure.
 */
enum load_ending { LOAD_KEEPS, LOAD_SERVER_CLOSES, LOAD_WE_CLOSE };

/* What all clients of a run share. */
struct load_work {
    struct load_target target;
    struct connection_table *table;
    struct load_tally tally;
    const char *requests; /* as many in a row as a batch may have */
    size_t request_length;
    enum load_ending ending;
    /*
     * As answer_parser_feed: goes on to the end of one answer. *ret_used is 0 when it is called.
     */
    int (*use)(struct load_client *client, const char *bytes, size_t length, size_t *ret_used);
    /* The batch is over; `progress`: the connection it used last has brought an answer. */
    void (*on_over)(struct load_client *client, bool progress);
    uint64_t now_ns; /* read by each callback, once */
    size_t busy;     /* clients with a batch */
    bool ended;      /* nothing counts any more */
};

struct load_client {
    struct load_work *work;
    struct tcp_connection *connection; /* NULL: not connected */
    uint64_t *due_ns;                  /* of each request of the batch: latency counts from then */
    size_t count;                      /* the batch; all 0 if there is none */
    size_t answered;
    bool busy;
    struct load_client *next; /* in a list of the owner's */

    /* About the present connection. */
    uint64_t brought;      /* complete answers */
    bool server_closes;    /* it said so, or was asked to */
    bool failed;           /* by `fault`, found by us */
    enum load_fault fault; /* what a request without an answer is counted as */
    struct answer_parser parser;
    size_t echoed; /* bytes of the present answer */
};

/* Reads the clock (CLOCK_MONOTONIC). */
uint64_t load_clock_ns(void);

/* For work->use: HTTP answers; the bytes of the request itself. */
int load_client_use_http(struct load_client *client, const char *bytes, size_t length,
                         size_t *ret_used);
int load_client_use_echo(struct load_client *client, const char *bytes, size_t length,
                         size_t *ret_used);

/* Makes a socket that connects or is connected the client's. Owns it if it succeeds: 0 or -errno. */
int load_client_adopt(struct load_client *client, int fd);

/*
 * Starts a batch of `count` requests; due_ns was filled in. Returns false if no connection could be
 * opened: the requests are counted as failed, and the client has no batch.
 */
bool load_client_start(struct load_client *client, size_t count);

/* Counts what is unanswered as silence. For the end. */
void load_client_give_up(struct load_client *client);

#endif
