/*
 * connection_table: owns the connections of one loop.
 *
 * On the loop's thread. Each connection has an id of 64 bits that is never used again: a descriptor
 * number is reused within microseconds, so it says nothing about who is behind it. Whoever lives on
 * another thread, or comes later, names a connection by its id and asks `find`.
 */
#ifndef CONNECTION_TABLE_H
#define CONNECTION_TABLE_H

#include "tcp_connection.h"

struct connection_table;

struct connection_table_config {
    struct connection_limits limits;
    void *context; /* borrowed; see connection_table_context */
    /* May be NULL. A connection's descriptor has been closed: the place to lower a load count. */
    void (*on_removed)(void *context);
};

/* Returns 0 or -ENOMEM. */
int connection_table_create(struct event_loop *loop, const struct connection_table_config *config,
                            struct connection_table **ret_table);

/* Closes what is left, with on_closed for each. Outside of event_loop_run. NULL is allowed. */
void connection_table_destroy(struct connection_table *table);

/*
 * Makes a connection of `fd`, which must be non-blocking, and owns it if it succeeds. `callbacks`
 * is borrowed as long as the connection lives. Returns 0 or -errno: -ENOMEM, or what the dispatcher
 * said (-ERANGE: select cannot watch so high a descriptor). ret_id may be NULL.
 */
int connection_table_adopt(struct connection_table *table, int fd,
                           const struct tcp_connection_callbacks *callbacks, void *context,
                           uint64_t *ret_id);

/* Returns NULL if the connection is closed or never was. */
struct tcp_connection *connection_table_find(const struct connection_table *table, uint64_t id);

/* Aborts every connection; they are gone after the batch. */
void connection_table_close_all(struct connection_table *table);

/*
 * One step of ending in order: every connection on which no byte moved since the last step, and for
 * which nothing waits, gets on_drain. From the first step on connection_table_draining is true. See
 * drain.h for the steps.
 */
void connection_table_drain_quiet(struct connection_table *table);
bool connection_table_draining(const struct connection_table *table);

size_t connection_table_count(const struct connection_table *table);
struct event_loop *connection_table_loop(const struct connection_table *table);
void *connection_table_context(const struct connection_table *table);

/* Thread: any. */
const struct connection_counters *connection_table_counters(const struct connection_table *table);

#endif
