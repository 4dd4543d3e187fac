/*
 * tcp_connection: bytes in, bytes out, on one descriptor and one loop.
 *
 * Made by connection_table_adopt and freed by its table. A connection belongs to one loop from
 * adoption to close: every call below is made on that loop's thread (asserted), and no connection
 * has a lock.
 *
 *   reading   One read a turn, into a scratch buffer that all connections of the table share.
 *             on_bytes says how much it used; only what is left over is kept, and given again
 *             together with what comes next. The peer is not read while reading is paused, while
 *             too much input is left over, or while too much output waits.
 *   writing   send only appends. When the callback is over, everything it appended leaves in one
 *             write; what the kernel does not take waits in a buffer of the connection's own.
 *   pressure  Above the high-water mark of waiting output the peer is not read any more, until the
 *             output is down to the low-water mark: who does not read cannot make us keep bytes.
 *   ending    Memory and descriptor live until the end of the batch, so a callback may close its
 *             own connection, or another one, and return. After it only on_closed comes.
 */
#ifndef TCP_CONNECTION_H
#define TCP_CONNECTION_H

#include "event_loop.h"

#include <stddef.h>

struct connection_table;
struct tcp_connection;

/* A constant table, shared by all connections of a server. Callbacks marked * may be NULL. */
struct tcp_connection_callbacks {
    /* * Before anything else; may send, or refuse the connection by abort. */
    void (*on_open)(struct tcp_connection *connection);
    /*
     * All bytes not used so far; good until the callback returns, and its to scribble on. Returns
     * how many it used, 0 to `length`. What it leaves comes again with the next bytes, after
     * resume_reading, and when output pressure ends: not before.
     */
    size_t (*on_bytes)(struct tcp_connection *connection, char *bytes, size_t length);
    /* The peer will send nothing more, but may still read. Reading is off from here. */
    void (*on_eof)(struct tcp_connection *connection);
    /*
     * * After want_drained: the output is empty, and the socket most likely takes more (EAGAIN is
     * an answer; ask again then). Never from inside send.
     */
    void (*on_drained)(struct tcp_connection *connection);
    /*
     * * The server is ending, nothing waits in either direction and no byte moved for a moment:
     * close the connection unless something is still owed. NULL means close_after_flush. May come
     * several times.
     */
    void (*on_drain)(struct tcp_connection *connection);
    /* * Exactly once, whatever the reason, after the batch. The descriptor is still open. */
    void (*on_closed)(struct tcp_connection *connection);
};

/* In bytes, for each connection. */
struct connection_limits {
    size_t input_limit; /* input left over by on_bytes: at this much, reading stops */
    size_t output_high; /* waiting output: above this, reading stops, */
    size_t output_low;  /* and at this much or less it goes on */
};

/* clang-format off */
#define CONNECTION_LIMITS_DEFAULT \
    {.input_limit = 64 * 1024, .output_high = 256 * 1024, .output_low = 64 * 1024}
/* clang-format on */

/* Written by the loop's thread, readable by any. */
struct connection_counters {
    struct counter opened;
    struct counter closed;
    struct counter bytes_in;
    struct counter bytes_out;
};

/*
 * Appends to the output. Copies, so `bytes` may go away. Returns 0; -EPIPE when the connection is
 * closed or closing; -ENOMEM: then nothing was appended.
 */
int tcp_connection_send(struct tcp_connection *connection, const void *bytes, size_t length);

/*
 * What waits now is the beginning of something that goes on at once (a head before its file). The
 * kernel then waits for the rest instead of making a packet of it (MSG_MORE, send(2)). It does so
 * for 200 ms: the rest must be at hand.
 */
void tcp_connection_more_follows(struct tcp_connection *connection);

/* Whether waiting output is above the high-water mark: a good moment to stop producing. */
bool tcp_connection_congested(const struct tcp_connection *connection);

/*
 * Asks for one on_drained. Inside a callback it may come as soon as that callback's output is
 * written.
 */
void tcp_connection_want_drained(struct tcp_connection *connection);

/* Stops on_bytes and on_eof; resume also gives again, after this batch, what was left over. */
void tcp_connection_pause_reading(struct tcp_connection *connection);
void tcp_connection_resume_reading(struct tcp_connection *connection);

/* Reads nothing more and closes once all output is written. */
void tcp_connection_close_after_flush(struct tcp_connection *connection);

/* Closes at once; output that waits is dropped. The peer still gets what the kernel took before. */
void tcp_connection_abort(struct tcp_connection *connection);

/* How many bytes on_bytes has left over. */
size_t tcp_connection_left_over(const struct tcp_connection *connection);

/* How many bytes of output wait in the connection: sent by us, not taken by the kernel yet. */
size_t tcp_connection_unsent(const struct tcp_connection *connection);

/* How many bytes the kernel has taken so far, sendfile's (see count_sent) included. */
uint64_t tcp_connection_sent(const struct tcp_connection *connection);

/* For sendfile, shutdown, getpeername and the like; the connection goes on owning it. */
int tcp_connection_fd(const struct tcp_connection *connection);

/* Never reused within the table; the way for other threads to name a connection. */
uint64_t tcp_connection_id(const struct tcp_connection *connection);

/* What adopt was given as context, or set since. */
void *tcp_connection_context(const struct tcp_connection *connection);
void tcp_connection_set_context(struct tcp_connection *connection, void *context);

struct connection_table *tcp_connection_table(const struct tcp_connection *connection);

/* Counts bytes that left by another way than send (sendfile), so that the counters are true. */
void tcp_connection_count_sent(struct tcp_connection *connection, size_t bytes);

#endif
