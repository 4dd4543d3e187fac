/*
 * recorder: a connection whose callbacks write down what happens to it, and its peer.
 *
 * A test sets what a callback does besides (NULL: nothing; on_bytes then uses all bytes) and adopts
 * one end of a pair; the other end is `peer`. Loop and table are made by recorder_setup, a checked
 * fixture; recorder_teardown closes the connections that are left.
 */
#ifndef RECORDER_H
#define RECORDER_H

#include "connection_table.h"

#include <stdbool.h>

enum { RECORDED = 4096 };

struct recorder {
    void (*on_open)(struct recorder *recorder);
    size_t (*on_bytes)(struct recorder *recorder, char *bytes, size_t length);
    void (*on_eof)(struct recorder *recorder);
    void (*on_drained)(struct recorder *recorder);
    void (*on_drain)(struct recorder *recorder);
    void (*on_closed)(struct recorder *recorder);
    struct recorder *other;            /* for callbacks that act on another connection */
    struct tcp_connection *connection; /* NULL again once it is closed */
    uint64_t id;
    int peer;
    int opens;
    int deliveries; /* calls of on_bytes */
    int eofs;
    int draineds;
    int drains;
    int closes;
    size_t given; /* the length that the last on_bytes was given */
    size_t used;  /* all bytes that on_bytes has used; the first ones are in `bytes` */
    char bytes[RECORDED];
};

extern struct event_loop *recorder_loop;
extern struct connection_table *recorder_table;
extern int recorder_removed; /* calls of the table's on_removed */

extern const struct tcp_connection_callbacks recorder_callbacks;

/* On poll, with small limits: 1,000 bytes of input; high water 4,000, low water 1,000 bytes of
 * output. */
void recorder_setup(void);
void recorder_setup_on(const struct event_dispatcher *dispatcher);
void recorder_teardown(void);

/* Replaces the table, which must be empty, by one of other limits. */
void recorder_limit(size_t input_limit, size_t output_high, size_t output_low);

/* Each opens a pair (see sockets.h) and has the table adopt one end. */
void adopt_stream(struct recorder *recorder);
void adopt_packets(struct recorder *recorder);
void adopt_tcp(struct recorder *recorder);

/* The connection sends a text; the send must be taken. */
void say(struct recorder *recorder, const char *text);

/* The peer sends a text, waits for exactly this text, or finds that nothing is there. */
void peer_says(const struct recorder *recorder, const char *text);
void peer_hears(const struct recorder *recorder, const char *text);
void peer_hears_nothing(const struct recorder *recorder);

/* What on_bytes has used so far is exactly this text. */
void assert_used(const struct recorder *recorder, const char *text);

/* Closed once, gone from the table, descriptor closed. */
void assert_gone(const struct recorder *recorder, int fd);

#endif
