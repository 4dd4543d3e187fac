/*
 * guarded: bytes that cannot be read, or written, beyond their ends.
 *
 * A parser that looks one byte too far is right nearly always: there is some byte. Here there is
 * none, because the bytes lie between two pages that are not there. Whoever steps over an end fails
 * the check, with `rule` as the reason. It sees the first byte beyond an end in every build.
 *
 * One piece at a time: the next copy takes the place of the last, whose bytes are overwritten; so
 * an answer that keeps a pointer to them reads nonsense. Thread: the check's.
 */
#ifndef GUARDED_H
#define GUARDED_H

#include <stddef.h>

enum { GUARDED_MOST = 1 << 16 };

enum guarded_side {
    GUARDED_END,   /* the first byte behind the piece is not there */
    GUARDED_START, /* the last byte before it is not there; behind it there is nonsense */
    GUARDED_SIDES,
};

/*
 * Copies at most GUARDED_MOST bytes and returns where they are now, which may be written to. The
 * copy of no bytes cannot be read at all. `rule` is borrowed: what an answer breaks that oversteps.
 */
char *guarded_copy(const void *bytes, size_t length, enum guarded_side side, const char *rule);

#endif
