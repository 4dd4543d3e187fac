/*
 * beneath: opening a file below a directory, with no way out of it.
 *
 * openat2(2) with RESOLVE_BENEATH lets the kernel decide, at the moment it opens: no "..", absolute
 * link or race between a check and the use can leave the directory. Links that stay inside are
 * followed. Where the kernel or a sandbox has no openat2, each component is opened by itself and no
 * link is followed at all: stricter, never looser.
 */
#ifndef BENEATH_H
#define BENEATH_H

#include <stdbool.h>

/*
 * Opens `path`, relative to the directory `root_fd`, for reading; non-blocking, so that a FIFO
 * stops no loop. Returns the descriptor, owned by the caller, or -errno (-EXDEV: it leads out of
 * the root).
 */
int beneath_open(int root_fd, const char *path);

/* The fallback, on its own: for the tests, and for who wants to compare. The same contract. */
int beneath_open_by_component(int root_fd, const char *path);

#endif
