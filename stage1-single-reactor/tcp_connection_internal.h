/*
 * tcp_connection_internal: what only tcp_connection.c and connection_table.c may know.
 *
 * The table makes connections and frees them; the connection uses the table's scratch buffers. Both
 * know this file, and neither calls the other in a circle: the connection reports its end by
 * on_destroy.
 */
#ifndef TCP_CONNECTION_INTERNAL_H
#define TCP_CONNECTION_INTERNAL_H

#include "buffer.h"
#include "tcp_connection.h"

/* One read takes at most this much: large enough for throughput, small enough to be fair. */
enum { SCRATCH_BYTES = 64 * 1024 };

/* What all connections of one table share; embedded in the table. */
struct connection_owner {
    struct event_loop *loop;
    struct connection_table *table;
    struct connection_limits limits;
    struct connection_counters counters;
    void (*on_destroy)(struct connection_owner *owner, struct tcp_connection *connection);
    struct tcp_connection *current; /* the one whose callback is running, or NULL */
    char *scratch_input;            /* SCRATCH_BYTES */
    struct buffer scratch_output;   /* what `current` has sent in this callback */
};

struct tcp_connection {
    struct channel channel;
    struct deferred turn; /* later in this batch: settle, or if closed, die */
    struct connection_owner *owner;
    const struct tcp_connection_callbacks *callbacks;
    void *context;
    struct buffer input;  /* left over by on_bytes */
    struct buffer output; /* not taken by the kernel yet */
    uint64_t id;
    uint64_t sent;               /* bytes */
    struct tcp_connection *next; /* in the table's bucket */
    bool eof;                    /* the peer's end was seen */
    bool paused;                 /* by pause_reading */
    bool congested;              /* output was above high water, and is not yet below low water */
    bool redeliver;              /* give the left-over input again, though nothing new came */
    bool wants_drained;
    bool more_follows; /* the next write is not the end of what is said */
    bool closing;      /* close_after_flush */
    bool closed;
    bool active; /* a byte came or went since the last look (connection_table_drain_quiet) */
};

/*
 * Registers with the loop and calls on_open. Returns 0, or -errno: fd and memory are still the
 * caller's.
 */
int tcp_connection_start(struct tcp_connection *connection);

#endif
