/*
 * file_tree: a folder of files for tests of what serves files.
 *
 * Made and removed by unchecked fixtures, in the process that outlives the tests, so that a test
 * that fails leaves nothing behind. Names are relative to the tree.
 */
#ifndef FILE_TREE_H
#define FILE_TREE_H

#include <stddef.h>

void file_tree_create(void);
void file_tree_remove(void);

void file_tree_folder(const char *name);
void file_tree_file(const char *name, const void *bytes, size_t length);
void file_tree_text(const char *name, const char *text);
void file_tree_link(const char *name, const char *target);
void file_tree_fifo(const char *name);

/* The name with the tree's absolute path, without symbolic links, in front of it; good for the next
 * three calls. */
const char *file_tree_path(const char *name);

#endif
