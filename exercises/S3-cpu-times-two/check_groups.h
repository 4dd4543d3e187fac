/*
 * check_groups: a tree of control groups, made of plain folders and files.
 *
 * It stands for what is mounted at /sys/fs/cgroup. Each check has a tree of its own; all of them
 * are in one temporary folder, which the grader's main removes. Thread: the check's.
 */
#ifndef CHECK_GROUPS_H
#define CHECK_GROUPS_H

/* For main: makes the temporary folder, and removes it with all that is in it. */
void groups_create_folder(void);
void groups_remove_folder(void);

/* Around each check: begins an empty tree; forgets it. */
void groups_begin(void);
void groups_end(void);

/* Where the tree is mounted, for the answer. Good until groups_end. */
const char *groups_mount(void);

/* Makes a group ("/" is the root of the tree) and those above it; `text` is its cpu.max. */
void groups_set(const char *group, const char *text);

/* The same with a folder in place of the file: it can be opened, and never be read. */
void groups_set_unreadable(const char *group);

/* A cpu.max in the folder that the tree stands in: outside of the tree, so nobody's limit. */
void groups_set_outside(const char *text);

#endif
