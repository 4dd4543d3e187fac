/*
 * edge_reader: reads from many descriptors that epoll reports edge-triggered, and lets none of them
 * have more than its share of a turn.
 *
 * The functions are the exercise; README.md has the contract. Thread: one, the reader's own.
 */
#ifndef EDGE_READER_H
#define EDGE_READER_H

#include <stdbool.h>
#include <stddef.h>

struct edge_reader;

/* Embedded in its owner. The reader borrows it from a successful add until it calls on_end. */
struct source {
    int fd; /* non-blocking; the reader never closes it */

    /* `length` is 1 or more; the bytes are good until the function returns. */
    void (*on_bytes)(struct source *source, const char *bytes, size_t length);

    /* The end of the stream (error 0), or the errno of a failed read. The last call. */
    void (*on_end)(struct source *source, int error);

    /* For the reader alone; NULL and false before add. Use them or not. */
    struct source *next;
    bool queued;
};

/* Each source gets at most `budget` bytes a turn, 1 or more. Returns 0 or -errno. */
int edge_reader_create(size_t budget, struct edge_reader **ret_reader);

/* Sources that are left are forgotten. */
void edge_reader_destroy(struct edge_reader *reader);

/* Returns 0, or -errno: then nothing is registered. */
int edge_reader_add(struct edge_reader *reader, struct source *source);

/*
 * Waits once: for at most timeout_ms (-1: for ever), or not at all if there is something left to
 * read. Then serves everybody who has something to read. Returns 0, or the -errno of a failed wait.
 */
int edge_reader_turn(struct edge_reader *reader, int timeout_ms);

#endif
