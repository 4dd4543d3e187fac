/*
 * static_files: a handler that serves the regular files below one directory.
 *
 * A directory is redirected to its name with a slash, and then its index.html is served. Small
 * files are read at once and leave with the head in one write; larger ones go from file to socket
 * by sendfile(2), a bounded piece a turn.
 */
#ifndef STATIC_FILES_H
#define STATIC_FILES_H

#include "router.h"

struct static_files;

/* Opens the directory. Returns 0 or -errno (-ENOTDIR, -ENOENT, -EACCES …). */
int static_files_create(const char *root, struct static_files **ret_files);

/* NULL is allowed. Not before every answer is out: the loops have ended. */
void static_files_destroy(struct static_files *files);

/* For router_add, with the files as user. The request's path is the path below the root. */
void static_files_handler(struct http_request *request, struct http_response *response,
                          const struct http_context *context);

#endif
