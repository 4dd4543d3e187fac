/*
 * static_files: a handler that serves the regular files below one directory.
 *
 * A directory is redirected to its name with a slash, and then its index.html is served or, if
 * there is none, a listing. Names that begin with a dot do not exist, but for /.well-known/ (RFC
 * 8615). How one file is answered: file_answer.h.
 */
#ifndef STATIC_FILES_H
#define STATIC_FILES_H

#include "router.h"

struct static_files;

struct static_files_config {
    const char *root;
    bool listing; /* show what is in a directory that has no index.html; else that is 404 */
};

/* Opens the directory; borrows nothing. Returns 0 or -errno (-ENOTDIR, -ENOENT, -EACCES …). */
int static_files_create(const struct static_files_config *config, struct static_files **ret_files);

/* NULL is allowed. Not before every answer is out: the loops have ended. */
void static_files_destroy(struct static_files *files);

/*
 * For router_add, with the files as user. The request's path is the path below the root. On each
 * loop the handler keeps a file_cache.
 */
void static_files_handler(struct http_request *request, struct http_response *response,
                          const struct http_context *context);
void static_files_release_local(void *local);

#endif
