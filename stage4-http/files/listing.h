/*
 * listing: a page with the names in a directory, for people.
 *
 * Shown is what would be served: files and directories, and links to such that stay below the root.
 * Not shown are names that begin with a dot.
 */
#ifndef LISTING_H
#define LISTING_H

#include "http_response.h"

/* A huge directory would hold up the loop: no more names are looked at, and the page says so. */
enum { LISTING_MOST = 1000 };

/*
 * Answers with the page of the directory `path`, which begins with a slash, at `root_fd`, and ends
 * with one. Returns 0 or -errno (-ENOMEM, or why it cannot be opened).
 */
int listing_answer(struct http_response *response, int root_fd, const char *path);

#endif
