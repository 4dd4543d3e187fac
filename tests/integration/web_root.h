/*
 * web_root: a folder of files for --root, with a secret beside it that must never be served.
 *
 *     FOLDER/secret.txt             "SECRET"
 *     FOLDER/root-too/secret.txt    the same; its name begins like that of the root
 *     FOLDER/root/                  index.html, files, links: see web_root.c
 *
 * Made once by main and removed by it, also when tests fail.
 */
#ifndef WEB_ROOT_H
#define WEB_ROOT_H

#include <stddef.h>

enum { WEB_ROOT_BIG = 20 << 20 };

/* Makes the folder. Ends the program with status 2 if it cannot. */
void web_root_create(void);
void web_root_remove(void);

/* FOLDER, where a test may write more; that is removed with the rest. */
const char *web_root_folder(void);

/* "--root=FOLDER/root". */
const char *web_root_option(void);

/* Whether these are the bytes of one of its binary files, from `position` on. */
int web_root_same(const void *bytes, size_t position, size_t length);

#endif
