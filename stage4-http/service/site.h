/* site: the routes of the shipped server. */
#ifndef SITE_H
#define SITE_H

#include "router.h"
#include "static_files.h"
#include "status_page.h"

/*
 * GET /hello, GET /status, and for everything else the files of `files`, or without any (NULL) the
 * course's own page at /. Borrows all. Returns 0 or -ENOMEM.
 */
int site_add_routes(struct router *router, struct status_page *status, struct static_files *files);

#endif
