/*
 * allocator: where an answer gets its memory from, if its contract says so.
 *
 * The code under test calls through the table, as it would call malloc and free; the grader counts
 * what it asks for, and lets it fail. Programs that are no grader pass one that calls malloc.
 */
#ifndef ALLOCATOR_H
#define ALLOCATOR_H

#include <stddef.h>

struct allocator {
    /*
     * Returns `size` bytes (at least 1) aligned for any type, or NULL if there are none. They are
     * not zeroed.
     */
    void *(*allocate)(struct allocator *allocator, size_t size);
    /* Takes back a block of allocate, once. NULL is allowed. */
    void (*release)(struct allocator *allocator, void *block);
};

enum { ALLOCATOR_NEVER_FAILS = -1 };

/*
 * For graders: an allocator that counts. What it hands out is full of garbage, and so is what it
 * has taken back. A block that is not its own, or is given back twice, fails the check. Thread: the
 * check's.
 */
struct counting_allocator {
    struct allocator allocator;
    size_t blocks;     /* that are out now */
    size_t bytes;      /* in them */
    size_t most_bytes; /* the most that were out at once; the check may set it back */
    size_t requests;   /* calls of allocate so far, refused ones included */
    size_t requested;  /* the bytes asked for in them */
    long remaining;    /* so many more calls succeed; or ALLOCATOR_NEVER_FAILS */
};

void counting_allocator_init(struct counting_allocator *counting);

#endif
