/*
 * moved_memory: input that ends where memory ends, and that is somewhere else at each call.
 *
 * The bytes are put right in front of a page that cannot be read, so that looking one byte too far
 * is a crash. Each call takes another place and makes the one before unreadable: code that kept a
 * pointer where it should have kept an offset crashes, too.
 */
#ifndef MOVED_MEMORY_H
#define MOVED_MEMORY_H

#include <stddef.h>

enum { MOVED_MEMORY_MOST = 64 * 1024 };

/* A copy of the bytes, at most MOVED_MEMORY_MOST; good until the next call. */
const char *moved_memory(const void *bytes, size_t length);

#endif
