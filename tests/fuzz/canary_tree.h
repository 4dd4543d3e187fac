/*
 * canary_tree: a real folder to open files in, with ways out of it.
 *
 * Made at the first call, in $TMPDIR or /tmp, and removed when the process that made it exits. What
 * is inside is known by device and inode; a file outside, the canary, is where links and dots lead.
 */
#ifndef CANARY_TREE_H
#define CANARY_TREE_H

#include <stdbool.h>

/* The folder, as an O_PATH descriptor. The names in it are those of http.dict. */
int canary_tree_root(void);

/* Whether the open file is the folder or something in it. */
bool canary_tree_has(int fd);

#endif
